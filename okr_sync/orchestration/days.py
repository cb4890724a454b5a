"""Days as partitions: what is computed for a day has a partition for every day of the cycles that run.

A range of days is one run, and the state of a day in Dagster is that of its computation: a day on which a key result
was in no cycle stays missing.
"""

# Dagster reads the annotation of `context` as an object: no `from __future__ import annotations` here.
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import dagster as dg

from okr_sync import pipeline
from okr_sync.orchestration.selected import Metadata, StepResult, asked_checks
from okr_sync.workspace import Workspace

ONE_RUN = dg.BackfillPolicy.single_run()


def daily_partitions(workspace: Workspace) -> dg.DailyPartitionsDefinition:
    """From the first day of the cycles that run to today, in the project's zone."""
    _, days = pipeline.in_time(workspace, None)
    start = min(one.cycle.start for one in days)
    return dg.DailyPartitionsDefinition(start.isoformat(), timezone=workspace.project.zone.key, end_offset=1)


def asked_days(context: dg.AssetExecutionContext, workspace: Workspace) -> list[date]:
    """The days to compute, the earliest first, since each is judged by those before it; of checks alone, today.

    Raises:
        dg.Failure: the run is for no day.
    """
    if not context.selected_asset_keys:
        return [pipeline.day_of(workspace, None).day]
    if not context.has_partition_key and not context.has_partition_key_range:
        raise dg.Failure(
            "this run is for no day: key results are computed for days. Choose one, or a range of them, as its"
            " partition: dg launch --job nightly --partition 2026-11-28",
            allow_retries=False,
        )
    return sorted(date.fromisoformat(one) for one in context.partition_keys)


def computed(
    context: dg.AssetExecutionContext,
    key: dg.AssetKey,
    by_day: Mapping[date, Metadata],
    checks: Sequence[dg.AssetCheckResult] = (),
) -> Iterator[StepResult]:
    """What a step hands to Dagster of an asset that it computed for these days, and of its checks: what was asked for.

    Dagster takes an output for all the days of the run. Where some were not computed, the others are told one by one.
    """
    wanted = asked_checks(context, checks)
    if key not in context.selected_asset_keys:
        yield from wanted
    elif len(by_day) == len(context.partition_keys):
        for day, metadata in by_day.items():
            context.add_asset_metadata(metadata, asset_key=key, partition_key=day.isoformat())
        yield dg.MaterializeResult(asset_key=key)
        yield from wanted  # within the result, Dagster would evaluate each of them twice
    else:
        for day, metadata in by_day.items():
            context.log_event(dg.AssetMaterialization(key, partition=day.isoformat(), metadata=metadata))
        yield from wanted


def refuse_unknown(keys: Sequence[dg.AssetKey], days: Sequence[date]) -> None:
    """Fail the step, after all else is done, over what is in no cycle on any of the days.

    Raises:
        dg.Failure: `keys` names some.
    """
    if keys:
        names = ", ".join(key.path[-1] for key in keys)
        span = str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"
        raise dg.Failure(
            f"{span}: not computed, since no cycle of that time has them: {names}.\n"
            "  To do: choose days of their cycles. Where a new cycle has begun, reload the code location.",
            allow_retries=False,
        )
