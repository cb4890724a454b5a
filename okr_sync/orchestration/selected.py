"""What a step hands to Dagster, of an asset and its checks: whichever of them were asked for, nothing else."""

# Dagster reads the annotation of `context` as an object: no `from __future__ import annotations` here.
from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

StepResult = dg.MaterializeResult[None] | dg.AssetCheckResult
Metadata = Mapping[str, dg.MetadataValue | float]


def asked_for(
    context: dg.AssetExecutionContext, key: dg.AssetKey, checks: Sequence[dg.AssetCheckResult], metadata: Metadata
) -> Iterator[StepResult]:
    """The asset with its metadata and those of its checks that were asked for, these alone, or nothing."""
    wanted = asked_checks(context, checks)
    if key in context.selected_asset_keys:
        yield dg.MaterializeResult(asset_key=key, metadata=metadata)
    yield from wanted  # within the result, Dagster would evaluate each of them twice


def asked_checks(context: dg.AssetExecutionContext, checks: Sequence[dg.AssetCheckResult]) -> list[dg.AssetCheckResult]:
    return [one for one in checks if _check_key(one) in context.selected_asset_check_keys]


def _check_key(check: dg.AssetCheckResult) -> dg.AssetCheckKey:
    assert check.asset_key is not None and check.check_name is not None  # noqa: S101 - ours name both
    return dg.AssetCheckKey(check.asset_key, check.check_name)
