"""What Prometheus is told, read back by the parser of its own library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from okr_sync import pipeline
from okr_sync.metrics import exposition
from okr_sync.store import Run, Store, SyncResult
from tests.store.samples import AT, URL

Samples = dict[tuple[str, str], float]


def samples(text: str) -> Samples:
    """By name and labels, the labels as `key=value`, sorted."""
    return {
        (one.name, " ".join(f"{name}={value}" for name, value in sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def test_totals_are_sums_over_every_sync(tmp_path: Path) -> None:
    """A failed sync and one that was killed count as failed; what they read counts with the rest."""
    done = SyncResult(finished_at=AT, is_complete=True, read_count=7, new_count=5, request_count=2, waited_seconds=1.5)
    failed = SyncResult(finished_at=AT, is_complete=False, error="no", read_count=3, rejected_count=1, request_count=1)
    with Store.open(URL, tmp_path) as store:
        run = store.begin_run(Run(kind="sync", version="0.1.0", as_of=AT.date(), started_at=AT))
        for hours, result in enumerate((done, failed, None)):
            sync = store.begin_sync(run, "jira", "issues", AT + timedelta(hours=hours))
            if result is not None:
                store.finish_sync(sync, result)
        store.begin_sync(run, "crm", "deals", AT)
        found = samples(exposition(store.sync_totals(), store.last_syncs(), None))

    issues, deals = "source=jira stream=issues", "source=crm stream=deals"
    assert {name: value for (name, labels), value in found.items() if labels == issues} == {
        "okr_sync_records_read_total": 10,
        "okr_sync_versions_new_total": 5,
        "okr_sync_records_deleted_total": 0,
        "okr_sync_records_rejected_total": 1,
        "okr_sync_requests_total": 3,
        "okr_sync_waited_seconds_total": 1.5,
        "okr_sync_syncs_complete_total": 1,
        "okr_sync_syncs_failed_total": 2,
        "okr_sync_stream_complete": 0,
        "okr_sync_stream_completed_timestamp_seconds": AT.timestamp(),
    }
    assert found["okr_sync_syncs_failed_total", deals] == 1
    assert ("okr_sync_stream_completed_timestamp_seconds", deals) not in found  # never is not 1970


def test_key_results_stand_as_stored(project: Path) -> None:
    """A percentage is a fraction, a value that is 0 has its sample, and one without data has none."""
    end_of_day_40 = datetime(2025, 2, 9, 16, 59, 59, tzinfo=UTC)
    pipeline.run(project, pipeline.SyncOptions(), clock=lambda: end_of_day_40)
    found = samples(pipeline.metrics(project, clock=lambda: end_of_day_40))
    of = {one: f"cycle=spring key_result={one} objective=help" for one in ("late", "reopened", "calls")}
    assert found["okr_sync_key_result_value", of["late"]] == 0.25  # one ticket of four
    assert found["okr_sync_key_result_progress", of["late"]] == 0.5  # from 50 % to 0 %
    assert found["okr_sync_key_result_expected_progress", of["late"]] == pytest.approx(0.4)  # day 40 of 100
    assert found["okr_sync_key_result_value", of["reopened"]] == 0
    assert ("okr_sync_key_result_value", of["calls"]) not in found
    assert found["okr_sync_key_result_status", f"{of['calls']} status=no data"] == 1
