"""Why a number changed: over random histories the contributions add up to the difference, each for its naive cause."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from okr_sync.connector import Record
from okr_sync.explaining import Cause, Difference, Split
from okr_sync.measure import AsOf, Lookups
from okr_sync.project.cycle import end_of
from okr_sync.project.metric import Metric
from okr_sync.project.window import Window
from okr_sync.warehouse import SourceLog, open_warehouse
from tests.measure.answers import HANOI, ISSUES, Q3, Q4, at, metrics
from tests.warehouses import DUCKDB, ENGINES, emptied

FIRST_DAY = at(1)
METRICS = metrics(
    {
        "open": Metric(stream="jira.issues", where="status = 'open'", value="count(*)"),
        "total": "coalesce(sum(points), 0)",
        "mean": Metric(stream="jira.issues", where="status = 'open'", value="avg(points)"),
        "score": "100 * (count_if(points > 1) - count_if(points < 1)) / count(*)",
        "edited": Metric(
            stream="jira.issues", time="updated_at", window=Window(kind="trailing", days=3), value="count(*)"
        ),
        "age": Metric(stream="jira.issues", where="status = 'open'", value="avg(hours(updated_at, as_of()))"),
        "per_open": Metric(value="2 * total / open - score"),
        "product": Metric(value="round(total * open, 1)"),
        "middle": "median(points)",
    }
)


class Version(NamedTuple):
    key: str
    changed_at: datetime
    landed_at: datetime
    status: str
    points: float | None
    is_deleted: bool


def _version(key: str, hours: int, late: int, status: str, points: float | None, deleted: bool) -> Version:
    changed_at = FIRST_DAY + timedelta(hours=hours)
    return Version(key, changed_at, changed_at + timedelta(hours=late), status, points, deleted)


histories = st.lists(
    st.builds(
        _version,
        st.sampled_from("abcd"),
        st.integers(0, 8 * 24),
        st.sampled_from([1, 1, 1, 30, 100]),
        st.sampled_from(["open", "done"]),
        st.none() | st.sampled_from([-2.0, 0.0, 0.5, 4.0]),
        st.sampled_from([False, False, False, True]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda one: (one.key, one.changed_at),
)
days = st.tuples(st.integers(0, 8), st.integers(0, 4), st.integers(-12, 60))
"""The earlier day, how much later the later one is, and hours from the earlier day's end until it was stored."""


def day_of(number: int) -> AsOf:
    day = date(2026, 10, 1) + timedelta(days=number)
    return AsOf(day, end_of(day, HANOI), Q4, Q3, HANOI)


def record(one: Version) -> Record:
    fields = {
        "id": one.key,
        "status": one.status,
        "points": one.points,
        "created_at": FIRST_DAY,
        "updated_at": one.changed_at,
    }
    return Record(fields, is_deleted=one.is_deleted)


@pytest.fixture(scope="module", params=ENGINES)
def address(request: pytest.FixtureRequest) -> str:
    """Of a warehouse on each engine."""
    return DUCKDB if request.param == "duckdb" else str(request.getfixturevalue("postgresql_url"))


@contextmanager
def split(address: str, history: Sequence[Version], days_: tuple[AsOf, AsOf], known_at: datetime) -> Iterator[Split]:
    with TemporaryDirectory() as folder:
        url = address if address == DUCKDB else emptied(address)
        warehouse = open_warehouse(url, Path(folder), HANOI)
        for landed_at in sorted({one.landed_at for one in history}):
            page = sorted((one for one in history if one.landed_at == landed_at), key=lambda one: one.changed_at)
            SourceLog(warehouse, "jira").land(ISSUES, [record(one) for one in page], {}, "settings", landed_at)
        streams, fields = {"jira.issues": ISSUES}, {"jira.issues": [field.name for field in ISSUES.fields]}
        with (
            warehouse.history(streams, fields) as now,
            warehouse.history(streams, fields, known_at) as then,
        ):
            relations = {name: ISSUES for name, metric in METRICS.items() if metric.stream is not None}
            yield Split.of(METRICS, relations, (then, Lookups()), (now, Lookups()), days_)


