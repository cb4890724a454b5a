"""Key results as assets, grouped by objective, in steps of at most 200.

Dagster's bookkeeping of one step grows with the square of its assets, so a long list is cut into several steps.
"""

# Dagster reads the annotation of `context` as an object: no `from __future__ import annotations` here.
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import dagster as dg

from okr_sync import pipeline
from okr_sync.orchestration.chart import history_chart
from okr_sync.orchestration.computing import Computing, Judged, compute_day
from okr_sync.orchestration.days import ONE_RUN, asked_days, computed, daily_partitions, refuse_unknown
from okr_sync.orchestration.describe import key_result_key, key_result_spec
from okr_sync.orchestration.event_log import event_log_kept_open
from okr_sync.orchestration.failing import explained_step
from okr_sync.orchestration.last_good import Opened, open_again
from okr_sync.orchestration.selected import Metadata, StepResult
from okr_sync.orchestration.tested import tests_check, tests_spec
from okr_sync.orchestration.undisturbed import undisturbed
from okr_sync.problems import incomplete_streams, tested_metrics
from okr_sync.project.key_result import KeyResult
from okr_sync.project.model import Objective
from okr_sync.project.units import amount
from okr_sync.store import Observation, Store
from okr_sync.workspace import Workspace

CHECK = "trusted"
_TRUSTED = "The value passed every gate and was published."
LARGEST_STEP = 200

ByDay = Mapping[date, Judged]


def key_result_assets(opened: Opened) -> list[dg.AssetsDefinition]:
    """Steps over the key results of the present cycles, in the project's order."""
    workspace, days = pipeline.in_time(opened.workspace, None)
    pairs = [
        (objective, one)
        for day in days
        for objective in workspace.project.objectives_in(day.cycle)
        for one in objective.key_results
    ]
    starts = range(0, len(pairs), LARGEST_STEP)
    return [_step(opened, workspace, n, pairs[start : start + LARGEST_STEP]) for n, start in enumerate(starts, 1)]


def _step(
    opened: Opened, workspace: Workspace, number: int, pairs: Sequence[tuple[Objective, KeyResult]]
) -> dg.AssetsDefinition:
    specs = [key_result_spec(workspace, objective, one) for objective, one in pairs]
    tested = {key_result_key(objective, one): tested_metrics(workspace, one) for objective, one in pairs}

    @dg.multi_asset(
        name=f"compute_{number}",
        specs=specs,
        check_specs=[
            *(dg.AssetCheckSpec(CHECK, asset=spec.key, description=_TRUSTED) for spec in specs),
            *(tests_spec(key) for key, names in tested.items() if names),
        ],
        description="Compute key results from what has landed and store what is new. No source is asked.",
        can_subset=True,
        partitions_def=daily_partitions(workspace),
        backfill_policy=ONE_RUN,
    )
    def compute(context: dg.AssetExecutionContext) -> Iterator[StepResult]:
        with explained_step(context), event_log_kept_open(context.instance, context.run.run_id):
            yield from _computed(context, open_again(opened), [spec.key for spec in specs], tested)

    return compute


def _computed(
    context: dg.AssetExecutionContext,
    present: Opened,
    keys: Sequence[dg.AssetKey],
    tested: Mapping[dg.AssetKey, Sequence[str]],
) -> Iterator[StepResult]:
    """What a step that has these key results hands to Dagster of those that were asked for."""
    asked = context.selected_asset_keys | {check.asset_key for check in context.selected_asset_check_keys}
    days = asked_days(context, present.workspace)
    wanted = [key for key in keys if key in asked]
    found = undisturbed(present.workspace, lambda: _compute(present, wanted, days, context))
    trials = pipeline.trials_of(present.workspace, (name for key in found.by_day for name in tested[key]))
    for key, by_day in found.by_day.items():
        if by_day:
            tests = [tests_check(key, tested[key], trials)] if tested[key] else []
            yield from computed(context, key, found.metadata(key), [_check(key, by_day), *tests])
    for in_words in sorted({*found.closed.values(), *([found.broken] if found.broken else [])}):
        context.log.warning(in_words)
    refuse_unknown(found.unknown, days)


