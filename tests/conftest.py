"""What tests of every folder may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests import postgres
from tests.warehouses import DUCKDB, ENGINES, emptied


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The address of one PostgreSQL server for the session; with xdist, each worker has its own."""
    if postgres.MISSING:
        pytest.skip(f"PostgreSQL needs {', '.join(postgres.MISSING)} to be installed")
    with postgres.server() as url:
        yield url


@pytest.fixture(params=ENGINES)
def new_warehouse_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Gives the address of an empty warehouse, each time: what was in those before may be gone then."""
    if request.param == "duckdb":
        return lambda: f"duckdb:///{tmp_path_factory.mktemp('warehouse')}"
    server = request.getfixturevalue("postgresql_url")
    return lambda: emptied(server)


@pytest.fixture(params=ENGINES)
def warehouse_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty warehouse: the test runs once on every engine."""
    if request.param == "duckdb":
        return DUCKDB
    return emptied(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def project_warehouse() -> str:
    """Where a project of the tests keeps its records. Modules that hold on every engine make it `warehouse_url`."""
    return DUCKDB


@pytest.fixture(scope="module")
def engines(request: pytest.FixtureRequest) -> dict[str, str]:
    """An empty warehouse on each engine that is installed, for tests that compare them."""
    if postgres.MISSING:
        return {"duckdb": DUCKDB}
    return {"duckdb": DUCKDB, "postgresql": emptied(request.getfixturevalue("postgresql_url"))}
