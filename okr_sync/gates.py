"""Why a measured value is none: lookups that found nothing, rows that are not what the project says of them."""

from __future__ import annotations

from collections.abc import Iterator

from okr_sync.formula import CompiledMetric
from okr_sync.measure import Measured
from okr_sync.trust import FailedGate, Gate
from okr_sync.workspace import Workspace


def failed_value_gates(workspace: Workspace, metric: CompiledMetric, measured: Measured) -> Iterator[FailedGate]:
    """The gates of one metric's value itself, whatever its project asks of it."""
    if metric.stream is not None and measured.missing_count:
        count = f"{measured.missing_count:,} record{'' if measured.missing_count == 1 else 's'} of {metric.stream}"
        yield FailedGate(Gate.LOOKUP, f"{count} cannot be counted: {workspace.lookups.why_missing(metric)}")
    if measured.fault is not None:
        yield FailedGate(Gate.REPEATED_KEY, measured.fault)
