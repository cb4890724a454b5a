"""DuckDB as the warehouse: its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from okr_sync.warehouse import Landing, SourceLog, WarehouseError, streams_by_source
from okr_sync.warehouse.duck import DuckWarehouse
from tests.scripted import HANOI, ISSUES, at, issue


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckWarehouse:
    return DuckWarehouse(tmp_path, HANOI)


@pytest.fixture
def source(warehouse: DuckWarehouse) -> SourceLog:
    return SourceLog(warehouse, "jira")


def test_file_that_is_no_warehouse_is_named(warehouse: DuckWarehouse, source: SourceLog) -> None:
    """A damaged file is an error that names it, not an empty source."""
    warehouse.file("jira").write_text("not a database")
    with pytest.raises(WarehouseError, match=r"jira\.duckdb cannot be opened as a DuckDB file"):
        source.describe()


def test_first_landing_that_was_killed_leaves_an_empty_source(warehouse: DuckWarehouse, source: SourceLog) -> None:
    """A file in which nothing was ever committed is a source that was never synced."""
    with pytest.raises(ZeroDivisionError), warehouse.write("jira") as transaction:
        transaction.create_bookkeeping()
        raise ZeroDivisionError
    assert warehouse.file("jira").exists()
    assert (source.streams(), source.describe(), source.checkpoint("issues", "settings")) == ([], [], None)
    assert streams_by_source(warehouse, ["jira"]) == {}
    assert source.land(ISSUES, [issue("1", "open", at(2))], {}, "settings", at(20)) == Landing(1)
