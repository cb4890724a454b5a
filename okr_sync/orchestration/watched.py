"""KPIs, and the completion of each objective's initiatives, as assets: what is watched beside the key results."""

# Dagster reads the annotation of `context` as an object: no `from __future__ import annotations` here.
from collections.abc import Iterator
from datetime import date

import dagster as dg

from okr_sync import night, pipeline, runs
from okr_sync.initiatives import CompletionOutcome, compute_completions
from okr_sync.kpis import KpiOutcome, KpiStatus, compute_kpis
from okr_sync.orchestration.days import ONE_RUN, asked_days, computed, daily_partitions, refuse_unknown
from okr_sync.orchestration.failing import explained_step
from okr_sync.orchestration.freshness import freshness_policy
from okr_sync.orchestration.last_good import Opened, open_again
from okr_sync.orchestration.lineage import made_of
from okr_sync.orchestration.owned import owners
from okr_sync.orchestration.selected import Metadata, StepResult
from okr_sync.orchestration.streams import stream_key
from okr_sync.orchestration.undisturbed import undisturbed
from okr_sync.orchestration.views import views_read
from okr_sync.orchestration.written import written_in
from okr_sync.project.model import Objective
from okr_sync.project.units import amount
from okr_sync.store import ClosedCycleError
from okr_sync.workspace import Workspace


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


def watched_assets(opened: Opened) -> list[dg.AssetsDefinition]:
    """A step for the KPIs and one for the initiatives, where the project has any."""
    steps = []
    if opened.workspace.project.kpis:
        steps.append(_kpi_step(opened))
    if _measured(opened.workspace):
        steps.append(_initiative_step(opened))
    return steps


def _kpi_step(opened: Opened) -> dg.AssetsDefinition:
    workspace = opened.workspace
    names = {kpi_key(name): name for name in workspace.project.kpis}

    @dg.multi_asset(
        name="watch_kpis",
        specs=[_kpi_spec(workspace, name) for name in names.values()],
        description="Compute the KPIs from what has landed and store what is new. No source is asked.",
        can_subset=True,
        partitions_def=daily_partitions(workspace),
        backfill_policy=ONE_RUN,
    )
    def watch_kpis(context: dg.AssetExecutionContext) -> Iterator[StepResult]:
        wanted = {names[key] for key in context.selected_asset_keys}
        run = context.run.run_id
        with explained_step(context):
            present = open_again(opened).workspace
            days = asked_days(context, present)
            by_day = undisturbed(present, lambda: {day: _compute_kpis(present, wanted, day, run) for day in days})
        for key in context.selected_asset_keys:
            yield from computed(context, key, {day: _kpi_metadata(found[names[key]]) for day, found in by_day.items()})

    return watch_kpis


def _compute_kpis(workspace: Workspace, wanted: set[str], as_of: date, run: str) -> dict[str, KpiOutcome]:
    workspace, (day, *_) = pipeline.in_time(workspace, as_of)
    with pipeline.open_store(workspace) as store:
        run_id = runs.begin(workspace, store, f"dagster kpis {run}", day.day)
        found = compute_kpis(workspace, store, day, wanted)
        night.record_kpis(workspace, store, run_id, found)
        runs.finish(workspace, store, run_id, "done")
    return {one.observation.kpi: one for one in found}


def _initiative_step(opened: Opened) -> dg.AssetsDefinition:
    workspace = opened.workspace
    objectives = _measured(workspace)

    @dg.multi_asset(
        name="count_initiatives",
        specs=[
            dg.AssetSpec(
                initiatives_key(one),
                deps=[stream_key(name) for name in sorted(_initiative_streams(workspace, one))],
                group_name=f"objective_{one.id}",
                description=f"How many records of the initiatives are done.\n\nObjective: {one.name}",
                owners=owners(one.owner),
                kinds={"okr"},
                metadata=written_in(
                    workspace.project.folder,
                    [(f"initiative {each.name!r}", each.place()) for each in one.initiatives if each.done],
                ),
            )
            for one in objectives
        ],
        description="Count the records of the initiatives. It never counts as progress.",
        can_subset=True,
        partitions_def=daily_partitions(workspace),
        backfill_policy=ONE_RUN,
    )
    def count_initiatives(context: dg.AssetExecutionContext) -> Iterator[StepResult]:
        run = context.run.run_id
        with explained_step(context):
            present = open_again(opened).workspace
            days = asked_days(context, present)
            by_day = undisturbed(present, lambda: {day: _count_initiatives(present, day, run) for day in days})
        missing = []
        for objective in objectives:
            key = initiatives_key(objective)
            metadata = {day: found[objective.id] for day, found in by_day.items() if objective.id in found}
            if key in context.selected_asset_keys:
                yield from computed(context, key, metadata)
                missing += [] if metadata else [key]
        refuse_unknown(missing, days)

    return count_initiatives


def _count_initiatives(workspace: Workspace, as_of: date, run: str) -> dict[str, Metadata]:
    """By objective of the day's cycles, its initiatives; what is closed stays as it was signed."""
    workspace, days = pipeline.in_time(workspace, as_of)
    counted: dict[str, Metadata] = {}
    with pipeline.open_store(workspace) as store:
        run_id = runs.begin(workspace, store, f"dagster initiatives {run}", days[0].day)
        for day in days:
            objectives = workspace.project.objectives_in(day.cycle)
            closing = store.closing(day.cycle.name)
            if closing is not None:
                error = ClosedCycleError.of(closing)
                counted |= {one.id: {"closed": dg.MetadataValue.text(str(error))} for one in objectives}
                continue
            found = compute_completions(workspace, store, day)
            night.record_key_results(workspace, store, run_id, day, [])  # the objectives that they belong to
            night.record_completions(workspace, store, run_id, found)
            counted |= {
                one.id: _completion_metadata([each for each in found if each.objective.id == one.id])
                for one in objectives
            }
        runs.finish(workspace, store, run_id, "done")
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
        deps=[
            *(stream_key(one) for one in sorted(_kpi_streams(workspace, name))),
            *views_read(workspace.kpi_metrics(name).values()),
        ],
        group_name="kpis",
        description="\n\n".join(text for text in (kpi.name, kpi.description) if text),
        owners=owners(kpi.owner),
        kinds={"okr"},
        metadata={
            "healthy": workspace.ranges[name].in_words,
            "written in": str(kpi.place()),
            **made_of(workspace.kpi_metrics(name).values(), workspace.metrics[kpi.metric].unit),
            **written_in(workspace.project.folder, [(f"KPI {name}", kpi.place())]),
        },
        freshness_policy=freshness_policy(workspace.project.settings),
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
