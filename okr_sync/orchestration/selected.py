"""What a step hands to Dagster, of an asset and its check: whichever of the two was asked for, nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import dagster as dg

StepResult = dg.MaterializeResult[None] | dg.AssetCheckResult
Metadata = Mapping[str, dg.MetadataValue | float]


def asked_for(
    context: dg.AssetExecutionContext, check: dg.AssetCheckResult, metadata: Metadata
) -> Iterator[StepResult]:
    """The asset that `check` names with its metadata, the check alone, or nothing."""
    assert check.asset_key is not None and check.check_name is not None  # noqa: S101 - ours name both
    is_checked = dg.AssetCheckKey(check.asset_key, check.check_name) in context.selected_asset_check_keys
    if check.asset_key in context.selected_asset_keys:
        checks = [check] if is_checked else []
        yield dg.MaterializeResult(asset_key=check.asset_key, metadata=metadata, check_results=checks)
    elif is_checked:
        yield check
