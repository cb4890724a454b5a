"""Days that have yet to settle, computed again by every run before its own day, so that late data reaches them.

A value is provisional until its day's settle time has passed and a run has confirmed it. Final days are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date, timedelta

from okr_sync import outcome
from okr_sync.backfill import fields_of
from okr_sync.measure import AsOf
from okr_sync.outcome import Outcome
from okr_sync.store import ClosedCycleError, Store
from okr_sync.trust import Gate
from okr_sync.workspace import Workspace, reading_once

_LONGEST_WAIT = timedelta(days=31)
"""Beyond the settle time; what no run confirmed for so long stays provisional until a backfill computes it."""
_OF_SYNCS = {Gate.NEVER_SYNCED, Gate.INCOMPLETE, Gate.MAX_AGE}

_Definitions = dict[str, str]
"""By key result, the definition that a day is stored with."""


def settle(workspace: Workspace, store: Store, run_id: int, today: date, only: Set[str] | None = None) -> list[Outcome]:
    """Compute the provisional days before `today` and store what is new of each before the next; gives what was.

    Of all key results, or `only` of those with these ids.
    """
    settled = []
    for outcomes in computed(workspace, store, today, only):
        try:
            recorded_count = store.record(run_id, [one.observation for one in outcomes], workspace.clock())
        except ClosedCycleError:  # closed while it was computed
            continue
        if recorded_count:
            settled += [one for one in outcomes if one.is_changed]
    return settled


def computed(workspace: Workspace, store: Store, today: date, only: Set[str] | None = None) -> Iterator[list[Outcome]]:
    """The key results of each provisional day before `today`, of cycles that are open, from one reading.

    One whose definition is another by now is left as it was. So is one whose sources were not read completely: the
    next run confirms it.
    """
    waiting = _waiting(workspace, store, today, only)
    if not waiting:
        return
    now = workspace.clock()
    days = {day: AsOf.each(workspace.project, day, now) for day in waiting}
    with reading_once(workspace, fields_of(workspace, days.values())) as opened:
        for day, cycles in days.items():
            for one in cycles:
                if one.cycle.name in waiting[day]:
                    yield _of_day(opened.on(day), store, one, waiting[day][one.cycle.name])


def _waiting(
    workspace: Workspace, store: Store, today: date, only: Set[str] | None
) -> dict[date, dict[str, _Definitions]]:
    """What stands as provisional, by day and cycle, the earliest day first."""
    longest = workspace.longest_settle(workspace.metrics.values())
    since = today - timedelta(days=longest.days + 1) - _LONGEST_WAIT
    span = [since + timedelta(days=number) for number in range((today - since).days)]
    names = {one.name for day in span for one in workspace.project.cycles_at(day)}
    found: dict[date, dict[str, _Definitions]] = {}
    for cycle in sorted(names):
        if store.closing(cycle) is None:
            for day, name, definition in store.provisional(cycle, since, today):
                if only is None or name in only:
                    found.setdefault(day, {}).setdefault(cycle, {})[name] = definition
    return dict(sorted(found.items()))


def _of_day(workspace: Workspace, store: Store, day: AsOf, stored: Mapping[str, str]) -> list[Outcome]:
    definitions = workspace.definitions
    same = {name for name, hash_ in stored.items() if name in definitions and definitions[name].hash == hash_}
    members = {one.id for name in same for one in workspace.members.get(name, ())}
    found = outcome.compute(workspace, store, day, same | members) if same else []
    unread = {one.key_result.id for one in found if not _OF_SYNCS.isdisjoint(gate.gate for gate in one.failed_gates)}
    return [
        one
        for one in found
        if one.key_result.id in same and unread.isdisjoint(_with_members(workspace, one.key_result.id))
    ]


def _with_members(workspace: Workspace, name: str) -> Sequence[str]:
    return [name, *(one.id for one in workspace.members.get(name, ()))]
