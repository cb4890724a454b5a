"""A project folder for each test, and no waits between retries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from tests.soundness.desk import Desk


@pytest.fixture(autouse=True)
def no_waits() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def desk(tmp_path: Path, project_warehouse: str) -> Desk:
    return Desk(tmp_path, warehouse=project_warehouse)
