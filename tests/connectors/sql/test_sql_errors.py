"""Errors say what to do next, and never hold a secret."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest

from connectors.sql.address import parse_address
from okr_sync.connector import AccessError, SettingsError, SourceError, UnavailableError
from tests.connectors.sql.conftest import Crm, needs_postgresql
from tests.connectors.sql.servers import PASSWORD, WRITTEN_PASSWORD

TABLE = "CREATE TABLE visits (id INTEGER PRIMARY KEY, updated_at {instant}, amount INTEGER)"


def test_missing_table_has_a_near_name(crm: Crm) -> None:
    """A table that is not there is told with the one that was meant."""
    crm.write(TABLE)
    assert crm.refusal(SettingsError, table="visit").endswith(
        "stream visits: the database shows us no table visit; did you mean 'visits'?"
    )


def test_missing_schema_and_table_are_told(postgresql: Crm) -> None:
    """Near names are of the schema that was written."""
    postgresql.write(TABLE)
    assert "no table public.visitors; did you mean 'public.visits'?" in postgresql.refusal(
        SettingsError, table="public.visitors"
    )
    assert "no table sales.visits" in postgresql.refusal(SettingsError, table="sales.visits")
    assert len(postgresql.read(table='"public"."visits"')) == 0


@pytest.mark.parametrize("role", ["version_at", "created_at", "cursor", "deleted"])
def test_missing_column_has_a_near_name(crm: Crm, role: str) -> None:
    """A field that is not there is told with the one that was meant."""
    crm.write(TABLE)
    assert crm.refusal(SettingsError, **{role: "update_at"}) == (
        "source crm: stream visits: there is no column 'update_at'; did you mean 'updated_at'?"
    )


def test_missing_key_and_declared_field_are_told(crm: Crm) -> None:
    """What the settings name must be there, or a formula would compute without it."""
    crm.write(TABLE)
    assert "there is no column 'visit_id'" in crm.refusal(SettingsError, key=["id", "visit_id"])
    assert "there is no column 'amont'; did you mean 'amount'?" in crm.refusal(
        SettingsError, fields={"amont": "number"}
    )


def test_wrong_query_is_told_in_the_databases_words(crm: Crm) -> None:
    """The stream, and what the database says of it, without the statement that was sent."""
    crm.write(TABLE)
    message = crm.refusal(SettingsError, query="SELECT id, ammount FROM visits")
    assert message.startswith("source crm: stream visits: ")
    assert "ammount" in message
    assert "records" not in message, "the name that wraps the query"


def test_key_must_be_comparable(crm: Crm) -> None:
    """A key of a broken number could not be told from its neighbour."""
    crm.write("CREATE TABLE visits (id DOUBLE PRECISION)")
    assert "key names id, a number; it must be a text or integer or date or timestamp" in crm.refusal(SettingsError)


def test_refused_password(postgresql: Crm) -> None:
    """A wrong password is for a person to mend: no second try, and not a word of it."""
    postgresql.write(TABLE)
    postgresql.url = postgresql.server.url.replace(WRITTEN_PASSWORD, "wr0ng-s3cret")
    message = postgresql.refusal(AccessError)
    assert 'password authentication failed for user "reader"' in message
    assert "check user and password of `url:`" in message
    assert "wr0ng" not in message


def test_refused_table(postgresql: Crm) -> None:
    """A table that exists and may not be read is no missing table."""
    postgresql.write(TABLE, "REVOKE SELECT ON visits FROM reader")
    assert "permission denied for table visits; check user and password" in postgresql.refusal(AccessError)


@pytest.mark.parametrize(("user", "kind"), [("nobody", AccessError), ("reader", SettingsError)])
def test_unknown_user_and_unknown_database(postgresql: Crm, user: str, kind: type[SourceError]) -> None:
    """An unknown user is refused; an unknown database is a wrong address."""
    url = postgresql.server.url.replace("reader", user)
    postgresql.url = url if user == "nobody" else url.replace("/postgres?", "/nothing?")
    message = postgresql.refusal(kind)
    assert "does not exist" in message
    assert PASSWORD not in message


@contextmanager
def hanging_up() -> Iterator[tuple[int, list[object]]]:
    """A port whose server ends each connection at once; gives the connections there were."""
    seen: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with suppress(OSError):  # closed at the end of the test
                while True:
                    connection, client = listening.accept()
                    seen.append(client)
                    connection.close()

        thread = Thread(target=answer)
        thread.start()
        yield listening.getsockname()[1], seen
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


@needs_postgresql
def test_server_that_does_not_answer_is_asked_again(sqlite: Crm, capsys: pytest.CaptureFixture[str]) -> None:
    """Six times, then the run goes on without this source; neither the error nor what is logged has a secret."""
    with hanging_up() as (port, seen):
        options = "sslmode=disable&sslpassword=t0p&application_name=okr"
        sqlite.url = f"postgresql://lan:{WRITTEN_PASSWORD}@127.0.0.1:{port}/crm?{options}"
        message = sqlite.refusal(UnavailableError)
    assert len(seen) == 6
    assert f"source crm: postgresql://lan@127.0.0.1:{port}/crm: connection" in message
    assert message.endswith("; check `url:` and the network, or try again later")
    for text in (message, *capsys.readouterr()):
        assert not any(secret in text for secret in (PASSWORD, WRITTEN_PASSWORD, "t0p"))


def test_secrets_are_cut_out_of_whatever_comes_back() -> None:
    """In each form in which they can stand in an address, those of its options too."""
    address = parse_address("crm", f"postgresql://lan:{WRITTEN_PASSWORD}@db/crm?sslpassword=t%2Fp&x=1", Path())
    assert set(address.secrets) == {PASSWORD, WRITTEN_PASSWORD, "t/p", "t%2Fp"}
    assert str(address) == "postgresql://lan@db/crm"
    assert PASSWORD not in repr(address)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3cr:t@@", "source crm: url is not the address of a database; write one such as postgresql://"),
        ("${CRM_DB}", "source crm: url is not the address of a database"),
        ("postgresq://lan@db/crm", "'postgresq' is not a kind of database; did you mean 'postgresql'?"),
        ("sqlite://", "url names no file; write one such as sqlite:///data/crm.db"),
        ("duckdb:///:memory:", "url names no file; write one such as duckdb:///data/crm.db"),
        ("snowflake://lan:s3cr@account/db", "the driver of Snowflake is not installed, or not the one that the address"
         " names; run: pip install snowflake-sqlalchemy"),
        ("bigquery://project/dataset", "run: pip install sqlalchemy-bigquery"),
        ("mysql://lan:s3cr@db/crm", "the driver of MySQL is not installed, or not the one that the address names; run:"
         " pip install pymysql"),
        ("postgresql+nothing://lan:s3cr@db/crm", "run: pip install 'okr-sync[postgres]'"),
    ],
)  # fmt: skip
def test_address_that_cannot_be_used(sqlite: Crm, url: str, message: str) -> None:
    """What is wrong with it, and what to write or to install, but never the address itself."""
    sqlite.url = url
    text = sqlite.refusal(SettingsError)
    assert message in text
    assert "s3cr" not in text


def test_file_that_is_no_database(sqlite: Crm) -> None:
    """A file of something else is a wrong address, not an empty source."""
    (sqlite.server.folder / "report.txt").write_text("not a database at all\n" * 100)
    for kind in ("sqlite", "duckdb"):
        sqlite.url = f"{kind}:///report.txt"
        message = sqlite.refusal(SettingsError)
        assert f"{kind}:///report.txt: " in message
        assert "check `url:`" in message


def test_file_that_somebody_writes(duck: Crm) -> None:
    """A DuckDB file belongs to its writer: it is asked for again, then the run goes on without this source."""
    duck.write(TABLE)
    with duck.server.connection():
        message = duck.refusal(UnavailableError)
    assert message.startswith("source crm: duckdb:///crm.duckdb: ")
    assert message.endswith("or try again later")
    assert duck.read() == []


def test_password_that_is_a_word_of_the_message(postgresql: Crm) -> None:
    """What we say ourselves needs no cutting, and keeps its meaning."""
    postgresql.url = postgresql.server.url.replace(WRITTEN_PASSWORD, "reader")
    message = postgresql.refusal(AccessError)
    assert message.startswith("source crm: postgresql://reader@/postgres: ")
    assert 'user "***"' in message


def test_statement_that_takes_too_long(postgresql: Crm) -> None:
    """It is ended by the server, and the message says how to allow more."""
    message = postgresql.refusal(
        UnavailableError, {"statement_timeout": "1s"}, query="SELECT 1 AS id FROM generate_series(1, 2000000000)"
    )
    assert "canceling statement due to statement timeout" in message
    assert "or allow more by `statement_timeout:`" in message


def test_statement_timeout_is_not_ignored(sqlite: Crm) -> None:
    """Where the database cannot be told one, the setting is an error."""
    assert "statement_timeout: SQLite cannot be told one; leave it out" in sqlite.refusal(
        SettingsError, {"statement_timeout": "1s"}
    )


def test_connection_that_breaks_while_reading(postgresql: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read that is cut raises: what came is not taken for a whole."""
    monkeypatch.setattr("connectors.sql.database.PAGE_ROWS", 1)
    postgresql.write(TABLE, "INSERT INTO visits VALUES (1, now(), 1), (2, now(), 1), (3, now(), 1)")
    with postgresql.connector(version_at="updated_at") as connector:
        (stream,) = connector.connect()
        reading = connector.read(stream, None)
        next(reading)
        postgresql.write("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
        with pytest.raises(UnavailableError, match="source crm: stream visits: "):
            list(reading)
