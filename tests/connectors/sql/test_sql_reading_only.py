"""Nothing but a SELECT is sent, and the database would refuse anything else."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import gettempdir

import pytest
import sqlalchemy as sa

from connectors.sql.address import parse_address
from connectors.sql.database import Database
from connectors.sql.statement import refuse_all_but_select
from okr_sync.connector import SettingsError, UnavailableError
from tests.connectors.sql.conftest import Crm, ids


@pytest.mark.parametrize(
    ("dialect", "query"),
    [
        ("postgres", "SELECT 1"),
        ("postgres", "WITH a AS (SELECT 1 AS x) SELECT x FROM a UNION ALL SELECT 2;"),
        ("postgres", "SELECT 'DROP TABLE x; --' AS text -- DELETE\n"),
        ("postgres", "SELECT $$; DELETE FROM x$$ AS text, x::text, data->>'a' FROM t WHERE x ~ '^a' AND y = ANY(:z)"),
        ("mysql", "SELECT `update` FROM `delete` /* INSERT */ WHERE a = '\\';'"),
        ("sqlite", "SELECT datetime(at, 'unixepoch') AS at FROM t"),
        ("duckdb", "FROM visits"),
        ("duckdb", "SELECT * FROM read_parquet('data/*.parquet') QUALIFY row_number() OVER (PARTITION BY id) = 1"),
        ("snowflake", "SELECT raw:a.b::int AS n FROM t"),
        ("bigquery", "SELECT * FROM `project.dataset.table` WHERE at > TIMESTAMP '2026-01-01'"),
    ],
)
def test_query_that_reads_is_allowed(dialect: str, query: str) -> None:
    """Words that change data mean nothing inside of texts, names and comments."""
    refuse_all_but_select(query, dialect)


@pytest.mark.parametrize(
    ("dialect", "query", "words"),
    [
        ("postgres", "DELETE FROM visits", "'DELETE FROM visits' is not a SELECT"),
        ("postgres", "SELECT 1; DROP TABLE visits", "holds 2 statements: the second is 'DROP TABLE visits'"),
        ("postgres", "", "holds 0 statements"),
        ("postgres", "-- nothing", "holds 0 statements"),
        (
            "postgres",
            "WITH gone AS (DELETE FROM visits RETURNING *) SELECT * FROM gone",
            "'DELETE FROM visits RETURNING *' would do more than read",
        ),
        ("postgres", "SELECT * INTO copy FROM visits", "'INTO copy' would do more than read"),
        ("postgres", "SELECT * FROM visits FOR UPDATE", "'FOR UPDATE' would do more than read"),
        ("postgres", "VALUES (1)", "'VALUES (1)' is not a SELECT"),
        ("postgres", "COPY (SELECT 1) TO '/tmp/x'", "is not a SELECT"),
        ("postgres", "CALL clean_up()", "'CALL clean_up()' is not a SELECT"),
        ("postgres", "EXPLAIN ANALYZE DELETE FROM visits", "is not a SELECT"),
        ("postgres", "SET ROLE admin", "'SET ROLE admin' is not a SELECT"),
        ("postgres", "SELECT 1) AS a; DROP TABLE visits; SELECT (1", "is not SQL that can be checked"),
        ("mysql", "SELECT * FROM visits INTO OUTFILE '/tmp/x'", "is not SQL that can be checked"),
        ("mysql", "SELECT 1 /*! INTO OUTFILE '/tmp/x' */", "is a comment that is carried out"),
        ("mysql", "SELECT 1 /*M!100100 INTO OUTFILE '/tmp/x' */", "is a comment that is carried out"),
        ("sqlite", "PRAGMA writable_schema = 1", "is not a SELECT"),
        ("sqlite", "ATTACH 'other.db' AS other", "is not a SELECT"),
        ("duckdb", "COPY visits TO 'x.csv'", "is not a SELECT"),
        ("duckdb", "INSTALL httpfs", "is not a SELECT"),
        ("postgres", "SELEC 1", "is not SQL that can be checked"),
    ],
)
def test_query_that_does_more_is_refused(dialect: str, query: str, words: str) -> None:
    """The message shows the words that are not allowed, and what is."""
    with pytest.raises(ValueError) as caught:
        refuse_all_but_select(query, dialect)
    assert words in str(caught.value)
    assert str(caught.value).endswith("write exactly one SELECT, or WITH ... SELECT, that only reads")


def test_query_is_refused_again_before_it_is_sent(sqlite: Crm) -> None:
    """Where the address was not known when the settings were read, `connect` refuses what they would have refused."""
    sqlite.write("CREATE TABLE visits (id INTEGER)")
    with sqlite.connector({"url": "${CRM_DB}"}, query="DELETE FROM visits") as connector:
        connector.settings = connector.settings.model_copy(
            update={"url": type(connector.settings.url)("sqlite:///crm.db")}
        )
        with pytest.raises(SettingsError) as caught:
            connector.connect()
    assert str(caught.value).startswith("source crm: stream visits: query: 'DELETE FROM visits' is not a SELECT;")


def test_database_refuses_to_change_anything(crm: Crm) -> None:
    """Even a statement that slipped through could not write: the transaction, or the file, can only be read."""
    crm.write("CREATE TABLE visits (id INTEGER)")
    if crm.server.owner:
        crm.write("GRANT ALL ON visits TO reader", "GRANT CREATE ON SCHEMA public TO reader")
    address = parse_address("crm", crm.server.url, crm.server.folder)
    database = Database("crm", address, None)
    with closing(database):
        for statement in ("INSERT INTO visits VALUES (1)", "CREATE TABLE other (id INTEGER)"):
            with database.session() as session, pytest.raises(SettingsError) as caught:
                session.send(statement)
            assert "read" in str(caught.value), "read-only, in the words of each"


def test_file_of_sqlite_is_guarded_twice(sqlite: Crm) -> None:
    """A session may not write, and the file would not take it."""
    sqlite.write("CREATE TABLE visits (id INTEGER)")
    database = Database("crm", parse_address("crm", sqlite.server.url, sqlite.server.folder), None)
    with closing(database), database.session() as session:
        assert tuple(session.one(sa.text("PRAGMA query_only"))) == (1,)
        session.send("PRAGMA query_only = OFF")
        with pytest.raises(SettingsError, match="attempt to write a readonly database"):
            session.send("INSERT INTO visits VALUES (1)")


def test_two_sources_read_one_file(duck: Crm) -> None:
    """Side by side; what does not fit into memory goes to the machine's place for such files, not beside it."""
    duck.write("CREATE TABLE visits (id INTEGER)", "INSERT INTO visits VALUES (1)")
    with duck.connector() as one, duck.connector() as other:
        assert ids(list(one.read(one.connect()[0], None))) == [1]
        assert ids(list(other.read(other.connect()[0], None))) == [1]
    database = Database("crm", parse_address("crm", duck.server.url, duck.server.folder), None)
    with closing(database), database.session() as session:
        room = Path(session.one(sa.text("SELECT current_setting('temp_directory')"))[0])
    assert room.parent == Path(gettempdir())


def test_reading_makes_no_file(sqlite: Crm) -> None:
    """A file that is not there is not made by looking for it."""
    for name in ("none.db", "none.duckdb"):
        kind = "sqlite" if name.endswith(".db") else "duckdb"
        sqlite.url = f"{kind}:///{name}"
        assert f"{kind}:///{name}: there is no such file; check `url:`" in sqlite.refusal(UnavailableError)
        assert not (sqlite.server.folder / name).exists()
