"""The metrics' own tests as checks of the key results that rest on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import dagster as dg

from okr_sync import pipeline
from okr_sync.measure import Trial
from okr_sync.project.key_result import KeyResult
from okr_sync.workspace import Workspace

CHECK = "tests"


def tested_metrics(workspace: Workspace, key_result: KeyResult) -> list[str]:
    """The metrics below a key result that have tests; of one that a template restricts, the metric as written."""
    below = workspace.metrics_below([key_result]).items()
    names = dict.fromkeys(one.metric.base or name for name, one in below)
    return [name for name in names if workspace.metrics[name].metric.tests]


def trials_of(workspace: Workspace, names: Iterable[str]) -> dict[str, list[Trial]]:
    """How each test of these metrics went, by metric."""
    chosen = [workspace.metrics[name] for name in dict.fromkeys(names) if name in workspace.metrics]
    found: dict[str, list[Trial]] = {one.name: [] for one in chosen}
    for trial in pipeline.rehearsal_of(workspace).trials(chosen) if chosen else ():
        found[trial.metric].append(trial)
    return found


def tests_spec(key: dg.AssetKey) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(CHECK, asset=key, description="The formulas give what the metrics' own tests expect.")


def tests_check(key: dg.AssetKey, names: Sequence[str], trials: Mapping[str, Sequence[Trial]]) -> dg.AssetCheckResult:
    own = [trial for name in names for trial in trials.get(name, ())]
    failed = [one for one in own if not one.has_passed]
    lines = [f"{one.place}: metric {one.metric}, {one.label}: {one.failure}" for one in failed]
    return dg.AssetCheckResult(
        check_name=CHECK,
        asset_key=key,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR,
        description="\n".join(lines) or f"{len(own)} {'test' if len(own) == 1 else 'tests'} passed",
        metadata={"tests": len(own), "tests failed": len(failed)},
    )
