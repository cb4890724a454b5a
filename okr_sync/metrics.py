"""What is stored, in the words of Prometheus: totals of the syncs, how the last ones fared, where key results stand.

Totals are sums over everything the store knows of, so they grow whoever runs the syncs, and survive every restart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from okr_sync.report import KeyResultReport, ObjectiveReport, StatusReport
from okr_sync.store import LastSyncs, SyncTotals

_STREAM = ("source", "stream")
_KEY_RESULT = ("cycle", "objective", "key_result")
_COUNTERS = {
    "records_read": "Records read from the source.",
    "versions_new": "Versions of records that were new.",
    "records_deleted": "Records that were found to be deleted.",
    "records_rejected": "Records that came and could not be read as declared.",
    "requests": "Requests sent to the source, repeated ones included.",
    "waited_seconds": "Seconds waited before requests that were repeated.",
    "syncs_complete": "Syncs that read every change.",
    "syncs_failed": "Syncs that did not, or never ended.",
}
"""The counts of `SyncTotals`, each a counter."""


def exposition(
    totals: Mapping[tuple[str, str], SyncTotals], last: Mapping[tuple[str, str], LastSyncs], status: StatusReport | None
) -> str:
    """The text format of Prometheus. Numbers are in the metric's own unit; what is missing has no sample, never 0."""
    registry = CollectorRegistry()
    registry.register(_Given([*_totals(totals), *_last(last), *_key_results(status)]))
    return generate_latest(registry).decode()


class _Given(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families


def _totals(totals: Mapping[tuple[str, str], SyncTotals]) -> Iterator[Metric]:
    for name, meaning in _COUNTERS.items():
        family = CounterMetricFamily(f"okr_sync_{name}", meaning, labels=_STREAM)
        for stream, counts in totals.items():
            family.add_metric(stream, getattr(counts, name))
        yield family


def _last(last: Mapping[tuple[str, str], LastSyncs]) -> Iterator[Metric]:
    is_complete = GaugeMetricFamily(
        "okr_sync_stream_complete", "1 if the latest sync of the stream read every change, else 0.", labels=_STREAM
    )
    completed_at = GaugeMetricFamily(
        "okr_sync_stream_completed_timestamp_seconds",
        "When the last complete sync of the stream began.",
        labels=_STREAM,
    )
    for stream, syncs in last.items():
        is_complete.add_metric(stream, float(syncs.attempt.is_complete))
        if syncs.complete is not None:
            completed_at.add_metric(stream, syncs.complete.started_at.timestamp())
    return iter((is_complete, completed_at))


def _key_results(status: StatusReport | None) -> Iterator[Metric]:
    numbers = {
        "value": "The value of the key result, in its own unit; a percentage is a fraction.",
        "progress": "Its progress: 0 at the baseline, 1 at the target.",
        "expected_progress": "The progress that its plan expects by now.",
    }
    families = {
        name: GaugeMetricFamily(f"okr_sync_key_result_{name}", meaning, labels=_KEY_RESULT)
        for name, meaning in numbers.items()
    }
    states = GaugeMetricFamily(
        "okr_sync_key_result_status", "1 for the status that the key result has.", labels=(*_KEY_RESULT, "status")
    )
    for objective, one in _each(status):
        labels = (objective.cycle, objective.id, one.id)
        states.add_metric((*labels, one.status), 1)
        for name, family in families.items():
            number = getattr(one, name)
            if number is not None:
                family.add_metric(labels, number)
    return iter((*families.values(), states))


def _each(status: StatusReport | None) -> Iterator[tuple[ObjectiveReport, KeyResultReport]]:
    for objective in () if status is None else status.objectives:
        yield from ((objective, one) for one in objective.all_key_results)
