"""The metrics' own tests as checks of the key results that rest on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dagster as dg

from okr_sync.measure import Trial

CHECK = "tests"


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
