"""The simulation itself: the same seed is the same schedule, and an engine that is wrong is caught."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from okr_sync.connector import Record
from okr_sync.warehouse import SourceLog
from tests.simulation.machine import play
from tests.simulation.oracle import ViolationError
from tests.simulation.shrink import shrunk
from tests.simulation.steps import Act, Night, Schedule, Skew, Sync, schedule

MADE = Act("create", 0, 7)
PLAIN = Schedule("zendesk", 0, (MADE, MADE, Night(), Act("change", 1, 8, 90), Skew(7), Sync(), Act("delete", 0, 0)))


def test_a_seed_is_a_schedule() -> None:
    """Nothing but the system and the seed decides what is played."""
    assert schedule("jira", 5) == schedule("jira", 5)
    assert schedule("jira", 5) != schedule("jira", 6)
    assert schedule("jira", 5).steps != schedule("notion", 5).steps


def test_schedule_is_code() -> None:
    """What a campaign prints of a finding can be pasted into a test."""
    names = {one.__name__: one for one in (Act, Night, Schedule, Skew, Sync)}
    assert eval(repr(PLAIN), names) == PLAIN  # noqa: S307 - our own text


def lands_less(land: object) -> object:
    """A landing that loses the last record of each page, and none that says so."""

    def landing(self: SourceLog, stream: object, records: list[Record], *rest: object) -> object:
        return land(self, stream, records[:-1], *rest)  # type: ignore[operator]

    return landing


def keeps_the_deleted(land: object) -> object:
    """A landing to which nothing is ever deleted."""

    def landing(self: SourceLog, stream: object, records: list[Record], *rest: object) -> object:
        return land(self, stream, [one for one in records if not one.is_deleted], *rest)  # type: ignore[operator]

    return landing


@pytest.mark.parametrize("broken", [lands_less, keeps_the_deleted])
def test_wrong_engine_is_caught(monkeypatch: pytest.MonkeyPatch, broken: object) -> None:
    """A record that is lost, and one that lives on, are told."""
    play(PLAIN)
    monkeypatch.setattr(SourceLog, "land", broken(SourceLog.land))  # type: ignore[operator]
    with pytest.raises(ViolationError):
        play(PLAIN)


def test_shrinking_keeps_what_fails() -> None:
    """Of many steps those two are left that fail together."""
    first, second = Act("create", 1, 1), Act("delete", 2, 2)
    long = Schedule("jira", 0, (MADE, first, MADE, Night(), MADE, second, Sync(), MADE))

    def fails(one: Schedule) -> bool:
        return first in one.steps and second in one.steps[one.steps.index(first) :]

    assert shrunk(long, fails).steps == (first, second)


def test_readme_names_tests_that_exist() -> None:
    """Whoever looks for the guard against an issue finds it."""
    tests = Path(__file__).parents[1]
    named = set(re.findall(r"`(test_\w+)`", (Path(__file__).with_name("README.md")).read_text("utf-8")))
    found = {name for one in tests.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", one.read_text("utf-8"))}
    assert named
    assert named <= found
