"""Many schedules one after another; those that fail, made short."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.simulation.machine import Tally, play
from tests.simulation.shrink import shrunk
from tests.simulation.steps import Schedule, schedule

SYSTEMS = sorted(
    one.stem for one in Path(__file__).with_name("worlds").glob("*.py") if "\nWORLD = " in one.read_text("utf-8")
)


@dataclass(frozen=True, slots=True)
class Finding:
    seed: int
    what: str
    shortest: Schedule


@dataclass
class Result:
    system: str
    tally: Tally = field(default_factory=Tally)
    findings: list[Finding] = field(default_factory=list)


def run_campaign(
    result: Result,
    seeds: Sequence[int],
    warehouse_url: str,
    *,
    is_whole: bool,
    tell: Callable[[int, Finding | None], object],
) -> None:
    """Play a schedule for each seed, adding to `result`; `tell` learns of each as soon as it is over."""
    for seed in seeds:
        planned = schedule(result.system, seed, is_whole=is_whole)
        finding = None
        try:
            result.tally += play(planned, warehouse_url)
        except Exception:  # noqa: BLE001 - whatever goes wrong is what a campaign looks for
            result.tally += Tally(schedules=1)
            shortest = shrunk(planned, lambda one: _failure(one, warehouse_url) is not None)
            what = _failure(shortest, warehouse_url) or "it fails now and then"
            finding = Finding(seed, what, shortest)
            result.findings.append(finding)
        tell(seed, finding)


def _failure(planned: Schedule, warehouse_url: str) -> str | None:
    try:
        play(planned, warehouse_url)
    except Exception as error:  # noqa: BLE001 - see above
        return f"{type(error).__name__}: {error}"
    return None
