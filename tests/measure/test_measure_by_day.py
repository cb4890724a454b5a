"""Sums of every day from one scan: the same numbers as a query for each day gives."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from okr_sync.connector import Record
from okr_sync.measure import Span, can_follow, follow, measure
from okr_sync.project.metric import Metric
from okr_sync.project.window import Window
from okr_sync.warehouse import Warehouse
from tests.measure.answers import HANOI, Answers, evening, metrics

DAYS = Span(date(2026, 9, 20), date(2026, 10, 31), date(2026, 10, 1), HANOI)
METRICS = {
    "open": Metric(stream="jira.issues", where="status = 'open'", value="count(*)"),
    "open_a": Metric(stream="jira.issues", where="status = 'open' and team = 'A'", value="count(*)"),
    "open_b": Metric(stream="jira.issues", where="status = 'open' and team = 'B'", value="count(*)"),
    "points": Metric(stream="jira.issues", value="sum(points) + count(points)"),
    "made": Metric(stream="jira.issues", time="created_at", value="count(*)"),
    "made_points": Metric(stream="jira.issues", where="team = 'A'", time="created_at", value="sum(points)"),
    "ever": Metric(stream="jira.issues", time="created_at", window=Window(kind="all"), value="count_if(points > 3)"),
    "edited": Metric(stream="jira.issues", time="updated_at", value="count(*)"),
}


def random_versions(seed: int) -> list[Record]:
    """Sixty issues of September and October with up to four states each, some at midnight in Hanoi, some deleted."""
    chance, found = Random(seed), []  # noqa: S311 - no secrets
    for number in range(60):
        created_at = datetime(2026, 9, 10, tzinfo=UTC) + timedelta(hours=chance.randrange(24 * 45))
        changed_at = created_at
        for version in range(chance.randint(1, 4)):
            fields = {
                "team": chance.choice("AB"),
                "status": chance.choice(["open", "done"]),
                "points": chance.choice([None, 0, 1, 5]),
            }
            state = {"id": str(number), "created_at": created_at, "updated_at": changed_at, **fields}
            found.append(Record(state, is_deleted=version == 3))
            changed_at += timedelta(hours=chance.choice([1, 7, 24, 24 * 9]))
            changed_at = changed_at.replace(hour=17) if chance.random() < 0.3 else changed_at
    return found


@pytest.mark.parametrize("seed", range(4))
def test_following_gives_what_a_query_a_day_gives(warehouse: Warehouse, seed: int) -> None:
    """On each day of the cycle, values, counts and assumed counts are those that `measure` finds for that day alone."""
    compiled = metrics(METRICS)
    with Answers(warehouse, random_versions(seed)).history(compiled) as history:
        followed = follow(compiled.values(), history, DAYS)
        by_query = measure(compiled, history, [evening(day) for day in range(1, 32)])
    for day, values in enumerate(by_query, 11):
        for name, one in followed.items():
            wanted = values[name]
            found = (one.sums[day], one.record_counts[day], one.assumed_counts[day])
            assert found == (wanted.value or 0, wanted.record_count, wanted.assumed_count), (name, day - 10)


def test_what_depends_on_the_moment_cannot_be_followed() -> None:
    """A formula with as_of() gives a record another amount each day, and a past cycle's window does not move at all."""
    compiled = metrics(
        {
            "age": "sum(days(created_at, as_of()))",
            "before": Metric(
                stream="jira.issues", time="created_at", window=Window(kind="previous_cycle"), value="count(*)"
            ),
            "made": Metric(stream="jira.issues", time="created_at", value="count(*)"),
        }
    )
    assert {name: can_follow(one) for name, one in compiled.items()} == {"age": False, "before": False, "made": True}
