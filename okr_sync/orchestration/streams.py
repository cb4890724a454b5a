"""Streams as assets: one step per source syncs it, whichever of its streams are asked for.

A source that fails still ends its step, with failed checks: the key results of other sources go on, and those that
read it withhold their values. `summary` fails the run at its end.
"""

# Dagster reads the annotation of `context` as an object: no `from __future__ import annotations` here.
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

import dagster as dg

from okr_sync import pipeline, runs
from okr_sync.connector import Stream
from okr_sync.drift import Drift
from okr_sync.impact import LostOption
from okr_sync.orchestration.failing import explained_step
from okr_sync.orchestration.freshness import freshness_policy
from okr_sync.orchestration.last_good import open_project
from okr_sync.orchestration.lineage import columns
from okr_sync.orchestration.selected import Metadata, StepResult, asked_for
from okr_sync.orchestration.undisturbed import PATIENCE
from okr_sync.orchestration.written import written_in
from okr_sync.problems import synced_streams
from okr_sync.store import Store, SyncResult
from okr_sync.sync import StreamSync
from okr_sync.warehouse import LandedStream, SourceLog
from okr_sync.workspace import MissingVariableError, Workspace

CHECK = "complete"
SCHEMA_CHECK = "schema"
_COMPLETE = "The latest sync read every change."
_SCHEMA = (
    "The fields are as they landed before, and options that formulas name still come: an error where a formula reads a"
    " field that changed, else a warning."
)

AroundSync = Callable[[], AbstractContextManager[object]]


def stream_key(name: str) -> dg.AssetKey:
    """`jira.issues` as an asset key."""
    return dg.AssetKey(name.split("."))


def stream_assets(workspace: Workspace, around_sync: AroundSync) -> list[dg.AssetsDefinition]:
    return [_source_assets(workspace, source, around_sync) for source in workspace.project.sources]


def _source_assets(workspace: Workspace, source: str, around_sync: AroundSync) -> dg.AssetsDefinition:
    folder = workspace.project.folder
    streams = {name: stream for name, stream in synced_streams(workspace).items() if name.startswith(f"{source}.")}

    @dg.multi_asset(
        name=f"sync_{source}",
        specs=[_spec(workspace, name, stream) for name, stream in streams.items()],
        check_specs=[
            *(dg.AssetCheckSpec(CHECK, asset=stream_key(name), description=_COMPLETE) for name in streams),
            *(
                dg.AssetCheckSpec(SCHEMA_CHECK, asset=stream_key(name), description=_SCHEMA)
                for name in streams
                if name in workspace.fields_read
            ),
        ],
        description=f"Read what changed in {source} since the last sync and land it.",
        can_subset=True,
        pool=f"okr_sync_{source}",
    )
    def sync_source(context: dg.AssetExecutionContext) -> Iterator[StepResult]:
        with explained_step(context):
            with around_sync():
                # A project opened anew: in the demo, the variables that name its sandbox are set only now.
                present = open_project(folder).workspace
                syncs, renamed = _sync(present, source, context.run.run_id)
            landed = {one.stream.name: one for one in SourceLog(present.warehouse, source).describe()}
            for sync in syncs:
                key = stream_key(f"{source}.{sync.stream}")
                own = [str(one) for one in renamed if one.stream == f"{source}.{sync.stream}"]
                yield from asked_for(context, key, _checks(key, sync, own), _metadata(sync, landed.get(sync.stream)))

    return sync_source


def _sync(workspace: Workspace, source: str, run: str) -> tuple[Sequence[StreamSync], Sequence[LostOption]]:
    """How the streams of the source fared, and the options of it that look renamed."""
    with pipeline.open_store(workspace) as store:
        run_id = runs.begin(workspace, store, f"dagster {run}", pipeline.day_of(workspace, None).day)
        try:
            syncs = pipeline.sync_sources(
                workspace, store, run_id, pipeline.SyncOptions(sources=(source,), patience=PATIENCE)
            )
        except MissingVariableError as error:
            syncs = _refused(workspace, store, run_id, source, str(error))
        is_complete = all(sync.is_complete for sync in syncs)
        runs.finish(workspace, store, run_id, "done" if is_complete else "source failed")
        return syncs, pipeline.renamed_options(workspace, store, [source])


def _refused(workspace: Workspace, store: Store, run_id: int, source: str, error: str) -> list[StreamSync]:
    """Write down that no stream of the source could be read, so that what reads it is withheld, and nothing else."""
    now = workspace.clock()
    names = [name.split(".", 1)[1] for name in synced_streams(workspace) if name.startswith(f"{source}.")]
    for name in names:
        store.finish_sync(
            store.begin_sync(run_id, source, name, now), SyncResult(finished_at=now, is_complete=False, error=error)
        )
    return [StreamSync(source, name, now, now, error=error) for name in names]


def _spec(workspace: Workspace, name: str, stream: Stream) -> dg.AssetSpec:
    source = workspace.project.sources[name.partition(".")[0]]
    references = written_in(workspace.project.folder, [(f"source {source.name}", source.place)])
    return dg.AssetSpec(
        stream_key(name),
        group_name=f"source_{source.name}",
        description=stream.description or None,
        kinds={source.connector, workspace.warehouse.dialect},
        metadata={**columns(stream), **references},
        freshness_policy=freshness_policy(workspace.project.settings),
    )


def _checks(key: dg.AssetKey, sync: StreamSync, renamed: Sequence[str]) -> list[dg.AssetCheckResult]:
    """Of the schema nothing is said where the source did not come to describe it."""
    complete = dg.AssetCheckResult(
        check_name=CHECK,
        asset_key=key,
        passed=sync.is_complete,
        severity=dg.AssetCheckSeverity.ERROR,
        description=sync.error or "every change was read",
    )
    return [complete] if sync.drift is None else [complete, _schema_check(key, sync.drift, renamed)]


def _schema_check(key: dg.AssetKey, drift: Drift, renamed: Sequence[str]) -> dg.AssetCheckResult:
    changes = [*drift.broken, *renamed, *drift.lost]
    return dg.AssetCheckResult(
        check_name=SCHEMA_CHECK,
        asset_key=key,
        passed=not changes,
        severity=dg.AssetCheckSeverity.ERROR if drift.broken else dg.AssetCheckSeverity.WARN,
        description="\n".join(changes) or "every field is as it landed before",
    )


def _metadata(sync: StreamSync, landed: LandedStream | None) -> Metadata:
    known: Metadata = {} if landed is None else {**columns(landed.stream), "dagster/row_count": landed.record_count}
    budget = {} if sync.budget is None else {"requests left": sync.budget.left}
    return {
        **known,
        **budget,
        "records read": sync.read_count,
        "versions new": sync.new_count,
        "records deleted": sync.deleted_count,
        "records rejected": sync.rejected_count,
        "requests sent": sync.request_count,
        "seconds waited": round(sync.waited_seconds, 3),
        "seconds": round((sync.finished_at - sync.started_at).total_seconds(), 3),
    }
