"""The end of the night: one asset that fails the run when a source failed or a value was withheld, and says which."""

from __future__ import annotations

import dagster as dg

from okr_sync import pipeline
from okr_sync.orchestration.describe import key_result_key
from okr_sync.orchestration.streams import incomplete_streams, stream_key
from okr_sync.progress import Status
from okr_sync.project.model import KeyResult
from okr_sync.workspace import Workspace, open_workspace

NAME = "night_summary"


def summary_asset(workspace: Workspace) -> dg.AssetsDefinition:
    """Comes after every key result, and after the streams that none of them reads."""
    folder = workspace.project.folder
    cycle = pipeline.day_of(workspace, None).cycle
    pairs = [(objective, one) for objective in workspace.project.objectives_in(cycle) for one in objective.key_results]
    read = {name for _, one in pairs for name in workspace.streams_read(one)}

    @dg.asset(
        name=NAME,
        deps=[
            *(key_result_key(objective, one) for objective, one in pairs),
            *(stream_key(name) for name in workspace.streams if name not in read),
        ],
        group_name="summary",
        description="Fails the run if a source was not complete or a value was withheld, and says which and what to do.",
        kinds={"okr"},
    )
    def night_summary() -> dg.MaterializeResult[None]:
        problems = problems_of(open_workspace(folder))
        if problems:
            raise dg.Failure(description="\n\n".join(problems), allow_retries=False)
        return dg.MaterializeResult(metadata={"key results": len(pairs), "problems": 0})

    return night_summary


def problems_of(workspace: Workspace) -> list[str]:
    """Every stream whose latest sync is not complete, and every other key result that is withheld: a paragraph each."""
    day = pipeline.day_of(workspace, None)
    with pipeline.open_store(workspace) as store:
        incomplete = incomplete_streams(workspace, store)
        stored = store.observations_at(day.cycle.name, day.day)
    present = [one for objective in workspace.project.objectives_in(day.cycle) for one in objective.key_results]
    touched = {name: [one.id for one in present if name in workspace.streams_read(one)] for name in incomplete}
    others = [one for one in present if incomplete.keys().isdisjoint(workspace.streams_read(one))]
    withheld = {one.id: stored[one.id] for one in others if one.id in stored}
    return [
        *(_stream_problem(name, why, touched[name]) for name, why in incomplete.items()),
        *(
            f"key result {name} is withheld: {one.reason}\n  To do: see the records with `okr-sync explain {name}`."
            for name, one in withheld.items()
            if one.status == Status.WITHHELD
        ),
    ]
