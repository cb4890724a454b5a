"""How Dagster's catalogue describes a key result: what it is for, who owns it, and what it is computed from."""

from __future__ import annotations

import re

import dagster as dg
import yaml

from okr_sync.orchestration.freshness import freshness_policy
from okr_sync.orchestration.lineage import made_of
from okr_sync.orchestration.owned import owners
from okr_sync.orchestration.streams import stream_key
from okr_sync.orchestration.views import views_read
from okr_sync.orchestration.written import written_in
from okr_sync.project.key_result import KeyResult
from okr_sync.project.metric import Metric
from okr_sync.project.model import Objective
from okr_sync.workspace import Workspace

try:
    from yaml import CSafeDumper as SafeDumper
except ImportError:  # a PyYAML that was built without libyaml: the same, some five times slower
    from yaml import SafeDumper  # type: ignore[assignment]

_TAG = re.compile(r"[A-Za-z0-9_.-]{1,63}")
"""What Dagster takes for the value of a tag."""


def key_result_key(objective: Objective, key_result: KeyResult) -> dg.AssetKey:
    return dg.AssetKey(["key_results", objective.id, key_result.id])


def key_result_spec(workspace: Workspace, objective: Objective, key_result: KeyResult) -> dg.AssetSpec:
    """The asset of a key result, which depends on exactly the streams and views that its formulas read."""
    below = workspace.metrics_below([key_result])
    goal = workspace.goals.get(key_result.id)
    views = {view.name: view.view for one in below.values() for view in one.views}
    formulas = {name: _as_written(one.metric) for name, one in below.items()}
    formulas |= {name: {"select": view.select} for name, view in views.items()}
    places = [(f"key result {key_result.id}", key_result.place())]
    places += [(f"metric {one.metric.base or name}", one.metric.place()) for name, one in below.items()]
    places += [(f"view {name}", view.place()) for name, view in views.items()]
    return dg.AssetSpec(
        key_result_key(objective, key_result),
        deps=[*(stream_key(name) for name in workspace.streams_read(key_result)), *views_read(below.values())],
        group_name=f"objective_{objective.id}",
        description=f"{key_result.name}\n\nObjective: {objective.name}",
        owners=owners(key_result.owner, objective.owner),
        kinds={"okr"},
        tags=_tags(objective, key_result),
        metadata={
            "goal": workspace.goal_in_words(key_result),
            "formulas": dg.MetadataValue.md(f"```yaml\n{_yaml(formulas)}```"),
            "written in": str(key_result.place()),
            "records behind it": dg.MetadataValue.md(f"`okr-sync explain {key_result.id}`"),
            **made_of(below.values(), None if goal is None else goal.unit),
            **written_in(workspace.project.folder, places),
        },
        freshness_policy=freshness_policy(workspace.project.settings),
    )


def _tags(objective: Objective, key_result: KeyResult) -> dict[str, str]:
    """By which people filter: its kind, and where they are written, its cycle and the template it was made from."""
    found = {
        "ambition": key_result.ambition.value,
        "goal": key_result.goal_kind.value,
        "cycle": objective.cycle,
        "template": key_result.member_of,
    }
    return {name: one for name, one in found.items() if one is not None and _TAG.fullmatch(one)}


def _as_written(metric: Metric) -> dict[str, str]:
    parts = {
        "stream": metric.stream,
        "where": metric.where,
        "only": None if metric.only is None else f"{metric.only.field} in {list(metric.only.values)}",
        "time": metric.time,
        "window": None if metric.window is None else str(metric.window),
        "value": metric.value,
        "unit": metric.unit,
    }
    return {name: part for name, part in parts.items() if part is not None}


def _yaml(metrics: dict[str, dict[str, str]]) -> str:
    return yaml.dump(metrics, Dumper=SafeDumper, sort_keys=False, allow_unicode=True, width=100)
