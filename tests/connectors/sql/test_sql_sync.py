"""Tables through the engine: versions, deletions, and what a night costs."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from okr_sync.sync import SourcePlan, StreamSync, Syncing, sync_source
from okr_sync.warehouse import SourceLog, open_warehouse
from tests.connectors.sql.conftest import HANOI, Crm, ago, records

TABLE = "CREATE TABLE visits (id INTEGER PRIMARY KEY, updated_at {instant}, note VARCHAR(20))"
BY_TIME = {"version_at": "updated_at"}


@pytest.fixture
def syncing(tmp_path: Path) -> Syncing:
    folder = tmp_path / "project"
    folder.mkdir()
    return Syncing(open_warehouse("duckdb:///warehouse", folder, HANOI), clock=lambda: datetime.now(UTC))


def sync(crm: Crm, syncing: Syncing, **stream: object) -> StreamSync:
    with crm.connector(**stream) as connector:
        (result,) = sync_source(SourcePlan("crm", connector, {"visits": "settings"}), syncing)
    return result


def counts(result: StreamSync) -> tuple[int, int, int, str | None]:
    return result.read_count, result.new_count, result.deleted_count, result.error


def present(syncing: Syncing) -> int:
    return sum(landed.record_count for landed in SourceLog(syncing.warehouse, "crm").describe())


def test_nights(crm: Crm, syncing: Syncing) -> None:
    """The first night reads everything, the next ones what changed; what is gone from the table ends by the census."""
    crm.write(TABLE, *(f"INSERT INTO visits VALUES ({n}, '{ago(hours=n)}', 'a')" for n in range(1, 6)))
    assert counts(sync(crm, syncing, **BY_TIME)) == (5, 5, 0, None)
    quiet = sync(crm, syncing, **BY_TIME)
    assert counts(quiet) == (0, 0, 0, None)
    assert quiet.request_count == 4, "the clock, rows without a cursor, changes, keys"
    crm.write(f"UPDATE visits SET note = 'b', updated_at = '{ago()}' WHERE id = 2", "DELETE FROM visits WHERE id = 5")
    assert counts(sync(crm, syncing, **BY_TIME)) == (1, 1, 1, None)
    assert present(syncing) == 4


def test_record_that_comes_with_an_old_time_is_found_by_the_census(crm: Crm, syncing: Syncing) -> None:
    """A row that is restored, or imported with its old time, is not lost."""
    crm.write(TABLE, f"INSERT INTO visits VALUES (1, '{ago(hours=1)}', 'a')")
    sync(crm, syncing, **BY_TIME)
    crm.write(f"INSERT INTO visits VALUES (2, '{ago(days=300)}', 'old')")
    assert counts(sync(crm, syncing, **BY_TIME)) == (1, 1, 0, None)
    assert counts(sync(crm, syncing, **BY_TIME)) == (0, 0, 0, None)
    assert present(syncing) == 2


@pytest.mark.parametrize(
    ("kind", "value"),
    [("BIGINT", "9007199254740993"), ("VARCHAR(20)", "'hà \"nội\"'"), ("DATE", "'2026-10-31'"),
     ("TIMESTAMP", "'2026-10-31 08:30:00'"), ("{instant}", "'2026-10-31 08:30:00.5+07:00'")],
)  # fmt: skip
@pytest.mark.parametrize("parts", [["id"], ["id", "note"]])
def test_keys_of_the_census_are_those_that_landed(
    crm: Crm, syncing: Syncing, kind: str, value: str, parts: list[str]
) -> None:
    """Of whatever type and in as many parts: nothing ends and nothing comes back by how a key is written."""
    crm.write(
        f"CREATE TABLE visits (id {kind}, updated_at {{instant}}, note VARCHAR(20))",
        f"INSERT INTO visits VALUES ({value}, '{ago(hours=1)}', 'a')",
    )
    settings = {**BY_TIME, "key": parts}
    assert counts(sync(crm, syncing, **settings)) == (1, 1, 0, None)
    assert counts(sync(crm, syncing, **settings)) == (0, 0, 0, None)
    assert present(syncing) == 1


def test_rejected_row_is_asked_for_until_it_is_mended(
    crm: Crm, syncing: Syncing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows before and behind it land at once; it is read as soon as it is mended, its time of change or not."""
    monkeypatch.setattr("connectors.sql.database.PAGE_ROWS", 1)
    crm.write("CREATE TABLE visits (id INTEGER, updated_at {instant}, amount VARCHAR(9))")
    crm.write(*(f"INSERT INTO visits VALUES ({n}, '{ago(hours=9 - n)}', '{a}')" for n, a in enumerate(["1", "?", "3"])))
    crm.write("INSERT INTO visits VALUES (7, NULL, '7')")
    settings = {**BY_TIME, "fields": {"amount": "number"}}
    refused = sync(crm, syncing, **settings)
    assert (refused.new_count, refused.rejected_count, present(syncing)) == (2, 2, 2)
    assert "2 records of 4 cannot be read; the first: 1 row, one of them id 7: updated_at is empty" in str(
        refused.error
    )
    crm.write(f"UPDATE visits SET updated_at = '{ago(days=2)}' WHERE id = 7")
    refused = sync(crm, syncing, **settings)
    assert (refused.rejected_count, present(syncing)) == (1, 3)
    assert "id 1: amount: '?' is not a finite number" in str(refused.error)
    crm.write("UPDATE visits SET amount = '2' WHERE id = 1")
    assert sync(crm, syncing, **settings).is_complete
    assert present(syncing) == 4
    assert counts(sync(crm, syncing, **settings)) == (0, 0, 0, None)


