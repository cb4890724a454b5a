"""Whatever people do in a source, and whatever goes wrong on the way, what okr-sync says is what is so, or a reason."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina.instrumentation

from tests.simulation.campaign import SYSTEMS
from tests.simulation.machine import play
from tests.simulation.steps import schedule

SEEDS = range(8_003, 8_009)
"""One of eight has processes that die."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Troubles are meant to be there: nobody needs a line for each of them."""
    stamina.instrumentation.set_on_retry_hooks([])
    yield
    stamina.instrumentation.set_on_retry_hooks(None)


@pytest.mark.parametrize("system", SYSTEMS)
def test_records_and_values(system: str) -> None:
    """After each sync the warehouse is what the source was; in the end, so is every metric of every evening."""
    for seed in SEEDS:
        tally = play(schedule(system, seed))
        assert tally.evenings > 0, f"seed {seed}"


@pytest.mark.parametrize("system", ["jira", "salesforce"])
def test_on_postgresql(system: str, postgresql_url: str) -> None:
    """The same where the warehouse is a PostgreSQL database."""
    play(schedule(system, 8_001), postgresql_url)


@pytest.mark.parametrize(("system", "seed"), [("jira", 3), ("notion", 5)])
def test_runs_of_a_whole_project(system: str, seed: int) -> None:
    """Each run publishes what Python computes from the same records, or keeps the last value and says why."""
    tally = play(schedule(system, seed, is_whole=True))
    assert tally.values > 0
