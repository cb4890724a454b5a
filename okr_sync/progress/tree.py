"""Objectives below objectives: each counts into the one above it, as a part beside that one's own key results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from okr_sync.progress.objective import Part, assess_objective
from okr_sync.progress.standing import Assessment


@dataclass(frozen=True, slots=True)
class Place:
    """Where an objective lies among the others, and how much it weighs in the one above."""

    id: str
    name: str
    parent: str | None
    weight: float


def standings(places: Sequence[Place], key_results: Mapping[str, Sequence[Part]]) -> dict[str, Assessment]:
    """Where each objective stands by its key results and by the objectives below it, whose parents make no circle.

    A parent that is not among `places` is one that does not run on the day: it takes nothing from its children.
    """
    found: dict[str, Assessment] = {}

    def standing(place: Place) -> Assessment:
        if place.id not in found:
            children = [Part(one.name, one.weight, standing(one)) for one in places if one.parent == place.id]
            found[place.id] = assess_objective(key_results[place.id], children)
        return found[place.id]

    for place in places:
        standing(place)
    return found
