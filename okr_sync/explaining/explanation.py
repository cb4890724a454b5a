"""Everything that a key result's value rests on, computed now from what has landed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from okr_sync import measure, outcome
from okr_sync.baseline import Baseline, measure_baselines
from okr_sync.errors import OkrSyncError, nearest
from okr_sync.formula import CompiledMetric
from okr_sync.measure import AsOf, Evidence, LeftOut, Reason, ToList
from okr_sync.project.key_result import KeyResult
from okr_sync.report import KeyResultReport
from okr_sync.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records to list."""

    page: tuple[int, int] | None = None
    """How many records, and how many to pass over; `None` lists all."""
    metric: str | None = None
    """Those of this metric alone; `None`: of every metric below."""
    left_out: tuple[Reason, ...] = ()
    """Also list the records that did not count for these reasons."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a key result has its value: what is stored, and the records behind it as the warehouse has them."""

    key_result: KeyResult
    report: KeyResultReport
    as_of: AsOf
    metrics: Mapping[str, CompiledMetric]
    """Every metric below, inputs first."""
    values: measure.Values
    """Their values, computed now."""
    evidence: Sequence[Evidence]
    """One for each metric over a stream that has landed."""
    left_out: Mapping[str, LeftOut]
    """By the same metrics: what did not count."""
    names: Mapping[str, tuple[str, ...]]
    """By the same metrics: the columns by which people know a record."""
    baselines: Sequence[Baseline]
    """Those that are measured, as they are measured now."""


def explain(
    workspace: Workspace, key_result: KeyResult, report: KeyResultReport, day: AsOf, wanted: Wanted
) -> Explanation:
    """The formulas, the SQL and the records behind a key result, of which `report` says what is stored.

    Raises:
        OkrSyncError: the key result does not rest on the metric that is wanted.
    """
    metrics = workspace.metrics_below([key_result])
    if wanted.metric is not None and wanted.metric not in metrics:
        message = f"{key_result.id} does not rest on metric {wanted.metric!r}{nearest(wanted.metric, metrics)}"
        raise OkrSyncError(message)
    fields = outcome.readable(workspace, metrics)
    with workspace.history(fields) as history:
        day = measure.with_events(day, metrics.values(), history)
        (values,) = measure.measure(metrics, history, [day], workspace.lookups)
        chosen = [
            metric
            for metric in metrics.values()
            if metric.stream is not None and not outcome.missing_fields(workspace, metric)
            if wanted.metric in (None, metric.name)
        ]
        evidence, beside, names = [], {}, {}
        for metric in chosen:
            around = metric, workspace.relation_of(metric), history, day
            names[metric.name] = measure.name_fields(*around[:2])
            evidence.append(measure.explain(*around, wanted.page, workspace.lookups))
            to_list = ToList(wanted.left_out, wanted.page) if wanted.left_out else None
            beside[metric.name] = measure.left_out(*around, workspace.lookups, to_list)
        baselines = measure_baselines(workspace, [key_result], day, history).get(key_result.id, ())
    measured = [one for one in baselines if one is not None]
    return Explanation(key_result, report, day, metrics, values, evidence, beside, names, measured)
