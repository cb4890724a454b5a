"""KPIs, and the completion of each objective's initiatives, as assets: what is watched beside the key results."""

# Dagster reads the annotation of `context` as an object: no `from __future__ import annotations` here.
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from okr_sync import night, pipeline
from okr_sync.initiatives import CompletionOutcome, compute_completions
from okr_sync.kpis import KpiOutcome, KpiStatus, compute_kpis
from okr_sync.orchestration.selected import Metadata
from okr_sync.orchestration.streams import stream_key
from okr_sync.project.model import Objective
from okr_sync.project.units import amount
from okr_sync.workspace import Workspace, open_workspace


def kpi_key(name: str) -> dg.AssetKey:
    return dg.AssetKey(["kpis", name])


def initiatives_key(objective: Objective) -> dg.AssetKey:
    return dg.AssetKey(["initiatives", objective.id])


def watched_keys(workspace: Workspace) -> list[dg.AssetKey]:
    return [*map(kpi_key, workspace.project.kpis), *map(initiatives_key, _measured(workspace))]


def watched_streams(workspace: Workspace) -> set[str]:
    """The streams that KPIs and initiatives of the present cycle read."""
    of_kpis = {name for kpi in workspace.project.kpis for name in _kpi_streams(workspace, kpi)}
    return of_kpis | {name for one in _measured(workspace) for name in _initiative_streams(workspace, one)}


def watched_assets(workspace: Workspace) -> list[dg.AssetsDefinition]:
    """A step for the KPIs and one for the initiatives, where the project has any."""
    steps = []
    if workspace.project.kpis:
        steps.append(_kpi_step(workspace))
    if _measured(workspace):
        steps.append(_initiative_step(workspace))
    return steps


def _kpi_step(workspace: Workspace) -> dg.AssetsDefinition:
    folder = workspace.project.folder
    names = {kpi_key(name): name for name in workspace.project.kpis}

    @dg.multi_asset(
        name="watch_kpis",
        specs=[_kpi_spec(workspace, name) for name in names.values()],
        description="Compute the KPIs from what has landed and store what is new. No source is asked.",
        can_subset=True,
    )
    def watch_kpis(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        wanted = {names[key] for key in context.selected_asset_keys}
        for one in _compute_kpis(folder, wanted, context.run.run_id):
            yield dg.MaterializeResult(asset_key=kpi_key(one.observation.kpi), metadata=_kpi_metadata(one))

    return watch_kpis


def _compute_kpis(folder: Path, wanted: set[str], run: str) -> list[KpiOutcome]:
    workspace, (day, *_) = pipeline.in_time(open_workspace(folder), None)
    with pipeline.open_store(workspace) as store:
        run_id = pipeline.begin_run(workspace, store, f"dagster kpis {run}", day)
        found = compute_kpis(workspace, store, day, wanted)
        night.record_kpis(workspace, store, run_id, found)
        store.finish_run(run_id, "done", workspace.clock())
    return found


def _initiative_step(workspace: Workspace) -> dg.AssetsDefinition:
    folder = workspace.project.folder
    objectives = _measured(workspace)

    @dg.multi_asset(
        name="count_initiatives",
        specs=[
            dg.AssetSpec(
                initiatives_key(one),
                deps=[stream_key(name) for name in sorted(_initiative_streams(workspace, one))],
                group_name=f"objective_{one.id}",
                description=f"How many records of the initiatives are done.\n\nObjective: {one.name}",
                kinds={"okr"},
            )
            for one in objectives
        ],
        description="Count the records of the initiatives. It never counts as progress.",
    )
    def count_initiatives(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        found = _count_initiatives(folder, context.run.run_id)
        for objective in objectives:
            own = [one for one in found if one.objective.id == objective.id]
            yield dg.MaterializeResult(asset_key=initiatives_key(objective), metadata=_completion_metadata(own))

    return count_initiatives


def _count_initiatives(folder: Path, run: str) -> list[CompletionOutcome]:
    workspace, days = pipeline.in_time(open_workspace(folder), None)
    counted: list[CompletionOutcome] = []
    with pipeline.open_store(workspace) as store:
        run_id = pipeline.begin_run(workspace, store, f"dagster initiatives {run}", days[0])
        for day in days:
            if store.closing(day.cycle.name) is None:  # what is closed stays as it was signed
                found = compute_completions(workspace, store, day)
                night.record_key_results(workspace, store, run_id, day, [])  # the objectives that they belong to
                night.record_completions(workspace, store, run_id, found)
                counted += found
        store.finish_run(run_id, "done", workspace.clock())
    return counted


def _measured(workspace: Workspace) -> list[Objective]:
    """The objectives of the present cycles with an initiative whose records are counted."""
    workspace, days = pipeline.in_time(workspace, None)
    objectives = [one for day in days for one in workspace.project.objectives_in(day.cycle)]
    counted = {(cycle, objective) for cycle, objective, _ in workspace.completions}
    return [one for one in objectives if (one.cycle, one.id) in counted]


def _kpi_streams(workspace: Workspace, name: str) -> set[str]:
    return workspace.streams_below(workspace.project.kpis[name].metric)


def _initiative_streams(workspace: Workspace, objective: Objective) -> set[str]:
    own = (objective.cycle, objective.id)
    return {one.stream for key, one in workspace.completions.items() if key[:2] == own}


def _kpi_spec(workspace: Workspace, name: str) -> dg.AssetSpec:
    kpi = workspace.project.kpis[name]
    return dg.AssetSpec(
        kpi_key(name),
        deps=[stream_key(one) for one in sorted(_kpi_streams(workspace, name))],
        group_name="kpis",
        description="\n\n".join(text for text in (kpi.name, kpi.description) if text),
        kinds={"okr"},
        metadata={"healthy": workspace.ranges[name].in_words, "written in": str(kpi.place())},
    )


def _kpi_metadata(one: KpiOutcome) -> Metadata:
    now = one.observation
    words = "no data" if now.value is None else amount(now.value, now.unit)
    return {
        **({} if now.value is None else {"value": now.value}),
        "value in words": dg.MetadataValue.text(words),
        "status": dg.MetadataValue.text(now.status),
        "reason": dg.MetadataValue.text(now.reason),
        "is healthy": dg.MetadataValue.bool(now.status == KpiStatus.HEALTHY),
    }


def _completion_metadata(found: list[CompletionOutcome]) -> Metadata:
    return {one.initiative.name: dg.MetadataValue.text(_in_words(one)) for one in found}


def _in_words(one: CompletionOutcome) -> str:
    now = one.completion
    return now.status if now.record_count is None else f"{now.done_count} of {now.record_count}"
