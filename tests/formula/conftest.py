from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.formula import engines
from tests.formula.engines import DuckDB, Engine, PostgreSQL


@pytest.fixture(scope="session")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory whose session is in the project's zone."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Ho_Chi_Minh'")
        yield connection


@pytest.fixture(scope="session")
def postgresql(postgresql_url: str) -> Iterator[PostgreSQL]:
    """A session on a real PostgreSQL in the project's zone."""
    with engines.postgresql(postgresql_url) as engine:
        yield engine


@pytest.fixture(params=["duckdb", "postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine that formulas are executed on, in turn."""
    if request.param == "postgres":
        found: PostgreSQL = request.getfixturevalue("postgresql")
        return found
    return DuckDB(request.getfixturevalue("database"))
