"""The numbers of a goal that are written without a unit."""

from __future__ import annotations

from collections.abc import Iterator

from okr_sync.project.changes import Change, ChangeKind
from okr_sync.project.goals import GoalFields
from okr_sync.project.units import Quantity


def bare_numbers(goal: GoalFields) -> Iterator[tuple[str, Quantity | Change]]:
    """By the fields they are written in."""
    low, high = goal.between or (None, None)
    bounds = (("at_least", goal.at_least), ("at_most", goal.at_most), ("between", low), ("between", high))
    targets = (("target", goal.target), *(("by", value) for value in (goal.by or {}).values()))
    meant = [(name, goal.as_meant(value)) for name, value in targets if value is not None]
    for name, value in [("baseline", goal.baseline), *meant, *bounds]:
        if isinstance(value, Quantity) and value.unit is None:
            yield name, value
        if isinstance(value, Change) and value.kind is ChangeKind.ADD and value.quantity.unit is None:
            yield name, value