def test_full_read_ends_what_is_gone(crm: Crm, syncing: Syncing) -> None:
    """A stream without a cursor is its table as it is."""
    crm.write(TABLE, *(f"INSERT INTO visits VALUES ({n}, NULL, 'a')" for n in range(1, 4)))
    assert counts(sync(crm, syncing)) == (3, 3, 0, None)
    crm.write("DELETE FROM visits WHERE id = 1", "UPDATE visits SET note = 'b' WHERE id = 2")
    assert counts(sync(crm, syncing)) == (2, 1, 1, None)


def test_marked_deletions_are_tombstones(crm: Crm, syncing: Syncing) -> None:
    """A record that is marked ends when it says so, not when it is seen."""
    crm.write(TABLE.replace("note VARCHAR(20)", "gone BOOLEAN"))
    crm.write(f"INSERT INTO visits VALUES (1, '{ago(hours=1)}', false)")
    settings = {**BY_TIME, "deleted": "gone"}
    sync(crm, syncing, **settings)
    crm.write(f"UPDATE visits SET gone = true, updated_at = '{ago()}'")
    assert counts(sync(crm, syncing, **settings))[:2] == (1, 1)
    assert present(syncing) == 0


ROWS = 60_000
MANY = {
    "sqlite": "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {rows}) SELECT id,"
    " '2026-10-01 00:00:00' AS updated_at, hex(zeroblob(50)) AS note FROM n",
    "duckdb": "SELECT id, TIMESTAMPTZ '2026-10-01 00:00:00Z' AS updated_at, repeat('x', 100) AS note"
    " FROM range({rows}) AS r(id)",
    "postgresql": "SELECT id, timestamptz '2026-10-01 00:00:00Z' AS updated_at, repeat('x', 100) AS note"
    " FROM generate_series(1, {rows}) AS id",
}


def test_memory_does_not_grow_with_the_table(crm: Crm) -> None:
    """Rows stay in the database until they are asked for: 60,000 take no more than a few pages do."""
    query = MANY[crm.server.kind].format(rows=ROWS)
    settings = {**BY_TIME, "query": query, "fields": {"id": "integer", "updated_at": "timestamp", "note": "text"}}
    with crm.connector(**settings) as connector:
        (stream,) = connector.connect()
        reading = connector.read(stream, None)
        next(reading)
        tracemalloc.start()
        read_count = sum(len(records([page])) for page in reading)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert read_count == ROWS - 1_000
    assert peak < 8_000_000


def test_rows_stay_in_postgresql(postgresql: Crm) -> None:
    """The server keeps what was not asked for yet: pages are fetched from a cursor there."""
    query = MANY["postgresql"].format(rows=ROWS)
    with postgresql.connector(query=query) as connector:
        (stream,) = connector.connect()
        reading = connector.read(stream, None)
        next(reading)
        with postgresql.server.connection() as owner:
            found = owner.execute("SELECT query FROM pg_stat_activity WHERE usename = 'reader'").fetchall()
    assert [text.startswith("FETCH FORWARD ") for (text,) in found] == [True]


def test_record_that_only_the_census_finds_and_nobody_can_read(crm: Crm, syncing: Syncing) -> None:
    """A row with an old time and a value that is none is not left out of a sync that calls itself complete."""
    crm.write("CREATE TABLE visits (id INTEGER, updated_at {instant}, amount VARCHAR(9))")
    crm.write(f"INSERT INTO visits VALUES (1, '{ago(hours=1)}', '1')")
    settings = {**BY_TIME, "fields": {"amount": "number"}}
    assert sync(crm, syncing, **settings).is_complete
    crm.write(f"INSERT INTO visits VALUES (2, '{ago(days=300)}', '?')")
    refused = sync(crm, syncing, **settings)
    assert "cannot be read: id 2: amount: '?' is not a finite number" in str(refused.error)
    crm.write("UPDATE visits SET amount = '2' WHERE id = 2")
    assert counts(sync(crm, syncing, **settings)) == (1, 1, 0, None)


def test_checkpoint_of_another_database_is_not_taken(crm: Crm) -> None:
    """The address is a secret, so a change of it is seen by the connector alone: the other database is read whole."""
    crm.write(TABLE, f"INSERT INTO visits VALUES (1, '{ago(days=300)}', 'a')")
    first = crm.pages(**BY_TIME)
    assert len(records(first)) == 1
    assert records(crm.pages(first[-1].checkpoint, **BY_TIME)) == []
    other = {**first[-1].checkpoint, "database": "of another address"}
    assert len(records(crm.pages(other, **BY_TIME))) == 1
    assert crm.server.url not in str(first[-1].checkpoint)
