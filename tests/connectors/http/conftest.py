"""An API on the loopback, and sources that declare it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.http import Http
from connectors.http.settings import HttpSettings
from okr_sync.connector import Checkpoint, Context, Page, Record, Rejection
from tests.loopback import Loopback, loopback

NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
DATE = {"Date": "Wed, 18 Nov 2026 03:30:00 GMT"}
"""The API's clock is half an hour ahead of ours."""
FIELDS = {"id": "text", "stars": "number"}


@dataclass
class Api:
    server: Loopback

    @contextmanager
    def connector(self, stream: dict[str, Any] | None, **source: Any) -> Iterator[Http]:
        written: dict[str, Any] = {"connector": "http", "url": self.server.url, **source}
        if stream is not None:
            written["streams"] = {"reviews": {"path": "/reviews", "key": "id", "fields": FIELDS, **stream}}
        settings = HttpSettings.model_validate(written)
        with Http(settings, Context("shop", Path(), ZoneInfo("Asia/Ho_Chi_Minh"), lambda: NOW)) as connector:
            yield connector

    def pages(
        self, stream: dict[str, Any] | None, checkpoint: Checkpoint | None = None, name: str = "reviews", **source: Any
    ) -> list[Page]:
        with self.connector(stream, **source) as connector:
            offered = {one.name: one for one in connector.connect()}
            return list(connector.read(offered[name], checkpoint))

    def records(self, stream: dict[str, Any] | None = None, **source: Any) -> list[Record]:
        return [one for page in self.pages(stream, **source) for one in page.records]

    def ids(self, stream: dict[str, Any]) -> list[object]:
        return [one.fields["id"] for one in self.records(stream)]

    def only_value(self, stream: dict[str, Any], name: str) -> object:
        (record,) = self.records(stream)
        return record.fields[name]

    def rejected(self, stream: dict[str, Any]) -> list[Rejection]:
        return [one for page in self.pages(stream) for one in page.rejected]


@pytest.fixture
def api() -> Iterator[Api]:
    with loopback() as server:
        yield Api(server)
