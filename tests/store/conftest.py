"""A store on a real SQLite file with one cycle and a few key results."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from okr_sync.store import Run, Store
from tests.store.samples import AT, CYCLE, URL, key_result, objective


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(URL, tmp_path) as opened:
        opened.save_objectives(CYCLE, [objective("delivery", key_result("nps"), key_result("late"))], AT)
        yield opened


@pytest.fixture
def run_id(store: Store) -> int:
    return store.begin_run(Run(kind="run", version="0.1.0", as_of=date(2026, 11, 15), started_at=AT))


@pytest.fixture
def record(store: Store, run_id: int) -> Callable[..., int]:
    """Record observations at `AT`."""
    return lambda *given: store.record(run_id, given, AT)
