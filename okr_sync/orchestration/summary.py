"""The end of the night: one asset that fails the run when a source failed or a value was withheld, and says which."""

# Dagster reads the annotation of `context` as an object: no `from __future__ import annotations` here.
from collections.abc import Sequence

import dagster as dg

from okr_sync import pipeline
from okr_sync.measure import Trial
from okr_sync.orchestration.describe import key_result_key
from okr_sync.orchestration.failing import explained_step
from okr_sync.orchestration.last_good import Opened, open_again
from okr_sync.orchestration.streams import incomplete_streams, stream_key, synced_streams
from okr_sync.orchestration.tested import tested_metrics, trials_of
from okr_sync.orchestration.undisturbed import undisturbed
from okr_sync.orchestration.watched import watched_keys, watched_streams
from okr_sync.progress import Status
from okr_sync.project.key_result import KeyResult
from okr_sync.store import Observation, RecordedObservation
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
            problems = [] if present.broken is None else [present.broken]
            problems += undisturbed(present.workspace, lambda: problems_of(present.workspace))
        if problems:
            raise dg.Failure(description="\n".join(problems), allow_retries=False)
        return dg.MaterializeResult(metadata={"key results": len(pairs), "problems": 0})

    return night_summary


def _of_today(key: dg.AssetKey) -> dg.AssetDep:
    return dg.AssetDep(key, partition_mapping=dg.LastPartitionMapping())


def problems_of(workspace: Workspace) -> list[str]:
    """A line with the numbers, then each source that is not complete and each other key result that is withheld.

    Then each metric whose own tests fail. Nothing where all is well.
    """
    workspace, days = pipeline.in_time(workspace, None)
    stored: dict[str, RecordedObservation] = {}
    key_results: list[KeyResult] = []
    with pipeline.open_store(workspace) as store:
        incomplete = incomplete_streams(workspace, store)
        for day in days:
            if store.closing(day.cycle.name) is None:  # what is closed waits for nothing
                stored |= store.observations_at(day.cycle.name, day.day)
                key_results += [one for each in workspace.project.objectives_in(day.cycle) for one in each.key_results]
    touched = {one.id: incomplete.keys() & workspace.streams_read(one) for one in key_results}
    withheld = [
        stored[name]
        for name, causes in touched.items()
        if not causes and name in stored and stored[name].status == Status.WITHHELD
    ]
    failing = _failing_tests(workspace, key_results)
    if not incomplete and not withheld and not failing:
        return []
    kept_back_count = len(withheld) + sum(1 for causes in touched.values() if causes)
    numbers = (
        f"{len(incomplete)} of {len(synced_streams(workspace))} streams are not complete,"
        f" {kept_back_count} of {len(touched)} key results are kept back."
    )
    sources = [
        _incomplete(streams, why, [name for name, causes in touched.items() if not causes.isdisjoint(streams)])
        for (_, why), streams in _by_source(incomplete).items()
    ]
    return [numbers, *sources, *(_withheld(one) for one in withheld), *failing]


def _failing_tests(workspace: Workspace, key_results: Sequence[KeyResult]) -> list[str]:
    """Each metric below these key results whose own tests fail."""
    tested = {one.id: tested_metrics(workspace, one) for one in key_results}
    trials = trials_of(workspace, (name for names in tested.values() for name in names))
    return [
        _failing(name, failed, own, [one for one, names in tested.items() if name in names])
        for name, own in trials.items()
        if (failed := [one for one in own if not one.has_passed])
    ]


def _failing(name: str, failed: Sequence[Trial], tests: Sequence[Trial], key_results: Sequence[str]) -> str:
    first = failed[0]
    return (
        f"Metric {name} fails {len(failed)} of its own tests, which are {len(tests)}: {first.label} {first.failure}"
        f" ({first.place})\n"
        f"  Key results that rest on it: {', '.join(key_results)}. Their values may be wrong.\n"
        f"  To do: okr-sync test {name} shows which rows make it so; correct the formula or the test."
    )


def _by_source(incomplete: dict[str, str]) -> dict[tuple[str, str], list[str]]:
    """The streams of each source and reason: a source that failed as a whole gives all of its streams the same one."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, why in incomplete.items():
        found.setdefault((name.partition(".")[0], why), []).append(name)
    return found


def _incomplete(streams: Sequence[str], why: str, key_results: Sequence[str]) -> str:
    source = streams[0].partition(".")[0]
    return (
        f"Source {source}, {', '.join(streams)}: {why}\n"
        f"  Key results that read it: {', '.join(key_results) or 'none'}. They keep their last trusted values.\n"
        f"  To do: repair source {source}, then run the job again; what has landed is not read twice."
    )


def _withheld(observation: Observation) -> str:
    name = observation.key_result
    return f"Key result {name} is withheld: {observation.reason}\n  To do: look at its records: okr-sync explain {name}"
