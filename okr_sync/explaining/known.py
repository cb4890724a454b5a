"""What was known of a key result's day by the end of another day, beside what is known now and what was stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from okr_sync import outcome
from okr_sync.explaining.explanation import Explanation
from okr_sync.measure import AsOf
from okr_sync.project.key_result import KeyResult
from okr_sync.store import Observation, RecordedObservation, Store
from okr_sync.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Known:
    """A day's number as a run at the end of the day `known_on` makes it, and as a run now would."""

    key_result: KeyResult
    as_of: AsOf
    known_on: date
    then: Observation | None
    """By the present definition, with the gates as they stood; `None` where `known_on` lies before the day: nothing of
    it was known."""
    now: Observation
    stored: Sequence[RecordedObservation]
    """Every revision of the day, in the order in which they were recorded."""
    explanation: Explanation | None = None
    """What `then` rests on."""


def known(
    workspace: Workspace, store: Store, key_result: KeyResult, day: AsOf, known_on: date, known_at: datetime
) -> Known:
    """What is known of `day` now, and was at `known_at`, the end of the day `known_on`."""
    then = None
    if known_on >= day.day:
        past = workspace.known_by(known_at)
        then = _computed(past, store, key_result, AsOf.in_cycle(past.project, day.cycle, day.day, known_at))
    revisions = [one for one in store.history(day.cycle.name, key_result.id) if one.as_of == day.day]
    now = _computed(workspace, store, key_result, day)
    return Known(key_result, day, known_on, then, now, revisions)


def _computed(workspace: Workspace, store: Store, key_result: KeyResult, day: AsOf) -> Observation:
    """Without the forecast, whose own past is not rebuilt."""
    wanted = {key_result.id, *(one.id for one in workspace.members.get(key_result.id, ()))}
    found = outcome.compute(workspace, store, day, wanted)
    observation = next(one.observation for one in found if one.key_result.id == key_result.id)
    return replace(observation, forecast_value=None, forecast_low=None, forecast_high=None, forecast_basis=None)
