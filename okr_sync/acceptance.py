"""A person lets a value of a day through gates that it failed: which gates, whose word, and how the number says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from okr_sync.store import Acceptance, Observation
from okr_sync.store.model import is_equal
from okr_sync.store.observations import KEPT_BACK
from okr_sync.trust import FailedGate, Gate

ACCEPTABLE = (Gate.MAX_AGE, Gate.MIN_COUNT, Gate.MAX_MOVE)
"""What a person can know better: that data of this age will do, that few records are all, that a jump is real. Nobody
makes whole what was read in part or not at all."""
ACCEPTED = "accepted by a person"
"""In the evidence, under a name that no metric has."""


@dataclass(frozen=True, slots=True)
class Wish:
    """That these key results be let through."""

    key_results: tuple[str, ...]
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a key result was not accepted."""

    key_result: str
    why: str


def granted(observation: Observation, failed: Sequence[FailedGate], wish: Wish, at: datetime) -> Acceptance | Refusal:
    """The acceptance of a value that failed these gates."""
    hopeless = [gate.reason for gate in failed if gate.gate not in ACCEPTABLE]
    if hopeless:
        return Refusal(observation.key_result, f"nobody can accept data that are missing: {'; '.join(hopeless)}")
    if not failed:
        return Refusal(observation.key_result, f"its gates hold, so there is nothing to accept: {observation.reason}")
    return Acceptance(
        cycle=observation.cycle,
        key_result=observation.key_result,
        as_of=observation.as_of,
        value=observation.computed_value,
        gates={gate.gate.value: gate.reason for gate in failed},
        reason=wish.reason,
        accepted_by=wish.by,
        accepted_at=at,
    )


def still_failed(failed: Sequence[FailedGate], accepted: Acceptance | None, value: float | None) -> list[FailedGate]:
    """The gates that nobody let the value through: a jump is accepted to one value, and not to any other."""
    if accepted is None:
        return list(failed)
    is_same = is_equal(value, accepted.value)
    passed = {Gate(name) for name in accepted.gates if is_same or name != Gate.MAX_MOVE}
    return [gate for gate in failed if gate.gate not in passed]


def said_of(observation: Observation, failed: Sequence[FailedGate], accepted: Acceptance | None) -> Observation:
    """The observation with the acceptance in its reason and evidence, where the value rests on it.

    It does as long as the value is the one that was accepted, or a gate fails that was: a jump that was let through is
    none any more when the day is computed again.
    """
    if accepted is None or observation.status in KEPT_BACK:
        return observation
    if not failed and not is_equal(observation.value, accepted.value):
        return observation
    why = f"accepted by {accepted.accepted_by}: {accepted.reason} ({'; '.join(accepted.gates.values())})"
    evidence: dict[str, JsonValue] = {ACCEPTED: _evidence(accepted), **observation.evidence}
    return replace(observation, reason=f"{observation.reason}; {why}", evidence=evidence)


def _evidence(accepted: Acceptance) -> dict[str, JsonValue]:
    gates: dict[str, JsonValue] = dict(accepted.gates)
    at = accepted.accepted_at.isoformat()
    return {"by": accepted.accepted_by, "at": at, "reason": accepted.reason, "gates": gates}
