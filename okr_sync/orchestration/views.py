"""Views in the asset graph: between the streams that they read and what reads them.

Nothing makes them there: a view is computed with each number over it. So what reads a view depends on its streams as
well, which are what a run waits for.
"""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

from okr_sync.formula import CompiledMetric, CompiledView, versions_below
from okr_sync.orchestration.lineage import columns
from okr_sync.orchestration.streams import stream_key
from okr_sync.orchestration.written import written_in
from okr_sync.workspace import Workspace


def view_key(name: str) -> dg.AssetKey:
    return dg.AssetKey(["views", name])


def views_read(metrics: Iterable[CompiledMetric]) -> list[dg.AssetKey]:
    """The views that metrics name themselves, without those below."""
    named = {(one.stream, view.name) for one in metrics for view in one.views}
    return [view_key(view) for stream, view in sorted(named, key=str) if stream == view]


def view_assets(workspace: Workspace) -> list[dg.AssetSpec]:
    return [_spec(workspace, view) for view in workspace.views.values()]


def _spec(workspace: Workspace, view: CompiledView) -> dg.AssetSpec:
    return dg.AssetSpec(
        view_key(view.name),
        deps=sorted({_key(workspace, name) for name in view.reads}),
        group_name="views",
        description=view.relation.description or None,
        kinds={"view"},
        metadata={
            "select": dg.MetadataValue.md(f"```sql\n{view.view.select.strip()}\n```"),
            "written in": str(view.view.place()),
            **columns(view.relation),
            **written_in(workspace.project.folder, [(f"view {view.name}", view.view.place())]),
        },
    )


def _key(workspace: Workspace, name: str) -> dg.AssetKey:
    return view_key(name) if name in workspace.views else stream_key(versions_below(name) or name)
