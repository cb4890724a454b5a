"""The roll-up of a template: an observation of its own, made from those of its members."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from okr_sync.measure import AsOf
from okr_sync.progress import Assessment, Part, Status, assess_mean, assess_worst
from okr_sync.project.each import RollUp
from okr_sync.project.key_result import KeyResult
from okr_sync.store import Observation
from okr_sync.workspace import Workspace


def rolled_up(
    workspace: Workspace, template: KeyResult, observations: Mapping[str, Observation], day: AsOf
) -> Observation:
    """Where `template` stands on the day by the `observations` of its members; its value is their joint progress."""
    members = workspace.members[template.id]
    parts = [Part(one.name, one.weight, _assessment(observations[one.id])) for one in members]
    standing = assess_worst(parts) if template.roll_up is RollUp.WORST else assess_mean(parts)
    goal = workspace.goals[template.id].with_baselines(())
    return Observation(
        cycle=day.cycle.name,
        key_result=template.id,
        as_of=day.day,
        value=standing.progress,
        unit=goal.unit,
        baseline=None,
        target=goal.target,
        weight=template.weight,
        progress=standing.progress,
        expected_progress=standing.expected_progress,
        status=standing.status.value,
        reason=standing.reason,
        record_count=sum(observations[one.id].record_count for one in members),
        definition=workspace.definitions[template.id].hash,
        is_provisional=any(observations[one.id].is_provisional for one in members),
        evidence={"members": {one.id: _standing(observations[one.id]) for one in members}},
    )


def _assessment(observation: Observation) -> Assessment:
    status = Status(observation.status)
    return Assessment(observation.progress, observation.expected_progress, status, observation.reason)


def _standing(observation: Observation) -> dict[str, JsonValue]:
    return {
        "value": observation.value,
        "progress": observation.progress,
        "status": observation.status,
        "record_count": observation.record_count,
    }
