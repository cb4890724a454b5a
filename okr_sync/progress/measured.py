"""Goals whose baseline is still to be measured: what is known of them before that."""

from __future__ import annotations

from okr_sync.progress.goal import Goal
from okr_sync.project.changes import Change
from okr_sync.project.goals import GoalFields, GoalKind, Reference
from okr_sync.project.units import PERCENT, Quantity, amount

_VALUES = {
    Reference.CYCLE_START: "the value at cycle start",
    Reference.PREVIOUS_CYCLE: "the value of the previous cycle",
}


def in_words(fields: GoalFields, unit: str | None) -> str:
    """`+300 from the value at cycle start`, `from the value of the previous cycle to 45 points`."""
    start = "0" if fields.reference is None else _VALUES[fields.reference]
    target = _target(fields, unit)
    return f"{target} from {start}" if isinstance(_meant(fields), Change) else f"from {start} to {target}"


def in_short(fields: GoalFields, unit: str | None) -> str:
    """`at cycle start → +300`, `previous cycle → 45 points`."""
    start = "0" if fields.reference is None else fields.reference.value
    return f"{start} → {_target(fields, unit)}"


def stand_in(fields: GoalFields) -> Goal:
    """A goal with the plan of `fields` and numbers of its own. Values planned by day are shares of a way that is not
    known yet: a straight line stands for them."""
    if fields.goal_kind is GoalKind.KEEP:
        return Goal(GoalKind.KEEP)
    pace = sorted((fields.pace or {}).items())
    return Goal(GoalKind.MOVE, baseline=0.0, target=1.0, pace=tuple((day, share.to(PERCENT)) for day, share in pace))


def check_units(fields: GoalFields, unit: str | None) -> None:
    """Whether the target and the values on the way to it fit the unit, whatever the baseline will be.

    Raises:
        UnitError: one of them does not.
    """
    for written in (fields.target, *(fields.by or {}).values()):
        meant = None if written is None else fields.as_meant(written)
        if isinstance(meant, Quantity):
            meant.to(unit)
        elif meant is not None:
            meant.from_(1.0, unit)


def _meant(fields: GoalFields) -> Quantity | Change | None:
    return None if fields.target is None else fields.as_meant(fields.target)


def _target(fields: GoalFields, unit: str | None) -> str:
    meant = _meant(fields)
    return amount(meant.to(unit), unit) if isinstance(meant, Quantity) else str(meant)
