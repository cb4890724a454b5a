"""A warehouse on every engine, for tests that must hold on each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.postgres import needs_postgresql

ENGINES = ("duckdb", pytest.param("postgresql", marks=needs_postgresql))
DUCKDB = "duckdb:///.okr-sync/warehouse"
"""Relative to the folder of the project: empty for every test."""


def emptied(server: str) -> str:
    """The address of the server's database, without what tests before left in it."""
    import psycopg  # noqa: PLC0415 - skipped where it is missing

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        schemas = connection.execute(
            "SELECT quote_ident(nspname) FROM pg_namespace"
            " WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public')"
        ).fetchall()
        for (name,) in schemas:
            connection.execute(f"DROP SCHEMA {name} CASCADE".encode())
    return server


def add_warehouse(project: Path, address: str) -> None:
    """Have the project that is written in this folder keep its records there; nothing where it does so anyway."""
    if address == DUCKDB:
        return
    settings = project / "okr-sync.yaml"
    settings.write_text(f"warehouse: {json.dumps(address)}\n{settings.read_text('utf-8')}", "utf-8")