def held(history: Sequence[Version], key: str, until: datetime, known_at: datetime | None = None) -> Version | None:
    """The version of a record that held right before an instant, as known at another one; creation was on day one."""
    own = sorted(one for one in history if one.key == key and (known_at is None or one.landed_at <= known_at))
    before = [one for one in own if one.changed_at < until] or (own[:1] if until > FIRST_DAY else [])
    return None if not before or before[-1].is_deleted else before[-1]


def gives(one: Version | None) -> tuple[float, int] | None:
    """To the mean of the points of what is open; `None`: it does not count."""
    if one is None or one.status != "open":
        return None
    return (one.points or 0.0, 0 if one.points is None else 1)


def naive_causes(history: Sequence[Version], earlier: AsOf, later: AsOf, known_at: datetime) -> set[tuple[str, Cause]]:
    found = set()
    for key in {one.key for one in history}:
        then = held(history, key, earlier.held_until, known_at)
        was, now = (held(history, key, day.held_until) for day in (earlier, later))
        if gives(then) != gives(was):
            found.add((key, Cause.LATE))
        if gives(was) == gives(now):
            continue
        if gives(was) is None:
            own = sorted(one for one in history if one.key == key)
            over = [one for one, after in pairwise(own) if after.changed_at < earlier.held_until]
            counted = any(gives(one) is not None and not one.is_deleted for one in over)
            found.add((key, Cause.REOPENED if counted else Cause.ENTERED))
        elif gives(now) is None:
            found.add((key, Cause.DELETED if now is None else Cause.LEFT))
        else:
            found.add((key, Cause.CHANGED))
    return found


def causes(difference: Difference) -> list[tuple[str, Cause]]:
    return [(str(one.record["id"]), one.cause) for one in difference.contributions if one.record is not None]


REOPENED = [
    _version("a", 0, 1, "open", 4.0, False),
    _version("a", 30, 1, "done", 4.0, False),
    _version("a", 100, 1, "open", 4.0, False),
    _version("b", 20, 100, "open", 0.5, False),
]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories, span=days)
@example(history=REOPENED, span=(2, 3, 0))
def test_random_histories(address: str, history: list[Version], span: tuple[int, int, int]) -> None:
    """Late arrivals, edits, deletions and re-openings: amounts add up for counts, sums, means, ratios and metrics over
    metrics, and each record has the cause that a naive reading of its versions gives it."""
    earlier, later = day_of(span[0]), day_of(span[0] + span[1])
    known_at = earlier.held_until + timedelta(hours=span[2])
    with split(address, history, (earlier, later), known_at) as looks:
        differences = {name: looks.difference(name, None, ()) for name in METRICS}
    expected = naive_causes(history, earlier, later, known_at)
    for name in ("open", "mean"):
        found = causes(differences[name])
        assert len(found) == len(set(found))
        assert set(found) == (expected if name == "mean" else _of_counts(history, expected, earlier, later, known_at))
    for name, one in differences.items():
        if one.change is None or name == "middle":
            continue
        assert one.not_split is None, name
        amounts = [each.amount for each in one.contributions]
        scale = max(map(abs, (one.before or 0.0, one.after or 0.0, *(each or 0.0 for each in amounts))))
        total = math.fsum(each for each in amounts if each is not None)
        assert total == pytest.approx(one.change, rel=1e-9, abs=1e-9 * scale), name
        assert None not in amounts, name
        assert name == "product" or all(each.cause is not Cause.ROUNDING for each in one.contributions), name


def _of_counts(
    history: Sequence[Version], causes_: set[tuple[str, Cause]], earlier: AsOf, later: AsOf, known_at: datetime
) -> set[tuple[str, Cause]]:
    """To a count an edit of the points is nothing."""
    found = set()
    for key, cause in causes_:
        looks = (
            held(history, key, earlier.held_until, known_at),
            held(history, key, earlier.held_until),
            held(history, key, later.held_until),
        )
        then, was, now = (gives(one) is not None for one in looks)
        if (then is not was) if cause is Cause.LATE else (was is not now):
            found.add((key, cause))
    return found
