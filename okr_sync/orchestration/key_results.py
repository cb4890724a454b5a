"""Key results as assets, grouped by objective, in steps of at most 200.

Dagster's bookkeeping of one step grows with the square of its assets, so a long list is cut into several steps.
"""

# Dagster reads the annotation of `context` as an object: no `from __future__ import annotations` here.
from collections.abc import Iterator, Sequence, Set
from pathlib import Path

import dagster as dg

from okr_sync import night, outcome, pipeline
from okr_sync.orchestration.describe import key_result_spec
from okr_sync.orchestration.selected import Metadata, StepResult, asked_for
from okr_sync.orchestration.streams import incomplete_streams
from okr_sync.outcome import Outcome
from okr_sync.progress import Status
from okr_sync.project.key_result import KeyResult
from okr_sync.project.model import Objective
from okr_sync.project.units import amount
from okr_sync.store import Observation
from okr_sync.workspace import Workspace, open_workspace

CHECK = "trusted"
LARGEST_STEP = 200


def key_result_assets(workspace: Workspace) -> list[dg.AssetsDefinition]:
    """Steps over the key results of the present cycles, in the project's order."""
    workspace, days = pipeline.in_time(workspace, None)
    pairs = [
        (objective, one)
        for day in days
        for objective in workspace.project.objectives_in(day.cycle)
        for one in objective.key_results
    ]
    starts = range(0, len(pairs), LARGEST_STEP)
    return [_step(workspace, number, pairs[start : start + LARGEST_STEP]) for number, start in enumerate(starts, 1)]


def _step(workspace: Workspace, number: int, pairs: Sequence[tuple[Objective, KeyResult]]) -> dg.AssetsDefinition:
    folder = workspace.project.folder
    specs = {one.id: key_result_spec(workspace, objective, one) for objective, one in pairs}

    @dg.multi_asset(
        name=f"compute_{number}",
        specs=list(specs.values()),
        check_specs=[
            dg.AssetCheckSpec(CHECK, asset=spec.key, description="The value passed every gate and was published.")
            for spec in specs.values()
        ],
        description="Compute key results from what has landed and store what is new. No source is asked.",
        can_subset=True,
    )
    def compute(context: dg.AssetExecutionContext) -> Iterator[StepResult]:
        keys = context.selected_asset_keys | {check.asset_key for check in context.selected_asset_check_keys}
        wanted = {name for name, spec in specs.items() if spec.key in keys}
        for one, is_trusted in _compute(folder, wanted, context.run.run_id):
            key = specs[one.key_result.id].key
            yield from asked_for(context, _check(key, one.observation, is_trusted), _metadata(one.observation))

    return compute


def _compute(folder: Path, wanted: Set[str], run: str) -> list[tuple[Outcome, bool]]:
    """The outcomes, each with whether it is trusted: neither withheld nor missing because a source failed."""
    workspace, days = pipeline.in_time(open_workspace(folder), None)
    with pipeline.open_store(workspace) as store:
        run_id = pipeline.begin_run(workspace, store, f"dagster {run}", days[0])
        outcomes = []
        for day in days:
            if store.closing(day.cycle.name) is None:  # what is closed stays as it was signed
                found = outcome.compute(workspace, store, day, wanted)
                night.record_key_results(workspace, store, run_id, day, found)
                outcomes += found
        incomplete = incomplete_streams(workspace, store)
        store.finish_run(run_id, "done", workspace.clock())
    return [
        (
            one,
            one.observation.status != Status.WITHHELD
            and incomplete.keys().isdisjoint(workspace.streams_read(one.key_result)),
        )
        for one in outcomes
    ]


def _check(key: dg.AssetKey, observation: Observation, is_trusted: bool) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=CHECK,
        asset_key=key,
        passed=is_trusted,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{observation.status}: {observation.reason}",
    )


def _metadata(observation: Observation) -> Metadata:
    """What is known, as Dagster charts it: a number that is missing is left out, so that it is not drawn as 0."""
    numbers = {
        "value": observation.value,
        "value withheld": observation.computed_value,
        "baseline": observation.baseline,
        "target": observation.target,
        "progress": observation.progress,
        "expected progress": observation.expected_progress,
        "forecast": observation.forecast_value,
        "forecast low": observation.forecast_low,
        "forecast high": observation.forecast_high,
        "records": observation.record_count,
    }
    texts = {
        "status": observation.status,
        "reason": observation.reason,
        "value in words": None if observation.value is None else amount(observation.value, observation.unit),
        "as of": observation.as_of.isoformat(),
    }
    return {
        **{name: number for name, number in numbers.items() if number is not None},
        **{name: dg.MetadataValue.text(text) for name, text in texts.items() if text is not None},
    }
