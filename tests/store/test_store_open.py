"""Opening a store: made where needed, brought up to date, refused with one clear sentence."""

import sqlite3
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from okr_sync.store import Store, StoreError
from okr_sync.store.engine import connect, parse_url, writer
from okr_sync.store.errors import explained
from okr_sync.store.migrate import HEAD, VERSION_TABLE, migrate
from okr_sync.store.tables import Table
from okr_sync.store.upgrade import migrations
from tests.store.samples import AT, CYCLE, URL, key_result, objective


def version_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()[0])


def test_a_relative_path_counts_from_the_folder(tmp_path: Path) -> None:
    """The folders on the way are made."""
    Store.open("sqlite:///a/b/store.db", tmp_path).close()
    assert (tmp_path / "a" / "b" / "store.db").is_file()


def test_an_absolute_path_is_itself(tmp_path: Path) -> None:
    """Four slashes begin at the root."""
    Store.open(f"sqlite:///{tmp_path}/here.db", Path("/nowhere")).close()
    assert (tmp_path / "here.db").is_file()


def test_the_migrations_make_the_tables_of_the_code(tmp_path: Path) -> None:
    """Nothing would be added, removed or changed by comparing them."""
    engine = connect(*parse_url(URL, tmp_path))
    migrate(engine, URL)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, Table.metadata) == []
    engine.dispose()


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    """A file of no bytes is an empty database."""
    (tmp_path / "store.db").touch()
    Store.open("sqlite:///store.db", tmp_path).close()
    assert version_of(tmp_path / "store.db") == HEAD


def test_a_store_of_the_first_revision_is_brought_up_to_date(tmp_path: Path) -> None:
    """What revision 0001 holds is there after the upgrade to the latest."""
    engine = connect(*parse_url(URL, tmp_path))
    config, scripts = migrations()
    with writer(engine).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql("INSERT INTO cycle VALUES ('2026-Q3', '2026-07-01', '2026-09-30')")
    engine.dispose()
    with Store.open(URL, tmp_path) as store:
        store.save_objectives(CYCLE, [objective("delivery", key_result("nps"))], AT)
    assert version_of(tmp_path / "data" / "store.db") == scripts.get_current_head()
    with closing(sqlite3.connect(tmp_path / "data" / "store.db")) as connection:
        names = connection.execute("SELECT name FROM cycle ORDER BY name").fetchall()
    assert names == [("2026-Q3",), ("2026-Q4",)]


def test_a_newer_store_is_refused(store: Store, tmp_path: Path) -> None:
    """An older okr-sync does not touch what it cannot know, and says what to do."""
    store.close()
    with closing(sqlite3.connect(tmp_path / "data" / "store.db")) as connection, connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"newer okr-sync: its schema is 9999, this one knows " + HEAD):
        Store.open(URL, tmp_path)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite://", "the store sqlite:// names no file"),
        ("sqlite:///:memory:", "names no file"),
        (
            "mysql://root:secret@host/okr?token=secret",
            "the store mysql://root:***@host/okr is of an unknown kind, 'mysql'",
        ),
        ("secret", "holds no address of a database"),
        ("", "holds no address of a database"),
    ],
)
def test_what_is_no_store_is_refused(url: str, message: str, tmp_path: Path) -> None:
    """The message shows the address without any secret and gives an example."""
    with pytest.raises(StoreError) as caught:
        Store.open(url, tmp_path)
    assert message in str(caught.value)
    assert "sqlite:///path/to/store.db" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    """A text file is not overwritten."""
    (tmp_path / "store.db").write_text("name,value\n" * 100, encoding="utf-8")
    with pytest.raises(StoreError, match=r"sqlite:///store\.db cannot be used: the file is something else"):
        Store.open("sqlite:///store.db", tmp_path)
    assert (tmp_path / "store.db").read_text(encoding="utf-8").startswith("name,value")


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    """The message names the address as written, not the machine's folders."""
    (tmp_path / "data").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match=r"sqlite:///data/store\.db cannot be made") as caught:
        Store.open(URL, tmp_path)
    assert str(tmp_path) not in str(caught.value)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """A folder in the place of the file cannot be opened."""
    (tmp_path / "store.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened; check the permissions, and that the path is not a folder"):
        Store.open("sqlite:///store.db", tmp_path)


def test_a_lock_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    """A new store needs a lock file beside it."""
    (tmp_path / "store.db.lock").mkdir()
    with pytest.raises(StoreError, match=r"sqlite:///store\.db cannot be used: .*; check its folder"):
        Store.open("sqlite:///store.db", tmp_path)


def test_a_store_that_cannot_be_written_says_so(store: Store, tmp_path: Path) -> None:
    """SQLite's own words for it are explained."""
    engine = create_engine(f"sqlite:///file:{tmp_path}/data/store.db?mode=ro&uri=true")
    with pytest.raises(StoreError, match="it cannot be written"), explained("x"), engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO cycle VALUES ('a', '2026-07-01', '2026-09-30')")
    engine.dispose()


def test_a_store_that_stays_locked_says_so(tmp_path: Path, store: Store) -> None:
    """After the wait the message says that another process has it."""
    engine = create_engine(f"sqlite:///{tmp_path}/data/store.db", connect_args={"timeout": 0})
    with closing(sqlite3.connect(tmp_path / "data" / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another process kept it busy"), explained("x"), engine.begin() as one:
            one.exec_driver_sql("INSERT INTO cycle VALUES ('a', '2026-07-01', '2026-09-30')")
    engine.dispose()


def test_foreign_keys_and_the_write_ahead_log_are_on(store: Store, tmp_path: Path) -> None:
    """SQLite has both off unless asked."""
    engine = connect(*parse_url(URL, tmp_path))  # to the file of `store`
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()


def test_postgresql_without_its_driver_names_the_extra(tmp_path: Path) -> None:
    """psycopg is optional; without it the message says what to install, and with it that nobody answers."""
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql://okr:secret@127.0.0.1:1/okr", tmp_path)
    message = str(caught.value)
    assert "pip install 'okr-sync[postgres]'" in message or "reachable" in message
    assert message.startswith("the store postgresql://okr:***@127.0.0.1:1/okr ")
    assert "secret" not in message


def test_the_migrations_compile_for_postgresql() -> None:
    """Every revision can be written out as PostgreSQL's SQL, with its own form of the triggers."""
    _, scripts = migrations()
    text = StringIO()
    options = {"as_sql": True, "output_buffer": text}
    with Operations.context(MigrationContext.configure(dialect_name="postgresql", opts=options)):
        for script in reversed(list(scripts.walk_revisions())):
            script.module.upgrade()
    for expected in ("id SERIAL NOT NULL", "TIMESTAMP WITH TIME ZONE", "CREATE VIEW okr_status", "LANGUAGE plpgsql"):
        assert expected in text.getvalue()


def test_the_newest_revision_is_the_one_that_is_looked_for() -> None:
    """A store at `HEAD` is opened without Alembic, so `HEAD` must be the last of the revisions."""
    _, scripts = migrations()
    assert scripts.get_current_head() == HEAD
