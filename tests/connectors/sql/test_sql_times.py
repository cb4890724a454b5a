"""Times with a zone and without: compared in the database, read here."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from connectors.sql.cursor import Cursor, zone_of
from connectors.sql.engines import Wall
from okr_sync.connector import FieldType, SettingsError
from tests.connectors.sql.conftest import HANOI, Crm, ids

BERLIN = ZoneInfo("Europe/Berlin")
"""Goes back from 03:00 to 02:00 on 25 October 2026, at 01:00 UTC; forward on 29 March 2026."""
WALL = {"sqlite": "DATETIME", "duckdb": "TIMESTAMP", "postgresql": "TIMESTAMP"}
BY_TIME = {"version_at": "at"}


def make(crm: Crm, kind: str, *times: str) -> None:
    crm.write(f'CREATE TABLE visits (id INTEGER, "at" {kind})')
    crm.write(*(f"INSERT INTO visits VALUES ({number}, '{at}')" for number, at in enumerate(times, start=1)))


def only(crm: Crm, checkpoint: dict[str, str], **stream: object) -> list[object]:
    """What a read gives; of SQLite, without what it gives for safety: its texts might be times of UTC."""
    return [one for one in ids(crm.pages(checkpoint, **stream)) if crm.server.kind != "sqlite" or one != 1]


def since(text: str) -> dict[str, str]:
    return {"since": f"{text}+00:00"}


def test_times_without_a_zone_are_the_streams(crm: Crm) -> None:
    """They are compared and read in the stream's zone, else in the project's."""
    make(crm, WALL[crm.server.kind], "2026-10-01 06:59:59", "2026-10-01 07:00:00")
    assert only(crm, since("2026-10-01T00:00:00"), **BY_TIME) == [2], "Hanoi is seven hours ahead"
    assert crm.read(**BY_TIME)[1]["at"] == datetime(2026, 10, 1, tzinfo=UTC)
    berlin = {**BY_TIME, "timezone": "Europe/Berlin"}
    assert only(crm, since("2026-10-01T05:00:00"), **berlin) == [2], "and Berlin two, in summer"
    assert crm.read(**berlin)[1]["at"] == datetime(2026, 10, 1, 5, tzinfo=UTC)


def test_times_with_a_zone_are_instants(crm: Crm) -> None:
    """The zone of the stream does not touch them."""
    make(crm, "{instant}", "2026-10-01 06:59:59.999+07:00", "2026-10-01 02:00:00+02:00")
    crm.zone = BERLIN
    assert [one["at"] for one in crm.read(**BY_TIME)] == [
        datetime(2026, 9, 30, 23, 59, 59, 999_000, tzinfo=UTC),
        datetime(2026, 10, 1, tzinfo=UTC),
    ]
    assert only(crm, since("2026-10-01T00:00:00"), **BY_TIME) == [2]


def test_instants_in_an_hour_that_comes_twice(crm: Crm) -> None:
    """They are compared as instants, though the session's own clock goes back just then."""
    make(crm, "{instant}", "2026-10-25 00:20:00+00:00", "2026-10-25 00:40:00+00:00")
    assert only(crm, since("2026-10-25T00:30:00"), **BY_TIME) == [2]


def test_texts_of_all_forms_in_one_column(sqlite: Crm) -> None:
    """SQLite keeps times as texts. None is lost by its form: with T or a blank, with an offset, Z or neither."""
    make(
        sqlite,
        "DATETIME",
        "2026-10-01T00:00:00Z",
        "2026-10-01 00:00:01.500+00:00",
        "2026-10-01T09:00:00+09:00",
        "2026-10-01 07:00:00",
        "2026-10-01T07:00",
        "2026-09-30T23:59:59.999Z",
        "2026-09-30 16:00:00",
    )
    found = ids(sqlite.pages(since("2026-10-01T00:00:00"), **BY_TIME))
    assert set(found) >= {1, 2, 3, 4, 5}
    assert 7 not in found


def test_texts_that_are_no_times_are_rejected(sqlite: Crm) -> None:
    """A cursor that SQLite cannot read would never come again."""
    make(sqlite, "DATETIME", "soon", "2026-10-01 08:00:00")
    assert sqlite.read(**BY_TIME)[0]["id"] == 2
    assert sqlite.rejected(**BY_TIME)[0].startswith("1 row, one of them id 1: at is empty or no time")


