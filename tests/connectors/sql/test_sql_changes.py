"""Reading by a cursor: nothing is left out, whatever is cut, late or equal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from connectors.sql import database
from okr_sync.connector import Page
from tests.connectors.sql.conftest import Crm, ago, fields, ids, records
from tests.connectors.sql.servers import standby, wait_for

TABLE = "CREATE TABLE visits (id INTEGER PRIMARY KEY, updated_at {instant}, note VARCHAR(20))"
BY_TIME = {"version_at": "updated_at"}


def visit(number: int, at: str, note: str = "a") -> str:
    return f"INSERT INTO visits VALUES ({number}, '{at}', '{note}')"


def watermark(pages: list[Page]) -> datetime:
    return datetime.fromisoformat(pages[-1].checkpoint["since"])


def test_second_read_gives_what_changed(crm: Crm) -> None:
    """A read begins where the last one did, less the lag, and gives only what changed since then."""
    crm.write(TABLE, visit(1, ago(hours=2)), visit(2, ago(hours=1)))
    first = crm.pages(**BY_TIME)
    assert ids(first) == [1, 2]
    crm.write(f"UPDATE visits SET updated_at = '{ago()}', note = 'b' WHERE id = 1", visit(3, ago()))
    second = crm.pages(first[-1].checkpoint, **BY_TIME)
    assert [(one["id"], one["note"]) for one in fields(second)] == [(1, "b"), (3, "a")]
    assert ids(crm.pages(second[-1].checkpoint, **BY_TIME)) == [1, 3], "within the lag, they come again"


def test_watermark_is_the_time_of_the_database_less_the_lag(crm: Crm) -> None:
    """Not the greatest cursor that was seen: a time far ahead hides nothing that comes after it."""
    crm.write(TABLE, visit(1, "2999-01-01 00:00:00+00:00"))
    before = datetime.now(UTC)
    pages = crm.pages(**BY_TIME, lag="10m")
    after = datetime.now(UTC)
    tick = timedelta(milliseconds=1)  # SQLite's clock
    assert before - tick <= watermark(pages) + timedelta(minutes=10) <= after
    crm.write(visit(2, ago()))
    assert ids(crm.pages(pages[-1].checkpoint, **BY_TIME)) == [2, 1]


def test_change_that_is_committed_late_is_read(crm: Crm) -> None:
    """A change whose time lies before the last read, by no more than the lag, is not lost."""
    crm.write(TABLE, visit(1, ago(hours=1)))
    first = crm.pages(**BY_TIME)
    crm.write(visit(2, ago(minutes=4)), visit(3, ago(minutes=6)))
    assert ids(crm.pages(first[-1].checkpoint, **BY_TIME)) == [2], "five minutes are the default"
    assert ids(crm.pages(crm.pages(**BY_TIME, lag="7m")[-1].checkpoint, **BY_TIME)) == [3, 2]


def test_cursor_at_the_watermark_itself_is_read(crm: Crm) -> None:
    """The bound is inclusive."""
    crm.write(TABLE, visit(1, "2026-10-01 08:00:00.123+00:00"), visit(2, "2026-10-01 08:00:00.122+00:00"))
    since = {"since": "2026-10-01T08:00:00.123000+00:00"}
    assert ids(crm.pages(since, **BY_TIME)) == [1]


@pytest.mark.parametrize("landed", range(1, 4))
def test_read_that_is_cut_goes_on_behind_its_last_page(crm: Crm, monkeypatch: pytest.MonkeyPatch, landed: int) -> None:
    """Equal times over the border of two pages: no record is left out, and the next watermark is the first read's."""
    monkeypatch.setattr(database, "PAGE_ROWS", 2)
    at = ago(hours=1)
    crm.write(TABLE, *(visit(number, at) for number in (10, 9, 3, 2, 1)))
    with crm.connector(**BY_TIME) as connector:
        (stream,) = connector.connect()
        cut = list(islice(connector.read(stream, None), landed))
    rest = crm.pages(cut[-1].checkpoint, **BY_TIME)
    assert {*ids(cut), *ids(rest)} == {1, 2, 3, 9, 10}
    assert len(ids(cut)) + len(ids(rest)) == 6, "only the record at the border comes twice"
    assert watermark(rest) == datetime.fromisoformat(cut[0].checkpoint["next_since"])


