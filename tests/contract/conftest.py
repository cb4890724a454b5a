"""Every case, and one meeting of each for a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from tests.contract.case import Case
from tests.contract.cases import CASES
from tests.contract.meeting import Meeting


@pytest.fixture(autouse=True)
def no_waits() -> Iterator[None]:
    with stamina.set_testing(True, attempts=6):
        yield


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def case(request: pytest.FixtureRequest) -> Case:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def meeting(case: Case, tmp_path: Path) -> Meeting:
    return Meeting(case, tmp_path)
