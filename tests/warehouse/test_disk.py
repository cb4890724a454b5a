"""What a file that cannot be written, or was not written to its end, does to a source: nothing that lasts."""

from __future__ import annotations

from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit

import pytest

from okr_sync.warehouse import SourceLog, WarehouseError
from okr_sync.warehouse.duck import DuckWarehouse
from tests.scripted import HANOI, ISSUES, at, issue


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckWarehouse:
    return DuckWarehouse(tmp_path / "warehouse", HANOI)


@pytest.mark.parametrize("size", [0, 100, 9_000])
def test_file_that_was_cut_while_it_was_made(warehouse: DuckWarehouse, size: int) -> None:
    """A process that died while DuckDB made the file leaves a stump of it: the source was never synced, and can be."""
    log = SourceLog(warehouse, "jira")
    log.land(ISSUES, [], {}, "settings", at(2))
    warehouse.file("jira").write_bytes(warehouse.file("jira").read_bytes()[:size])
    assert (log.checkpoint("issues", "settings"), log.streams(), log.describe()) == (None, [], [])
    log.land(ISSUES, [issue("1", "open", at(1))], {}, "settings", at(2))
    assert [one.record_count for one in log.describe()] == [1]


def test_full_disk_is_told(warehouse: DuckWarehouse) -> None:
    """A landing that finds no room says so, and leaves what had landed; with room again, it lands."""
    log = SourceLog(warehouse, "jira")
    log.land(ISSUES, [issue("1", "open", at(1))], {"n": 1}, "settings", at(2))
    _, most = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (0, most))
    try:
        with pytest.raises(WarehouseError, match=r"jira.duckdb cannot be written, so nothing landed: .*disk has room"):
            log.land(ISSUES, [issue("2", "open", at(2))], {"n": 2}, "settings", at(3))
    finally:
        setrlimit(RLIMIT_FSIZE, (most, most))
    assert (log.checkpoint("issues", "settings"), log.describe()[0].record_count) == ({"n": 1}, 1)
    log.land(ISSUES, [issue("2", "open", at(2))], {"n": 2}, "settings", at(3))
    assert (log.checkpoint("issues", "settings"), log.describe()[0].record_count) == ({"n": 2}, 2)
