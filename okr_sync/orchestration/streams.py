"""Streams as assets: one step per source syncs those that are asked for.

A source that fails still ends its step, with a failed check: the key results of other sources go on, and those that
read it withhold their values. `summary` fails the run at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import dagster as dg

from okr_sync import pipeline
from okr_sync.connector import Stream
from okr_sync.sync import StreamSync
from okr_sync.workspace import Workspace, open_workspace

CHECK = "complete"


def stream_key(name: str) -> dg.AssetKey:
    """`jira.issues` as an asset key."""
    return dg.AssetKey(name.split("."))


def stream_assets(
    workspace: Workspace, around_sync: Callable[[], AbstractContextManager[object]]
) -> list[dg.AssetsDefinition]:
    return [_source_assets(workspace, source, around_sync) for source in workspace.project.sources]


def _source_assets(
    workspace: Workspace, source: str, around_sync: Callable[[], AbstractContextManager[object]]
) -> dg.AssetsDefinition:
    folder = workspace.project.folder
    connector = workspace.project.sources[source].connector
    names = [name for name in workspace.streams if name.startswith(f"{source}.")]

    @dg.multi_asset(
        name=f"sync_{source}",
        specs=[_spec(name, workspace.streams[name], source, connector) for name in names],
        check_specs=[dg.AssetCheckSpec(CHECK, asset=stream_key(name)) for name in names],
        can_subset=True,
        pool=f"okr_sync_{source}",
    )
    def sync_source(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with around_sync():
            syncs = _sync(folder, source, context.run_id)
        for sync in syncs:
            key = stream_key(f"{source}.{sync.stream}")
            if key in context.selected_asset_keys:
                yield _result(key, sync)

    return sync_source


def _sync(folder: Path, source: str, run: str) -> list[StreamSync]:
    # A project opened anew: in the demo, the variables that name its sandbox are set only now.
    workspace = open_workspace(folder)
    with pipeline.open_store(workspace) as store:
        run_id = pipeline.begin_run(workspace, store, f"dagster {run}", pipeline.day_of(workspace, None))
        syncs = pipeline.sync_sources(workspace, store, run_id, pipeline.SyncOptions(sources=(source,)))
        is_complete = all(sync.is_complete for sync in syncs)
        store.finish_run(run_id, "done" if is_complete else "source failed", workspace.clock())
    return syncs


def _spec(name: str, stream: Stream, source: str, connector: str) -> dg.AssetSpec:
    columns = [dg.TableColumn(field.name, str(field.type), description=field.description) for field in stream.fields]
    return dg.AssetSpec(
        stream_key(name),
        group_name=source,
        description=stream.description or None,
        kinds={connector[:50], "duckdb"},
        metadata={"dagster/column_schema": dg.TableSchema(columns=columns)},
    )


def _result(key: dg.AssetKey, sync: StreamSync) -> dg.MaterializeResult[None]:
    check = dg.AssetCheckResult(
        check_name=CHECK,
        asset_key=key,
        passed=sync.is_complete,
        severity=dg.AssetCheckSeverity.ERROR,
        description=sync.error or "every change was read",
    )
    return dg.MaterializeResult(
        asset_key=key,
        metadata={
            "records read": sync.read_count,
            "records new": sync.new_count,
            "records deleted": sync.deleted_count,
            "requests sent": sync.request_count,
            "complete": sync.is_complete,
        },
        check_results=[check],
    )
