"""The same answers for machines: plain data for `--json`. Numbers stay numbers, missing is null."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from math import fsum
from typing import Any

from okr_sync.explaining import (
    Difference,
    Explanation,
    Since,
    figures_in_numbers,
    formula_in_numbers,
    progress_in_numbers,
)
from okr_sync.formula import CompiledMetric
from okr_sync.initiatives import CompletionOutcome
from okr_sync.kpis import KpiOutcome
from okr_sync.measure import AsOf, Evidence, Group, LeftOut, Measured
from okr_sync.outcome import Outcome
from okr_sync.pipeline import RunReport, StreamReport
from okr_sync.report import plain
from okr_sync.sync import StreamSync


def run_json(report: RunReport) -> dict[str, Any]:
    return {
        "as_of": report.as_of.isoformat(),
        "syncs": syncs_json(report.syncs),
        "recorded_count": report.recorded_count,
        "not_accepted": [{"id": one.key_result, "reason": one.why} for one in report.refusals],
        "settled": [outcome_json(one) for one in report.settled],
        "restated_count": len(report.restated),
        "key_results": [outcome_json(one) for one in report.outcomes],
        "renamed_options": [plain(asdict(one)) for one in report.renamed],
        "kpis": [kpi_json(one) for one in report.computed.kpis],
        "initiatives": [completion_json(one) for one in report.computed.completions],
        "closed": [
            {"cycle": one.cycle, "at": plain(one.closed_at), "by": one.closed_by} for one in report.computed.closings
        ],
    }


def syncs_json(syncs: Sequence[StreamSync]) -> list[dict[str, Any]]:
    return [plain(asdict(one)) | {"is_complete": one.is_complete} for one in syncs]


def outcome_json(one: Outcome) -> dict[str, Any]:
    now = one.observation
    return {
        "id": one.key_result.id,
        "cycle": now.cycle,
        "is_changed": one.is_changed,
        "value": now.value,
        "computed_value": now.computed_value,
        "unit": now.unit,
        "progress": now.progress,
        "status": now.status,
        "reason": now.reason,
        "forecast": {"value": now.forecast_value, "low": now.forecast_low, "high": now.forecast_high},
        "previous_value": None if one.stored is None else one.stored.value,
        "previous_status": None if one.stored is None else one.stored.status,
    }


def kpi_json(one: KpiOutcome) -> dict[str, Any]:
    now = one.observation
    return {
        "id": now.kpi,
        "is_changed": one.is_changed,
        "value": now.value,
        "computed_value": now.computed_value,
        "unit": now.unit,
        "status": now.status,
        "reason": now.reason,
        "previous_value": None if one.stored is None else one.stored.value,
        "previous_status": None if one.stored is None else one.stored.status,
    }


def completion_json(one: CompletionOutcome) -> dict[str, Any]:
    now = one.completion
    return {
        "objective": now.objective,
        "name": now.initiative,
        "is_changed": one.is_changed,
        "done_count": now.done_count,
        "record_count": now.record_count,
        "status": now.status,
        "reason": now.reason,
    }


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    report = plain(asdict(explanation.report))
    metrics = [
        {
            "name": name,
            "formula": metric.metric.value,
            "numbers": formula_in_numbers(metric, explanation),
            "figures": plain(dict(figures_in_numbers(metric, explanation) or {})),
            "stream": metric.stream,
            "where": metric.metric.where,
            "only": None if metric.metric.only is None else {metric.metric.only.field: list(metric.metric.only.values)},
            "time": metric.metric.time,
            "window": None if metric.metric.time is None else str(metric.window),
            **_bounds(metric, explanation.as_of),
            "unit": metric.unit,
            "inputs": list(metric.inputs),
            **_measured_json(explanation.values[name]),
        }
        for name, metric in explanation.metrics.items()
    ]
    baselines = [
        {
            "metric": one.metric,
            "reference": one.reference.value,
            "as_of": plain(one.day.day),
            **_measured_json(one.measured),
        }
        for one in explanation.baselines
    ]
    evidence = [_evidence_json(one) for one in explanation.evidence]
    left_out = [_left_out_json(name, one) for name, one in explanation.left_out.items()]
    in_numbers = {"progress_in_numbers": progress_in_numbers(explanation)}
    return {
        **report,
        **in_numbers,
        "metrics": metrics,
        "baselines": baselines,
        "evidence": evidence,
        "left_out": left_out,
    }


def _measured_json(measured: Measured) -> dict[str, Any]:
    """Without its SQL, which stands with the records."""
    return {name: value for name, value in asdict(measured).items() if name != "sql"}


def since_json(since: Since) -> dict[str, Any]:
    """Amounts in the unit of their value (of a percentage, as a fraction); null where there is no split."""
    moved = since.progress
    return {
        "id": since.key_result.id,
        "since": since.earlier.day.isoformat(),
        "as_of": since.later.day.isoformat(),
        "known_at": plain(_utc(since.known_at)),
        "definition": [asdict(part) for part in since.changed],
        "progress": None if moved is None else asdict(moved) | {"by_goal": moved.by_goal},
        "values": [_difference_json(one) for one in since.differences],
    }


def _difference_json(one: Difference) -> dict[str, Any]:
    return {
        "metric": one.metric.name,
        "unit": one.metric.unit,
        "before": one.before,
        "after": one.after,
        "change": one.change,
        "not_split": one.not_split,
        "causes": [
            {
                "cause": cause.value,
                "amount": None
                if any(each.amount is None for each in found)
                else fsum(each.amount or 0 for each in found),
                "contributions": [
                    {
                        "through": each.metric,
                        "amount": each.amount,
                        "detail": each.detail,
                        "record": None if each.record is None else plain(dict(each.record)),
                        "link": each.link,
                    }
                    for each in found
                ],
            }
            for cause, found in one.by_cause().items()
        ],
    }


def _left_out_json(metric: str, one: LeftOut) -> dict[str, Any]:
    listed = one.listed
    records = [] if listed is None else zip(listed.rows, listed.groups, strict=True)
    return {
        "metric": metric,
        "left_out_count": one.out_count,
        "reasons": [_group_json(group) | {"count": group.count} for group in one.groups],
        "records": [
            {"why": _group_json(group), "record": plain(dict(zip(listed.columns, row, strict=True)))}
            for row, group in records
            if listed is not None
        ],
        "links": [] if listed is None else list(listed.links),
    }


def _group_json(group: Group) -> dict[str, Any]:
    return {"reason": group.reason.value, "detail": group.detail or None}


def _bounds(metric: CompiledMetric, day: AsOf) -> dict[str, Any]:
    """Where the window begins and ends, null where nowhere, and the events that say so."""
    start, end = (None, None) if metric.metric.time is None else day.bounds(metric.window)
    events = {
        event.name: {"source": str(event.event), "at": plain(day.events[event.name].at)} for event in metric.events
    }
    return {"window_start": plain(_utc(start)), "window_end": plain(_utc(end)), "events": events}


def _utc(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.astimezone(UTC)


def _evidence_json(evidence: Evidence) -> dict[str, Any]:
    return {
        "metric": evidence.metric,
        "sql": evidence.sql,
        "record_count": evidence.record_count,
        "records": [plain(dict(zip(evidence.columns, row, strict=True))) for row in evidence.rows],
        "links": list(evidence.links),
    }


def stream_json(report: StreamReport) -> dict[str, Any]:
    landed = report.landed
    return {
        "name": report.name,
        "description": report.stream.description,
        "key": list(report.stream.key),
        "fields": [plain(asdict(field)) for field in report.stream.fields],
        "is_open": report.stream.is_open,
        "record_count": None if landed is None else landed.record_count,
        "version_count": None if landed is None else landed.version_count,
        "ended_count": {} if landed is None else {end.value: count for end, count in landed.ended.items()},
        "last_version_at": None if landed is None else plain(landed.last_version_at),
        "last_landed_at": None if landed is None else plain(landed.last_landed_at),
        "completed_at": plain(report.completed_at),
        "error": report.error,
        "view_over": list(report.below),
    }
