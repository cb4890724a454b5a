"""The end of the night: one asset that fails the run when a source failed or a value was withheld, and says which."""

# Dagster reads the annotation of `context` as an object: no `from __future__ import annotations` here.
import dagster as dg

from okr_sync import pipeline, problems
from okr_sync.orchestration.describe import key_result_key
from okr_sync.orchestration.failing import explained_step
from okr_sync.orchestration.last_good import Opened, open_again
from okr_sync.orchestration.streams import stream_key
from okr_sync.orchestration.undisturbed import undisturbed
from okr_sync.orchestration.watched import watched_keys, watched_streams
from okr_sync.problems import NightProblem, ProblemKind, synced_streams
from okr_sync.workspace import Workspace

NAME = "night_summary"


def summary_asset(opened: Opened) -> dg.AssetsDefinition:
    """Comes after every key result, and after the streams that none of them reads."""
    workspace, days = pipeline.in_time(opened.workspace, None)
    pairs = [
        (objective, one)
        for day in days
        for objective in workspace.project.objectives_in(day.cycle)
        for one in objective.key_results
    ]
    read = {name for _, one in pairs for name in workspace.streams_read(one)} | watched_streams(workspace)

    @dg.asset(
        name=NAME,
        deps=[
            *(_of_today(key_result_key(objective, one)) for objective, one in pairs),
            *(_of_today(key) for key in watched_keys(workspace)),
            *(stream_key(name) for name in synced_streams(workspace) if name not in read),
        ],
        group_name="summary",
        description=(
            "Fails the run if a source was not complete, a value was withheld or the project is broken;"
            " says which and what to do."
        ),
        kinds={"okr"},
        metadata={} if opened.broken is None else {"broken": dg.MetadataValue.text(opened.broken)},
    )
    def night_summary(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with explained_step(context):
            present = open_again(opened)
            found = [] if present.broken is None else [present.broken]
            found += undisturbed(present.workspace, lambda: problems_of(present.workspace))
            renamed = renamed_of(present.workspace)
        for one in renamed:
            context.log.warning(one)
        if found:
            raise dg.Failure(description="\n".join([*found, *renamed]), allow_retries=False)
        metadata: dict[str, dg.MetadataValue | float] = {"key results": len(pairs), "problems": 0}
        told = {"options renamed": dg.MetadataValue.md("\n\n".join(renamed))} if renamed else {}
        return dg.MaterializeResult(metadata={**metadata, **told})

    return night_summary


def _of_today(key: dg.AssetKey) -> dg.AssetDep:
    return dg.AssetDep(key, partition_mapping=dg.LastPartitionMapping())


def problems_of(workspace: Workspace) -> list[str]:
    """A line with the numbers, then each source that is not complete and each other value that is withheld, and each
    metric whose own tests fail. Nothing where all is well."""
    workspace, days = pipeline.in_time(workspace, None)
    with pipeline.open_store(workspace) as store:
        key_results = problems.open_key_results(workspace, store, days)
        found = problems.problems_of(workspace, store, days, pipeline.trials_of)
    if not found:
        return []
    incomplete = {name for one in found for name in one.streams}
    kept_back = {name for one in found if one.kind is not ProblemKind.METRIC_TEST for name in one.key_results}
    numbers = (
        f"{len(incomplete)} of {len(synced_streams(workspace))} streams are not complete,"
        f" {len(kept_back)} of {len(key_results)} key results are kept back."
    )
    return [numbers, *map(_in_words, found)]


def renamed_of(workspace: Workspace) -> list[str]:
    """A line for each option that formulas name and that looks renamed. It fails no run: nobody knows for sure."""
    with pipeline.open_store(workspace) as store:
        return [f"{one.stream}: {one}" for one in pipeline.renamed_options(workspace, store)]


def _in_words(one: NightProblem) -> str:
    names = ", ".join(one.key_results)
    if one.kind is ProblemKind.METRIC_TEST:
        return (
            f"Metric {one.subject} fails its own tests, {one.reason} ({one.place})\n"
            f"  Key results that rest on it: {names}. Their values may be wrong.\n"
            f"  To do: okr-sync test {one.subject} shows which rows make it so; correct the formula or the test."
        )
    if one.kind is ProblemKind.WITHHELD:
        look = f"look at its records: okr-sync explain {one.subject}" if names else "look at it: okr-sync status"
        what = f"Key result {one.subject}" if names else f"KPI {one.subject.removeprefix('kpi ')}"
        return f"{what} is withheld: {one.reason}\n  To do: {look}"
    reason = (one.reason or "").removeprefix(f"source {one.subject}: ")
    return (
        f"Source {one.subject}, {', '.join(one.streams)}: {reason}\n"
        f"  Key results that read it: {names or 'none'}. They keep their last trusted values.\n"
        f"  To do: repair source {one.subject}, then run the job again; what has landed is not read twice."
    )
