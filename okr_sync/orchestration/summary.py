"""The end of the night: one asset that fails the run when a source failed or a value was withheld, and says which."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from okr_sync import pipeline
from okr_sync.orchestration.describe import key_result_key
from okr_sync.orchestration.streams import incomplete_streams, stream_key
from okr_sync.progress import Status
from okr_sync.store import Observation
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
        description="Fails the run if a source was not complete or a value was withheld; says which and what to do.",
        kinds={"okr"},
    )
    def night_summary() -> dg.MaterializeResult[None]:
        problems = problems_of(open_workspace(folder))
        if problems:
            raise dg.Failure(description="\n".join(problems), allow_retries=False)
        return dg.MaterializeResult(metadata={"key results": len(pairs), "problems": 0})

    return night_summary


def problems_of(workspace: Workspace) -> list[str]:
    """What went wrong, as paragraphs: each stream that is not complete, and each other key result that is withheld."""
    day = pipeline.day_of(workspace, None)
    with pipeline.open_store(workspace) as store:
        incomplete = incomplete_streams(workspace, store)
        stored = store.observations_at(day.cycle.name, day.day)
    touched: dict[str, list[str]] = {name: [] for name in incomplete}
    others = []
    for one in (one for objective in workspace.project.objectives_in(day.cycle) for one in objective.key_results):
        causes = [name for name in workspace.streams_read(one) if name in incomplete]
        for name in causes:
            touched[name].append(one.id)
        if not causes and one.id in stored and stored[one.id].status == Status.WITHHELD:
            others.append(stored[one.id])
    return [*(_incomplete(name, incomplete[name], touched[name]) for name in incomplete), *map(_withheld, others)]


def _incomplete(stream: str, why: str, key_results: Sequence[str]) -> str:
    source = stream.partition(".")[0]
    return (
        f"{stream} is not complete: {why}\n"
        f"  Key results that read it and are withheld: {', '.join(key_results) or 'none'}.\n"
        f"  To do: repair source {source}, then run the job again; what has landed is not read twice."
    )


def _withheld(observation: Observation) -> str:
    name = observation.key_result
    return f"key result {name} is withheld: {observation.reason}\n  To do: look at its records: okr-sync explain {name}"
