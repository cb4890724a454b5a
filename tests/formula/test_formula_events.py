"""Events: what their formulas may be, and which metrics they belong to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from okr_sync.connector import Stream
from okr_sync.errors import ProjectError
from okr_sync.formula import compile_events, compile_metrics, with_events
from okr_sync.formula.reference import EXAMPLE_STREAM
from okr_sync.project.event import Event
from okr_sync.project.metric import Metric

CASES: list[dict[str, str]] = yaml.safe_load(
    Path(__file__).with_name("refused_events.yaml").read_text(encoding="utf-8")
)
STREAMS = {"jira.issues": EXAMPLE_STREAM}
FIRST = {"stream": "jira.issues", "value": "min(resolved_at)"}


def events(**given: Any) -> dict[str, Event]:
    return {name: Event.model_validate(one) for name, one in given.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: next(iter(case.values())))
def test_refused(case: dict[str, str]) -> None:
    """An event that gives no time, or asks for what is not there, is refused in words, with the offence underlined."""
    part, text = next(iter(case.items()))
    with pytest.raises(ProjectError) as caught:
        compile_events(events(it={**FIRST, part: text}), STREAMS)
    (problem,) = caught.value.problems
    assert f"{problem.message}\n{problem.excerpt}".strip() == case["refused"].strip()
    assert problem.field == f"events.it.{part}"


def test_every_event_is_read() -> None:
    """One run shows the problems of all events and of all their parts."""
    wrong = events(a={**FIRST, "value": "count(*)", "where": "x = 1"}, b={**FIRST, "stream": "jira.isues"})
    with pytest.raises(ProjectError) as caught:
        compile_events(wrong, STREAMS)
    assert [(one.field, one.message) for one in caught.value.problems] == [
        ("events.a.value", "an event needs a date or a timestamp; this is a number"),
        ("events.a.where", "stream jira.issues has no field 'x'; known: " + ", ".join(sorted(
            field.name for field in EXAMPLE_STREAM.fields))),
        ("events.b.stream", "source 'jira' has no stream 'isues'; did you mean 'issues'?"),
    ]  # fmt: skip


@pytest.mark.parametrize("value", ["min(resolved_at)", "max(due_on)", "'2026-12-31'", "last(due_on, created_at)"])
def test_dates_and_timestamps_are_times(value: str) -> None:
    """Whatever gives a day or an instant may be an event."""
    compiled = compile_events(events(it={**FIRST, "value": value, "where": "status = 'Done'"}), STREAMS)
    assert "status" in compiled["it"].fields


def test_stream_that_was_not_described_yet() -> None:
    """Over a stream of which nothing is known, a formula is read as far as it can be."""
    stream = Stream("issues", fields=(), key=(), is_open=True)
    compiled = compile_events(events(it=FIRST), {"jira.issues": stream})
    assert compiled["it"].fields == {"resolved_at"}


def test_events_of_a_window() -> None:
    """A metric knows the events that its window begins and ends with, and no others."""
    compiled = compile_events(events(first=FIRST, launch="2026-11-05", other="2026-11-06"), STREAMS)
    windows = {"a": "from first to launch", "b": "from launch", "c": "cycle"}
    metrics = {
        name: Metric(value="count(*)", stream="jira.issues", time="created_at", window=window)
        for name, window in windows.items()
    }
    found = with_events(compile_metrics(metrics, STREAMS), compiled)
    assert {name: [event.name for event in one.events] for name, one in found.items()} == {
        "a": ["first", "launch"],
        "b": ["launch"],
        "c": [],
    }