def test_cut_read_of_a_key_of_parts(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of several parts, one of them a text with marks, are gone through part by part."""
    monkeypatch.setattr(database, "PAGE_ROWS", 1)
    crm.write("CREATE TABLE visits (site VARCHAR(9), day DATE, updated_at {instant})")
    rows = [("hà nội", "2026-10-02"), ("hà nội", "2026-10-01"), ("b'x", "2026-10-02"), ("B:x", "2026-10-03")]
    for site, day in rows:
        crm.write(
            f"INSERT INTO visits VALUES ('{site.replace(chr(39), chr(39) * 2)}', '{day}', '2026-10-05 00:00:00+00:00')"
        )
    settings = {"key": ["site", "day"], **BY_TIME, "fields": {"day": "date"}}
    seen, checkpoint = set(), None
    for _ in rows:
        with crm.connector(**settings) as connector:
            (stream,) = connector.connect()
            pages = list(islice(connector.read(stream, checkpoint), 2))
        seen |= {(one["site"], str(one["day"])) for one in fields(pages)}
        checkpoint = pages[-1].checkpoint
    assert seen == set(rows)


def test_row_without_a_cursor_is_a_rejection(crm: Crm) -> None:
    """It would be lost for ever: count and key are told, the others are read."""
    crm.write(TABLE, visit(1, ago(hours=1)), "INSERT INTO visits (id) VALUES (7), (8)")
    pages = crm.pages(**BY_TIME)
    assert ids(pages) == [1]
    (rejection,) = [one for page in pages for one in page.rejected]
    assert rejection.record == "2 rows, one of them id 7"
    assert rejection.reason.startswith("updated_at is empty or no time, so their changes would never be seen;")
    assert "coalesce(updated_at, another time)" in rejection.reason


def test_full_read_without_a_cursor(crm: Crm) -> None:
    """Without a cursor, or with `cursor: null`, each read gives everything, and what is not listed is gone."""
    crm.write(TABLE, visit(1, ago(hours=1)), "INSERT INTO visits (id) VALUES (7)")
    assert crm.connected().is_full_read
    assert not crm.connected(**BY_TIME).is_full_read
    assert not crm.connected().has_census
    assert sorted(map(str, ids(crm.pages({"since": ago()})))) == ["1", "7"]
    assert crm.connected(**BY_TIME, cursor=None).is_full_read
    pages = crm.pages(**BY_TIME, cursor=None)
    assert ids(pages) == [1]
    assert [one.record for page in pages for one in page.rejected] == ["id 7"], "a version has a time of change"


def test_deletions_told_by_a_boolean_or_a_time(crm: Crm) -> None:
    """A true boolean, or a time that is set, is a tombstone; then no census is taken."""
    crm.write(
        "CREATE TABLE visits (id INTEGER, updated_at {instant}, gone BOOLEAN, gone_at {instant})",
        f"INSERT INTO visits VALUES (1, '{ago(hours=3)}', false, NULL), (2, '{ago(hours=2)}', true, '{ago()}')",
        f"INSERT INTO visits VALUES (3, '{ago(hours=1)}', NULL, NULL)",
    )
    for deleted in ("gone", "gone_at"):
        settings = {**BY_TIME, "deleted": deleted}
        assert not crm.connected(**settings).has_census
        assert [one.is_deleted for one in records(crm.pages(**settings))] == [False, True, False]
        with crm.connector(**settings) as connector:
            (stream,) = connector.connect()
            assert connector.count(stream) == 2


def test_census_sees_what_the_read_saw(crm: Crm) -> None:
    """A record that is made between a read and its census is in neither, and in both of the next."""
    crm.write(TABLE, visit(1, ago(hours=1)), visit(2, ago(hours=1)))
    with crm.connector(**BY_TIME) as connector:
        (stream,) = connector.connect()
        assert stream.has_census
        assert ids(list(connector.read(stream, None))) == [1, 2]
        if crm.server.kind != "duckdb":  # a file that is open for reading takes no writer at all
            crm.write(visit(3, ago()), "DELETE FROM visits WHERE id = 1")
        assert [key for keys in connector.census(stream) for key in keys] == ["1", "2"]
        assert [one.fields["id"] for found in connector.fetch(stream, ["2", "3", "4"]) for one in found] == [2]


def test_changes_while_reading_are_not_seen_half(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """All pages of a read show one state of the database."""
    if crm.server.kind == "duckdb":
        pytest.skip("a DuckDB file that is open for reading takes no writer")
    monkeypatch.setattr(database, "PAGE_ROWS", 1)
    crm.write(TABLE, *(visit(number, ago(hours=number)) for number in (4, 3, 2, 1)))
    with crm.connector(**BY_TIME) as connector:
        (stream,) = connector.connect()
        reading = connector.read(stream, None)
        first = next(reading)
        crm.write("UPDATE visits SET note = 'b'", f"UPDATE visits SET updated_at = '{ago()}' WHERE id = 3")
        assert [(one["id"], one["note"]) for one in fields([first, *reading])] == [(n, "a") for n in (4, 3, 2, 1)]


def test_standby_is_read_up_to_what_it_has_replayed(postgresql: Crm) -> None:
    """A copy that is behind does not move the watermark past what it has not seen yet."""
    postgresql.write(TABLE, visit(1, ago(hours=1)))
    import psycopg  # noqa: PLC0415 - only where the server is

    with standby(postgresql.server) as url, psycopg.connect(url, autocommit=True) as copy:
        postgresql.url = url
        unknown = postgresql.pages(**BY_TIME)
        assert (ids(unknown), list(unknown[-1].checkpoint)) == ([1], ["database"]), (
            "nothing was replayed since it began"
        )
        postgresql.write(visit(2, ago(minutes=50)))
        wait_for(copy, "SELECT count(*) = 2 FROM visits")
        copy.execute("SELECT pg_wal_replay_pause()")
        wait_for(copy, "SELECT pg_get_wal_replay_pause_state() = 'paused'")
        postgresql.write(visit(3, ago()))
        behind = postgresql.pages(unknown[-1].checkpoint, **BY_TIME, lag="0s")
        assert ids(behind) == [1, 2]
        (replayed_at,) = copy.execute("SELECT pg_last_xact_replay_timestamp()").fetchone() or ()
        assert watermark(behind) == replayed_at
        copy.execute("SELECT pg_wal_replay_resume()")
        wait_for(copy, "SELECT count(*) = 3 FROM visits")
        assert 3 in ids(postgresql.pages(behind[-1].checkpoint, **BY_TIME))
