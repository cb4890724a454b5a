"""A project folder whose source is a file of tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soundness.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, project_warehouse: str) -> Desk:
    return Desk(tmp_path, warehouse=project_warehouse)
