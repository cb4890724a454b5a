"""The gates before publishing, each at its border."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from okr_sync.project.metric import Trust
from okr_sync.project.units import UnitError
from okr_sync.trust import Candidate, FailedGate, Freshness, Gate, failed_gates

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")  # UTC+7
AS_OF = datetime(2026, 11, 15, 2, 0, tzinfo=HANOI)  # 14 Nov 19:00 UTC
FRESH = Freshness("jira.issues", completed_at=AS_OF - timedelta(hours=1))
FINE = Candidate(value=40.0, unit="hours", record_count=20, as_of=AS_OF, syncs=[FRESH], last_trusted=38.0)


def gates(candidate: Candidate, **trust: object) -> list[FailedGate]:
    return failed_gates(Trust.model_validate(trust), candidate)


def test_a_value_whose_gates_hold_is_published() -> None:
    """Fresh, complete, enough records, a small move: nothing fails, with gates and without."""
    assert gates(FINE) == []
    assert gates(FINE, max_age="36h", min_count=20, max_move="30%") == []


def test_a_failed_sync_withholds() -> None:
    """The reason names the stream, when in the project's zone, and why."""
    failed = replace(FRESH, attempted_at=datetime(2026, 11, 14, 19, 0, tzinfo=UTC), failure="401 from the server")
    assert gates(replace(FINE, syncs=[failed])) == [
        FailedGate(Gate.INCOMPLETE, "the sync of jira.issues of 15 Nov 2026 02:00 is not complete: 401 from the server")
    ]


def test_a_sync_that_never_ended_withholds() -> None:
    """A killed sync may have landed a part, and nobody wrote down why."""
    (gate,) = gates(replace(FINE, syncs=[replace(FRESH, attempted_at=AS_OF)]))
    assert gate.reason.endswith("is not complete: it did not finish")


def test_a_stream_never_synced_is_no_data() -> None:
    """Without any complete sync there is nothing to keep, so it says no data instead of withheld."""
    never = Freshness("crm.deals", completed_at=None)
    (gate,) = gates(replace(FINE, syncs=[FRESH, never]), max_age="1h")
    assert gate.is_no_data
    assert gate.reason == "crm.deals was never synced completely"
    failed = replace(never, attempted_at=AS_OF, failure="no answer")
    (gate,) = gates(replace(FINE, syncs=[failed]))
    assert gate.reason == (
        "crm.deals was never synced completely; the sync of crm.deals of 15 Nov 2026 02:00 is not complete: no answer"
    )


@pytest.mark.parametrize(("hours", "is_failed"), [(-5, False), (0, False), (36, False), (37, True)])
def test_max_age_counts_from_the_last_complete_sync(hours: int, is_failed: bool) -> None:
    """Exactly as old as allowed is fresh; a sync after a past as-of day is fresh too."""
    old = replace(FINE, syncs=[replace(FRESH, completed_at=AS_OF - timedelta(hours=hours))])
    found = gates(old, max_age="36h")
    assert [gate.gate for gate in found] == ([Gate.MAX_AGE] if is_failed else [])
    if is_failed:
        assert found[0].reason == (
            "the last complete sync of jira.issues was 37 hours old on 15 Nov 2026 02:00, allowed 36 hours"
        )


@pytest.mark.parametrize(("count", "is_failed"), [(0, True), (19, True), (20, False)])
def test_min_count_is_inclusive(count: int, is_failed: bool) -> None:
    """As many records as asked for are enough."""
    found = gates(replace(FINE, record_count=count), min_count=20)
    assert [gate.reason for gate in found] == (
        [f"the value rests on {count} records, at least 20 are needed"] if is_failed else []
    )


@pytest.mark.parametrize(
    ("last", "value", "max_move", "is_failed"),
    [
        (40.0, 52.0, "30%", False),  # 12 is 30 % of 40
        (40.0, 52.1, "30%", True),
        (40.0, 27.9, "30%", True),  # down counts as up does
        (-40.0, -52.1, "30%", True),  # of the size: 12.1 of 40
        (-40.0, -50.0, "30%", False),
        (40.0, 42.0, "2h", False),
        (40.0, 42.5, "120min", True),  # 2.5 hours
        (40.0, 42.5, 2, True),  # a bare number is in the metric's unit
        (0.0, 900.0, "30%", False),  # there is no percentage of 0
        (0.0, 900.0, 2, True),
        (0.1, 0.3, 0.2, False),  # 0.3 - 0.1 is 0.19999999999999998
        (0.3, 0.1 + 0.4, 0.2, False),  # 0.2 but for the noise of floats
        (None, 900.0, "30%", False),  # the first value has nothing to move from
    ],
)
def test_max_move_is_of_the_last_trusted_value(
    last: float | None, value: float, max_move: object, is_failed: bool
) -> None:
    """A percentage is of the last trusted value's size, anything else is in the metric's unit; exactly is allowed."""
    found = gates(replace(FINE, value=value, last_trusted=last), max_move=max_move)
    assert [gate.gate for gate in found] == ([Gate.MAX_MOVE] if is_failed else [])


def test_a_percentage_of_a_percent_metric_is_relative_too() -> None:
    """From 25 % to 30 % is a move by a fifth of it, 5 % of all: 10% refuses it and 0.05 allows it."""
    moved = replace(FINE, unit="percent", value=0.30, last_trusted=0.25)
    (gate,) = gates(moved, max_move="10%")
    assert gate.reason == "the value moved by 5 % from 25 % to 30 %, allowed 2.5 % (10%)"
    assert gates(moved, max_move=0.05) == []


@pytest.mark.parametrize("value", [None, float("nan")])
def test_a_missing_value_fails_no_gate_of_values(value: float | None) -> None:
    """No data is not a failed gate, however few records there are."""
    assert gates(replace(FINE, value=value, record_count=0), min_count=20, max_move="1%") == []


def test_a_missing_value_of_half_a_sync_is_withheld() -> None:
    """Nothing found in a part of the records says nothing about the whole."""
    failed = replace(FRESH, attempted_at=AS_OF, failure="cut page")
    (gate,) = gates(replace(FINE, value=None, syncs=[failed]))
    assert gate.gate is Gate.INCOMPLETE


def test_every_failed_gate_is_named() -> None:
    """One reason does not hide another."""
    old = Freshness("a.b", AS_OF - timedelta(days=3), attempted_at=AS_OF, failure="no answer")
    found = gates(replace(FINE, syncs=[old, FRESH], record_count=1, value=80.0), max_age="1d", min_count=2, max_move=1)
    assert [gate.gate for gate in found] == [Gate.INCOMPLETE, Gate.MAX_AGE, Gate.MIN_COUNT, Gate.MAX_MOVE]


def test_a_bound_in_another_unit_is_refused() -> None:
    """Dong do not bound hours."""
    with pytest.raises(UnitError, match="VND"):
        gates(FINE, max_move="500 VND")
