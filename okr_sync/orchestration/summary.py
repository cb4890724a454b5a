"""The end of the night: one asset that fails the run when a source failed or a value was withheld, and says which."""

from __future__ import annotations

import dagster as dg

from okr_sync import pipeline
from okr_sync.orchestration.key_results import key_result_key
from okr_sync.orchestration.streams import stream_key
from okr_sync.progress import Status
from okr_sync.workspace import Workspace, open_workspace

NAME = "night_summary"


def summary_asset(workspace: Workspace) -> dg.AssetsDefinition:
    folder = workspace.project.folder
    cycle = pipeline.day_of(workspace, None).cycle
    key_results = [
        key_result_key(objective, one)
        for objective in workspace.project.objectives_in(cycle)
        for one in objective.key_results
    ]

    @dg.asset(
        name=NAME,
        deps=[*(stream_key(name) for name in workspace.streams), *key_results],
        description="Whether every source was complete and every value could be trusted.",
        kinds={"okr"},
    )
    def night_summary() -> dg.MaterializeResult[None]:
        problems = problems_of(open_workspace(folder))
        if problems:
            raise dg.Failure(description="\n".join(problems), allow_retries=False)
        return dg.MaterializeResult(metadata={"problems": 0})

    return night_summary


def problems_of(workspace: Workspace) -> list[str]:
    """Every source whose latest sync is not complete, and every key result that is withheld today, with the reason."""
    day = pipeline.day_of(workspace, None)
    with pipeline.open_store(workspace) as store:
        syncs = [last.attempt for last in store.last_syncs().values()]
        stored = store.observations_at(day.cycle.name, day.day)
    failed = [f"{one.source}.{one.stream}: {one.error or 'did not finish'}" for one in syncs if not one.is_complete]
    present = {one.id for objective in workspace.project.objectives_in(day.cycle) for one in objective.key_results}
    withheld = [
        f"key result {name}: withheld: {one.reason}"
        for name, one in stored.items()
        if name in present and one.status == Status.WITHHELD
    ]
    return failed + withheld