@pytest.mark.parametrize(
    ("moment", "wall"),
    [
        # 02:50 of the first pass: a change ten minutes on is written down as 02:00.
        ("2026-10-25T00:50:00", "2026-10-25 01:50:00"),
        # 01:30, before either pass.
        ("2026-10-24T23:30:00", "2026-10-25 00:30:00"),
        ("2026-10-25T01:30:00", "2026-10-25 02:30:00"),
        ("2026-10-26T12:00:00", "2026-10-26 13:00:00"),
        ("2026-03-29T00:59:00", "2026-03-29 01:59:00"),
        ("2026-03-29T01:00:00", "2026-03-29 03:00:00"),
        ("2026-07-01T12:00:00", "2026-07-01 14:00:00"),
    ],
)
def test_hour_that_the_clock_shows_twice_hides_nothing(moment: str, wall: str) -> None:
    """The bound is a wall clock that no change from that moment on can show less than."""
    cursor = Cursor(sa.column("at"), FieldType.TIMESTAMP, BERLIN)
    bound = cursor.at(datetime.fromisoformat(f"{moment}+00:00"))
    assert isinstance(bound, sa.BindParameter)
    assert bound.value == datetime.fromisoformat(wall)


def test_changes_in_the_hour_that_comes_twice(crm: Crm) -> None:
    """A change at 02:05 the second time is read, though the last read ended at 02:50 the first time."""
    make(crm, WALL[crm.server.kind], "2026-10-24 12:00:00", "2026-10-25 02:05:00")
    assert ids(crm.pages(since("2026-10-25T00:50:00"), **BY_TIME, timezone="Europe/Berlin")) == [2]


def test_hour_that_does_not_exist(crm: Crm) -> None:
    """A wall clock in the hour that is left out in spring is read as if the clock had not gone forward yet."""
    make(crm, WALL[crm.server.kind], "2026-03-29 02:30:00")
    assert crm.read(timezone="Europe/Berlin", **BY_TIME)[0]["at"] == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_cursor_of_days(crm: Crm) -> None:
    """A day is read again as long as it may still bring changes, in the stream's zone."""
    make(crm, "DATE", "2026-09-30", "2026-10-01", "2026-10-02")
    assert only(crm, since("2026-09-30T17:00:00"), **BY_TIME) == [2, 3]
    assert ids(crm.pages(since("2026-09-30T16:59:59"), **BY_TIME)) == [1, 2, 3]
    assert crm.read(**BY_TIME)[0]["at"] == date(2026, 9, 30)


@pytest.mark.parametrize("kind", ["BIGINT", "VARCHAR(30)"])
def test_cursor_that_is_no_time_is_refused(crm: Crm, kind: str) -> None:
    """A number that grows tells no time to begin the next read at."""
    make(crm, kind, "1")
    message = crm.refusal(SettingsError, cursor="at")
    assert "stream visits: cursor names at, a" in message
    assert "it must be a timestamp or date: declare it under `fields:`, or write a query that casts it" in message


def test_declared_time_must_be_one_in_the_database_too(postgresql: Crm) -> None:
    """A text would be compared as a text: across zones that is no order."""
    make(postgresql, "TEXT", "2026-10-01T08:00:00+07:00")
    message = postgresql.refusal(SettingsError, cursor="at", fields={"at": "timestamp"})
    assert "cursor at is a text in the database, which compares with no time; write a query that casts it" in message
    assert postgresql.read(created_at="at", fields={"at": "timestamp"})[0]["at"] == datetime(2026, 10, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "sample", "zone"),
    [
        (Wall.UNTOLD, datetime(2026, 10, 1, tzinfo=UTC), None),
        (Wall.UNTOLD, datetime(2026, 10, 1), HANOI),  # noqa: DTZ001 - as a driver gives it
        (Wall.UNTOLD, None, HANOI),
        (Wall.STREAM, None, HANOI),
        (Wall.UTC, None, ZoneInfo("UTC")),
        (Wall.NONE, None, None),
    ],
)
def test_whose_clock_is_seen_where_it_is_not_told(wall: Wall, sample: object, zone: ZoneInfo | None) -> None:
    """Where a catalog does not say whether times have a zone, one of them does."""
    assert zone_of(wall, HANOI, lambda: sample) == zone


def test_clock_difference_is_about_nothing_here(crm: Crm) -> None:
    """The database runs on this machine, so its clock is ours."""
    crm.write("CREATE TABLE visits (id INTEGER)")
    with crm.connector() as connector:
        assert connector.vitals.clock_difference is None
        connector.connect()
        difference = connector.vitals.clock_difference
        assert difference is not None
        assert abs(difference) < timedelta(seconds=5)
