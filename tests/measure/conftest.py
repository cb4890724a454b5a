"""An empty warehouse, on each engine in turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from okr_sync.warehouse import Warehouse, open_warehouse
from tests.measure.answers import HANOI


@pytest.fixture
def warehouse(tmp_path: Path, warehouse_url: str) -> Warehouse:
    return open_warehouse(warehouse_url, tmp_path, HANOI)
