"""What is signed when a cycle is closed: how each key result and objective ended, as plain data made from the store.

Made twice it says the same, so that a later reading of the store can be compared with what was signed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from okr_sync.progress import Assessment, Part, Place, Status, grade, grade_in_words, standings
from okr_sync.project.cycle import Cycle
from okr_sync.project.goals import Ambition
from okr_sync.store import RecordedObservation, Store, StoredKeyResult, StoredObjective

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Header:
    """Who closed the cycle, when, with which okr-sync, and which key results were accepted as they were."""

    closed_at: str
    closed_by: str
    version: str
    accepted: tuple[str, ...] = ()


def canonical(content: JsonValue) -> str:
    """JSON that is the same for the same content: sorted keys, no spaces, no escapes."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def snapshot(store: Store, cycle: Cycle, header: Header) -> dict[str, JsonValue]:
    """The cycle as it is stored for its last day.

    Objectives of other cycles that ran on that day count where they lie below one of this cycle.
    """
    running = [one for one in store.cycles() if one.start <= cycle.end <= one.end]
    ends = {one.name: _End.of(store, one, cycle) for one in running}
    places = [place for one in ends.values() for place in one.places]
    parts = {name: parts for one in ends.values() for name, parts in one.parts.items()}
    found = standings(places, parts)
    own = ends[cycle.name]
    return {
        "format": FORMAT,
        "cycle": {"name": cycle.name, "start": cycle.start.isoformat(), "end": cycle.end.isoformat()},
        "closed_at": header.closed_at,
        "closed_by": header.closed_by,
        "version": header.version,
        "accepted": list(header.accepted),
        "objectives": [_objective(one, own, found, places) for one in own.objectives],
        "definitions": _definitions(store, own),
    }


@dataclass(frozen=True, slots=True)
class _End:
    """A cycle's objectives that the project still has, and what is stored of their key results for the last day."""

    objectives: Sequence[StoredObjective]
    observations: Mapping[str, RecordedObservation]
    completions: Mapping[str, list[JsonValue]]

    @classmethod
    def of(cls, store: Store, one: Cycle, closed: Cycle) -> _End:
        completions: dict[str, list[JsonValue]] = {}
        for (objective, name), found in sorted(store.completions_at(one.name, closed.end).items()):
            counts: JsonValue = {"name": name, "done_count": found.done_count, "record_count": found.record_count}
            completions.setdefault(objective, []).append(counts)
        return cls(_present(store.objectives(one.name)), store.observations_at(one.name, closed.end), completions)

    @property
    def places(self) -> list[Place]:
        return [Place(one.id, one.name, one.parent, one.weight) for one in self.objectives]

    @property
    def parts(self) -> dict[str, list[Part]]:
        return {
            objective.id: [
                Part(one.name, one.weight, _assessment(self.observations.get(one.id)))
                for one in objective.key_results
                if one.member_of is None
            ]
            for objective in self.objectives
        }


def present_key_results(objectives: Iterable[StoredObjective]) -> list[StoredKeyResult]:
    """Those that the project still has."""
    return [one for objective in objectives for one in objective.key_results if one.removed_at is None]


def _present(objectives: Sequence[StoredObjective]) -> list[StoredObjective]:
    """Without what the project has no more: removed key results, and objectives that have nothing left."""
    parents = {one.parent for one in objectives if present_key_results([one])}
    return [
        StoredObjective(
            id=one.id,
            name=one.name,
            owner=one.owner,
            key_results=tuple(present_key_results([one])),
            parent=one.parent,
            weight=one.weight,
        )
        for one in objectives
        if present_key_results([one]) or one.id in parents or not one.key_results
    ]


def _objective(one: StoredObjective, end: _End, found: Mapping[str, Assessment], places: Sequence[Place]) -> JsonValue:
    standing = found[one.id]
    below = [place for place in places if place.parent == one.id]
    return {
        "id": one.id,
        "name": one.name,
        "owner": one.owner,
        "parent": one.parent,
        "weight": one.weight,
        "progress": standing.progress,
        "status": standing.status.value,
        "reason": standing.reason,
        "grade": grade(standing.progress),
        "key_results": [_key_result(each, end.observations.get(each.id)) for each in one.key_results],
        "below": [
            {"id": each.id, "progress": found[each.id].progress, "grade": grade(found[each.id].progress)}
            for each in below
        ],
        "initiatives": end.completions.get(one.id, []),
    }


def _key_result(one: StoredKeyResult, observation: RecordedObservation | None) -> JsonValue:
    progress = None if observation is None else observation.progress
    written: dict[str, JsonValue] = {
        "id": one.id,
        "name": one.name,
        "owner": one.owner,
        "ambition": one.ambition,
        "weight": one.weight,
        "kind": one.kind,
        "goal": one.goal,
        "member_of": one.member_of,
        "roll_up": one.roll_up,
        "grade": grade(progress),
        "grade_in_words": grade_in_words(progress, Ambition(one.ambition)),
    }
    return written | _ended(observation)


def _ended(observation: RecordedObservation | None) -> dict[str, JsonValue]:
    if observation is None:
        return {"status": Status.NO_DATA.value, "value": None, "progress": None}
    return {
        "as_of": observation.as_of.isoformat(),
        "revision": observation.revision,
        "value": observation.value,
        "computed_value": observation.computed_value,
        "unit": observation.unit,
        "baseline": observation.baseline,
        "target": observation.target,
        "low": observation.low,
        "high": observation.high,
        "progress": observation.progress,
        "expected_progress": observation.expected_progress,
        "status": observation.status,
        "reason": observation.reason,
        "record_count": observation.record_count,
        "definition": observation.definition,
        "evidence": hashlib.sha256(canonical(dict(observation.evidence)).encode()).hexdigest(),
    }


def _definitions(store: Store, end: _End) -> dict[str, JsonValue]:
    """The texts behind the observations, by their hashes."""
    texts: dict[str, JsonValue] = {}
    for objective in end.objectives:
        for one in objective.key_results:
            observation = end.observations.get(one.id)
            for seen in store.definitions(one.id):
                if observation is not None and seen.definition.hash == observation.definition:
                    texts[seen.definition.hash] = seen.definition.text
    return texts


def _assessment(observation: RecordedObservation | None) -> Assessment:
    if observation is None:
        return Assessment(None, 1.0, Status.NO_DATA, "nothing was ever stored")
    status = Status(observation.status)
    return Assessment(observation.progress, observation.expected_progress, status, observation.reason)
