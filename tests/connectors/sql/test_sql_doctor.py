"""Who we are to the database, what we may do, and how many records there are."""

from __future__ import annotations

import pytest

from okr_sync.connector import Identity
from tests.connectors.sql.conftest import Crm, ago


def identity(crm: Crm, **stream: object) -> Identity | None:
    with crm.connector(**stream) as connector:
        connector.connect()
        return connector.identity()


def test_user_who_only_reads_has_nothing_unneeded(postgresql: Crm) -> None:
    """The user and the database, as a person knows them."""
    postgresql.write("CREATE TABLE visits (id INTEGER)")
    assert identity(postgresql) == Identity("reader in postgres")
    assert identity(postgresql, query="SELECT * FROM visits") == Identity("reader in postgres")


def test_right_to_write_is_unneeded(postgresql: Crm) -> None:
    """Each privilege beyond SELECT on a stream's table is named; that of a superuser is named as what it is."""
    postgresql.write(
        'CREATE TABLE "Visits" (id INTEGER)',
        'GRANT INSERT, DELETE ON "Visits" TO reader',
        "CREATE TABLE other (id INTEGER)",
        "GRANT ALL ON other TO reader",
    )
    assert identity(postgresql, table="public.Visits") == Identity(
        "reader in postgres", unneeded=('INSERT on public."Visits"', 'DELETE on public."Visits"')
    )
    postgresql.url = postgresql.server.owner
    assert identity(postgresql, table="public.Visits") == Identity("postgres in postgres", unneeded=("superuser",))


@pytest.mark.parametrize("kind", ["sqlite", "duck"])
def test_file_knows_nobody(kind: str, request: pytest.FixtureRequest) -> None:
    """Whoever may read the file is nobody in particular to it."""
    crm: Crm = request.getfixturevalue(kind)
    crm.write("CREATE TABLE visits (id INTEGER)")
    assert identity(crm) is None


def test_count_of_records(crm: Crm) -> None:
    """One statement; of a query as of a table; without those that are marked deleted."""
    crm.write(
        "CREATE TABLE visits (id INTEGER, updated_at {instant}, gone BOOLEAN)",
        *(f"INSERT INTO visits VALUES ({n}, '{ago()}', {gone})" for n, gone in enumerate(("true", "false", "NULL"))),
    )
    typed = {"id": "integer", "gone": "boolean"}
    for expected, stream in (
        (3, {}),
        (2, {"deleted": "gone"}),
        (1, {"query": "SELECT id, gone FROM visits WHERE id > 1", "fields": typed}),
        (0, {"query": "SELECT id, gone FROM visits WHERE id > 5", "fields": typed, "deleted": "gone"}),
    ):
        with crm.connector(**stream) as connector:
            (connected,) = connector.connect()
            before = connector.request_count
            assert connector.count(connected) == expected
            assert connector.request_count - before == 1
