"""What is sent to MySQL and MariaDB, as far as it can be seen without one: no MySQL runs in these tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from connectors.sql.address import parse_address
from connectors.sql.cursor import Cursor, zone_of
from connectors.sql.description import Column, describe
from connectors.sql.engines import ENGINES, Engine, Reason
from connectors.sql.faults import SqlFaults
from connectors.sql.relation import relation_of
from connectors.sql.selection import Selection
from connectors.sql.settings import SqlStream
from tests.connectors.sql.conftest import HANOI

MYSQL = ENGINES["mysql"]
STREAM = SqlStream.model_validate({"table": "shop.visits", "key": ["id", "order"], "version_at": "updated_at"})


def columns(kind: int) -> tuple[Column, ...]:
    """The columns as the driver describes them, `updated_at` by the code `kind`."""
    assert MYSQL.type_of is not None
    codes = {"id": 8, "order": 253, "updatedAt": kind}
    return describe("visits", STREAM, [(name, MYSQL.type_of(code)) for name, code in codes.items()], HANOI)


def sent(statement: sa.ClauseElement) -> str:
    compiled = statement.compile(dialect=mysql.dialect(), compile_kwargs={"literal_binds": True})
    return " ".join(str(compiled).split())


def selection(kind: int) -> tuple[Selection, Cursor]:
    found = columns(kind)
    cursor = Cursor(found[2].sql, found[2].field.type, zone_of(found[2].wall, HANOI, lambda: None))
    return Selection(relation_of("visits", STREAM, MYSQL), found, STREAM.key), cursor


@pytest.mark.parametrize(
    ("code", "bound"),
    [
        (7, "2026-10-01 00:00:00"),  # TIMESTAMP: in UTC, as the session is
        (12, "2026-10-01 07:00:00"),  # DATETIME: the stream's wall clock
    ],
)
def test_changes_since_a_time(code: int, bound: str) -> None:
    """Names are quoted, keys compared as texts, the bound written on the clock that the column shows."""
    wanted, cursor = selection(code)
    since = cursor.expression >= cursor.at(datetime(2026, 10, 1, tzinfo=UTC))
    assert sent(wanted.changes(cursor, since)) == (
        "SELECT id, `order`, `updatedAt`, `updatedAt` AS okr_place_0, CAST(id AS CHAR) AS okr_place_1,"
        " CAST(`order` AS CHAR) AS okr_place_2 FROM shop.visits"
        f" WHERE `updatedAt` >= '{bound}'"
        " ORDER BY `updatedAt`, CAST(id AS CHAR), CAST(`order` AS CHAR)"
    )


def test_rest_of_a_read_that_was_cut() -> None:
    """Cursor, then each part of the key."""
    wanted, cursor = selection(12)
    assert sent(wanted.not_before(cursor, ("2026-10-01T07:00:00.000001", "7", "a"))) == (
        "`updatedAt` >= '2026-10-01 07:00:00.000001' AND (`updatedAt` > '2026-10-01 07:00:00.000001'"
        " OR CAST(id AS CHAR) > '7' OR CAST(id AS CHAR) = '7' AND CAST(`order` AS CHAR) >= 'a')"
    )


@pytest.mark.parametrize(
    ("name", "timeout"), [("mysql", "max_execution_time = 90000"), ("mariadb", "max_statement_time = 90.0")]
)
def test_session_only_reads(name: str, timeout: str) -> None:
    """A snapshot that can only be read, in UTC, with a limit in the unit of each: https://mariadb.com/kb/en/aborting-statements/"""
    engine: Engine = ENGINES[name]
    assert engine.opening == ("SET SESSION time_zone = '+00:00'",)
    assert engine.snapshot == ("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",)
    assert engine.timeout is not None
    assert engine.timeout(timedelta(seconds=90)) == f"SET SESSION {timeout}"


class OperationalError(Exception):
    """As drivers of MySQL raise it: a number and a text."""


@pytest.mark.parametrize(
    ("number", "reason"),
    [(1045, Reason.REFUSED), (1142, Reason.REFUSED), (1049, Reason.MISMATCH), (1146, Reason.MISMATCH),
     (1054, Reason.MISMATCH), (3024, Reason.TOO_LONG), (2003, Reason.AWAY), (2013, Reason.AWAY), (1205, Reason.AWAY)],
)  # fmt: skip
def test_errors_by_their_numbers(number: int, reason: Reason) -> None:
    """The numbers of PyMySQL's ER and CR; the text without the number is shown."""
    address = parse_address("crm", "mysql://lan:s3cr3t@db/crm", Path())
    faults = SqlFaults("crm", address)
    error = OperationalError(number, "Something about 's3cr3t'")
    assert faults.reason(error) == reason
    assert str(faults.of(error, "stream visits")).startswith(
        "source crm: stream visits: mysql://lan@db/crm: Something about '***'; "
    )


def test_zone_of_utc_reads_as_it_is_compared() -> None:
    """A TIMESTAMP comes without a zone, and is UTC all the same."""
    at = columns(7)[2]
    assert at.read(datetime(2026, 10, 1)) == datetime(2026, 10, 1, tzinfo=ZoneInfo("UTC"))  # noqa: DTZ001 - so it comes
    assert columns(12)[2].read(datetime(2026, 10, 1, 7)) == datetime(2026, 10, 1, tzinfo=UTC)  # noqa: DTZ001 - as above
