"""The line of a key result tells every restatement, and breaks where the definition changed."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from rich.console import Console

from okr_sync import pipeline
from okr_sync.errors import OkrSyncError
from okr_sync.history import Line
from okr_sync.terminal.history import line_json, print_line, write_csv
from tests.soundness.desk import Desk

N = {"stream": "desk.tasks", "value": "count(*)"}
LATE = "2,2026-10-02,2026-10-02T09:00,,open,1"


@pytest.fixture
def told(desk: Desk) -> Desk:
    """1 on the evenings of the 2nd to the 4th; the 2nd is restated on the 5th, from which on the formula is another."""
    desk.okrs({"n": N}, n={"metric": "n", "at_least": 1})
    desk.tasks("1,2026-10-01,2026-10-01T09:00,,open,1")
    for number in (2, 3, 4):
        desk.run(f"2026-10-0{number + 1}T00:10+07:00", as_of=f"2026-10-0{number}")
    desk.tasks("1,2026-10-01,2026-10-01T09:00,,open,1", LATE)
    desk.run("2026-10-05T12:00+07:00", as_of="2026-10-02")
    desk.okrs({"n": {**N, "value": "count(*) * 10"}}, n={"metric": "n", "at_least": 1})
    desk.run("2026-10-05T18:00+07:00")
    return desk


def line(desk: Desk, first: str | None = None) -> Line:
    span = (None if first is None else date.fromisoformat(first), None)
    return pipeline.history(desk.folder, "n", span, desk.clock)


def printed(found: Line, *, is_all: bool = False) -> str:
    file = io.StringIO()
    print_line(found, Console(file=file, width=120), is_all)
    return file.getvalue()


def test_days_restatements_and_breaks(told: Desk) -> None:
    """The 2nd says 2 after 1, which was final; the 3rd says 1 again; the 5th begins a line of 10 times the count."""
    found = line(told)
    assert [(one.last.as_of.day, one.last.value, one.revision_count) for one in found.days] == [
        (2, 2, 2),
        (3, 1, 1),
        (4, 1, 1),
        (5, 20, 1),
    ]
    (restated,) = found.days[0].restatements
    assert (restated.before.value, restated.after.value, restated.was_final, restated.run_kind) == (1, 2, True, "run")
    assert [one.redefined is not None for one in found.days] == [False, False, False, True]
    (part,) = found.days[3].redefined or ()
    assert (part.part, part.old, part.new) == ("metrics.n.value", "count(*)", "count(*) * 10")


def test_it_is_short_unless_all_is_asked_for(told: Desk) -> None:
    """The 4th is as the 3rd; what restated the 2nd, when and by what, and the break stand there."""
    text = printed(line(told))
    assert "4 days stored in 2026-Q4, 1 of them as the day before; show them with --all" in text
    assert "4 Oct 2026" not in text
    assert "4 Oct 2026" in printed(line(told), is_all=True)
    assert "2026-10-05 12:00  1 on track → 2 on track  restated, was final, by run 4" in text
    assert text.index("3 Oct 2026") < text.index("another definition") < text.index("5 Oct 2026")
    assert "metrics.n.value  count(*) → count(*) * 10" in text


def test_a_break_is_told_also_where_the_span_begins(told: Desk) -> None:
    """The day before the span is what its first day is compared with."""
    found = line(told, "2026-10-05")
    assert [one.redefined is not None for one in found.days] == [True]
    with pytest.raises(OkrSyncError, match="from 2026-10-06 to 2026-10-05 is no span of days"):
        line(told, "2026-10-06")


def test_a_day_computed_anew_by_another_formula_shows_both(told: Desk) -> None:
    """Both numbers of the 4th stay, with what changed of the definition between them."""
    pipeline.backfill(told.folder, (date(2026, 10, 4), date(2026, 10, 4)), clock=told.clock)
    (restated,) = line(told).days[2].restatements
    assert (restated.before.value, restated.after.value, restated.run_kind) == (1, 20, "backfill")
    assert [one.part for one in restated.redefined] == ["metrics.n.value"]
    assert [one.redefined is not None for one in line(told).days] == [False, False, True, False]


def test_csv_and_json_have_every_revision(told: Desk) -> None:
    """Five revisions of four days."""
    file = io.StringIO()
    write_csv(line(told), file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [(one["as_of"][-1], one["revision"], one["value"]) for one in rows] == [
        ("2", "1", "1.0"),
        ("2", "2", "2.0"),
        ("3", "1", "1.0"),
        ("4", "1", "1.0"),
        ("5", "1", "20.0"),
    ]
    days = line_json(line(told))["days"]
    assert (days[0]["as_of"], days[0]["value"], len(days[0]["restatements"])) == ("2026-10-02", 2, 1)
