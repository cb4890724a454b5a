"""Key results as assets, grouped by objective, in steps of at most 200.

Dagster's bookkeeping of one step grows with the square of its assets, so a long list is cut into several steps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import dagster as dg

from okr_sync import outcome, pipeline
from okr_sync.orchestration.streams import stream_key
from okr_sync.outcome import Outcome
from okr_sync.progress import Status
from okr_sync.project.model import KeyResult, Objective
from okr_sync.workspace import Workspace, open_workspace

CHECK = "trusted"
LARGEST_STEP = 200


def key_result_key(objective: Objective, key_result: KeyResult) -> dg.AssetKey:
    return dg.AssetKey(["key_results", objective.id, key_result.id])


def key_result_assets(workspace: Workspace) -> list[dg.AssetsDefinition]:
    """Steps over the key results of the present cycle, in the project's order."""
    day = pipeline.day_of(workspace, None)
    pairs = [
        (objective, one) for objective in workspace.project.objectives_in(day.cycle) for one in objective.key_results
    ]
    starts = range(0, len(pairs), LARGEST_STEP)
    return [_step(workspace, number, pairs[start : start + LARGEST_STEP]) for number, start in enumerate(starts, 1)]


def _step(workspace: Workspace, number: int, pairs: Sequence[tuple[Objective, KeyResult]]) -> dg.AssetsDefinition:
    folder = workspace.project.folder
    keys = {one.id: key_result_key(objective, one) for objective, one in pairs}

    @dg.multi_asset(
        name=f"compute_{number}",
        specs=[_spec(workspace, objective, one) for objective, one in pairs],
        check_specs=[dg.AssetCheckSpec(CHECK, asset=key) for key in keys.values()],
        can_subset=True,
    )
    def compute(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        wanted = {name for name, key in keys.items() if key in context.selected_asset_keys}
        for one in _compute(folder, wanted, context.run_id):
            yield _result(keys[one.key_result.id], one)

    return compute


def _compute(folder: Path, wanted: Collection[str], run: str) -> list[Outcome]:
    workspace = open_workspace(folder)
    day = pipeline.day_of(workspace, None)
    with pipeline.open_store(workspace) as store:
        run_id = pipeline.begin_run(workspace, store, f"dagster {run}", day)
        outcomes = outcome.compute(workspace, store, day, wanted)
        pipeline.record(workspace, store, run_id, day, outcomes)
        store.finish_run(run_id, "done", workspace.clock())
    return outcomes


def _spec(workspace: Workspace, objective: Objective, key_result: KeyResult) -> dg.AssetSpec:
    formulas = {name: metric.metric.value for name, metric in workspace.metrics_below([key_result]).items()}
    return dg.AssetSpec(
        key_result_key(objective, key_result),
        deps=[stream_key(name) for name in workspace.streams_read(key_result)],
        group_name=objective.id,
        description=f"{key_result.name} ({objective.name})",
        kinds={"okr"},
        metadata={"formulas": dg.MetadataValue.json(formulas), "written in": str(key_result.place())},
    )


def _result(key: dg.AssetKey, one: Outcome) -> dg.MaterializeResult[None]:
    observation = one.observation
    numbers = {
        "value": observation.value,
        "progress": observation.progress,
        "expected progress": observation.expected_progress,
    }
    check = dg.AssetCheckResult(
        check_name=CHECK,
        asset_key=key,
        passed=observation.status != Status.WITHHELD,
        severity=dg.AssetCheckSeverity.ERROR,
        description=observation.reason,
    )
    return dg.MaterializeResult(
        asset_key=key,
        metadata={
            **{name: number for name, number in numbers.items() if number is not None},
            "status": observation.status,
            "reason": observation.reason,
            "records": observation.record_count,
            "as of": observation.as_of.isoformat(),
        },
        check_results=[check],
    )