@dataclass
class _Found:
    """What was computed in one step."""

    by_day: dict[dg.AssetKey, dict[date, Judged]]
    closed: dict[dg.AssetKey, str] = field(default_factory=dict)
    """Of key results that were left alone on some day, the reason."""
    charts: dict[dg.AssetKey, dg.MetadataValue] = field(default_factory=dict)
    broken: str | None = None
    """Where the project's files are, since when, and what was taken in their place."""

    @property
    def unknown(self) -> list[dg.AssetKey]:
        """What no cycle of the days has."""
        return [key for key, by_day in self.by_day.items() if not by_day and key not in self.closed]

    def metadata(self, key: dg.AssetKey) -> dict[date, Metadata]:
        """By day; the last one with the chart of those up to it."""
        broken = {} if self.broken is None else {"project is broken": dg.MetadataValue.text(self.broken)}
        found: dict[date, Metadata] = {day: {**_metadata(one), **broken} for day, one in self.by_day[key].items()}
        if key in self.charts:
            found[max(found)] = {**found[max(found)], "history": self.charts[key]}
        return found


def _compute(
    opened: Opened, keys: Sequence[dg.AssetKey], days: Sequence[date], context: dg.AssetExecutionContext
) -> _Found:
    """One day after the other, each computed and stored as a run for that day would."""
    workspace = opened.workspace
    found = _Found({key: {} for key in keys}, broken=opened.broken)
    with pipeline.open_store(workspace) as store:
        incomplete = incomplete_streams(workspace, store)
        step = Computing(workspace, store, found.by_day.keys(), context.run.run_id, incomplete.keys())
        for day in days:
            for one in compute_day(step, day):
                key = key_result_key(one.objective, one.key_result)
                if isinstance(one, Judged):
                    found.by_day[key][day] = one
                if one.closed is not None:
                    found.closed[key] = one.closed
            context.log.info("%s is computed and stored", day)
        found.charts = _charts(store, found.by_day)
    return found


def _charts(store: Store, by_key: Mapping[dg.AssetKey, ByDay]) -> dict[dg.AssetKey, dg.MetadataValue]:
    """The history of each up to its last day; of those of which some day is published."""
    last = {key: by_day[max(by_day)].observation for key, by_day in by_key.items() if by_day}
    by_cycle: dict[str, list[str]] = {}
    for one in last.values():
        by_cycle.setdefault(one.cycle, []).append(one.key_result)
    values = {cycle: store.values(cycle, names) for cycle, names in by_cycle.items()}
    charts = {
        key: history_chart(values[one.cycle][one.key_result], one.unit, max(by_key[key])) for key, one in last.items()
    }
    return {key: chart for key, chart in charts.items() if chart is not None}


def _check(key: dg.AssetKey, by_day: ByDay) -> dg.AssetCheckResult:
    """Of several days, what is wrong on any of them, else the last."""
    bad = {day: one for day, one in by_day.items() if not one.is_trusted}
    told = bad or {max(by_day): by_day[max(by_day)]}
    lines = [f"{one.observation.status}: {one.in_words}" for one in told.values()]
    if len(by_day) > 1:
        lines = [f"{day}: {line}" for day, line in zip(told, lines, strict=True)]
    return dg.AssetCheckResult(
        check_name=CHECK,
        asset_key=key,
        passed=not bad,
        severity=dg.AssetCheckSeverity.ERROR,
        description="\n".join(lines),
        metadata={"days": len(by_day), "days not trusted": len(bad)},
    )


def _metadata(one: Judged) -> Metadata:
    closed = {} if one.closed is None else {"closed": dg.MetadataValue.text(one.closed)}
    return {**_numbers(one.observation), **closed}


def _numbers(observation: Observation) -> Metadata:
    """What is known, as Dagster charts it: a number that is missing is left out, so that it is not drawn as 0."""
    numbers = {
        "value": observation.value,
        "value withheld": observation.computed_value,
        "baseline": observation.baseline,
        "target": observation.target,
        "progress": observation.progress,
        "expected progress": observation.expected_progress,
        "forecast": observation.forecast_value,
        "forecast low": observation.forecast_low,
        "forecast high": observation.forecast_high,
        "records": observation.record_count,
    }
    texts = {
        "status": observation.status,
        "reason": observation.reason,
        "value in words": None if observation.value is None else amount(observation.value, observation.unit),
        "as of": observation.as_of.isoformat(),
    }
    return {
        **{name: number for name, number in numbers.items() if number is not None},
        **{name: dg.MetadataValue.text(text) for name, text in texts.items() if text is not None},
    }
