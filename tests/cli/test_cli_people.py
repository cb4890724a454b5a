"""Check-ins and overrides: what people say stands beside the numbers, and changes none."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from okr_sync import pipeline
from okr_sync.closing import Closer
from okr_sync.errors import OkrSyncError
from okr_sync.people import Claim, Note
from okr_sync.report import KeyResultReport
from tests.cli import structure
from tests.cli.example import DAY, OkrSync, edit

ON = date(2025, 2, 9)


def clock() -> datetime:
    """Nine in the evening of the day, in Hanoi."""
    return datetime(2025, 2, 9, 14, 0, tzinfo=UTC)


@pytest.fixture
def stored(project: Path) -> Path:
    pipeline.run(project, pipeline.SyncOptions(), clock=clock)
    return project


def report(project: Path, id_: str, day: date = ON) -> KeyResultReport:
    return pipeline.status(project, day, lambda: clock() + timedelta(days=30)).key_result(id_)


def without_words(project: Path, okr_sync: OkrSync) -> Any:
    """All numbers and statuses of the day, without what people said."""
    content = json.loads(okr_sync("status", "--project", project, "--as-of", DAY, "--json").out)
    for one in content["objectives"][0]["key_results"]:
        del one["check_in"], one["override"]
    return content


def test_a_check_in_is_shown_from_its_day_on(okr_sync: OkrSync, stored: Path) -> None:
    """The latest one, in status, explain and JSON; a confidence of 0 is one."""
    before = without_words(stored, okr_sync)
    said = okr_sync(
        "check-in", "late", "--confidence", "0.7", "--note", "two left", "--by", "Lan", "--as-of", "2025-02-08",
        "--project", stored,
    )  # fmt: skip
    assert (said.code, said.out) == (0, "late: checked in for 8 Feb 2025 by Lan, 70 % sure\n")
    assert okr_sync("check-in", "late", "--confidence", 0, "--by", "An", "--as-of", DAY, "--project", stored).code == 0

    line = "check-in of 9 Feb 2025 by An: 0 % sure\n"
    assert line in okr_sync("status", "--project", stored, "--as-of", DAY).out
    assert line in okr_sync("explain", "late", "--project", stored, "--as-of", DAY).out
    first, second = report(stored, "late", date(2025, 2, 8)).check_in, report(stored, "late").check_in
    assert first is not None
    assert (first.confidence, first.note, first.by, first.as_of) == (0.7, "two left", "Lan", date(2025, 2, 8))
    assert second is not None
    assert (second.confidence, second.note, second.by) == (0, None, "An")
    assert report(stored, "late", date(2025, 2, 7)).check_in is None
    assert without_words(stored, okr_sync) == before


@pytest.mark.parametrize(
    ("note", "message"),
    [
        (Note(None, None, "Lan"), "a check-in on late needs a --confidence, a --note, or both"),
        (Note(None, "  ", "Lan"), "a check-in on late needs a --confidence, a --note, or both"),
        (Note(70, None, "Lan"), "confidence 70 is not one; give a number from 0 to 1, such as 0.7"),
        (Note(-0.1, None, "Lan"), "confidence -0.1 is not one; give a number from 0 to 1, such as 0.7"),
    ],
)
def test_check_ins_that_say_nothing(stored: Path, note: Note, message: str) -> None:
    """Refused, and nothing is stored."""
    with pytest.raises(OkrSyncError) as refused:
        pipeline.check_in(stored, "late", note, clock=clock)
    assert str(refused.value) == message
    assert report(stored, "late").check_in is None


def test_an_override_stands_beside_the_computed_value_until_its_day(okr_sync: OkrSync, stored: Path) -> None:
    """20 % late of 50 % to 0 % is 30 of 50 points, 60 %; the computed 25 % and its 50 % go on counting."""
    before = without_words(stored, okr_sync)
    pipeline.override(stored, "late", Claim("20%", date(2025, 2, 11), "A was on time", "Lan"), clock)

    line = "override 20 % (60 %) by Lan until 11 Feb 2025: A was on time; the computed 25 % counts\n"
    assert line in okr_sync("status", "--project", stored, "--as-of", DAY).out
    assert line in okr_sync("explain", "late", "--project", stored, "--as-of", DAY).out
    found = report(stored, "late")
    assert (found.value, found.progress, found.status) == (0.25, 0.5, "on track")
    assert found.override is not None
    assert (found.override.value, found.override.unit) == (0.2, "percent")
    assert found.override.progress == pytest.approx(0.6)
    days = [date(2025, 2, number) for number in (8, 9, 11, 12)]
    assert [report(stored, "late", day).override is not None for day in days] == [False, True, True, False]
    assert without_words(stored, okr_sync) == before


def test_an_override_of_zero_is_one_and_a_goal_to_keep_has_no_progress_of_it(stored: Path) -> None:
    """Of 8 tickets 0 is no progress at all; a waiting time is kept or not, day by day."""
    pipeline.override(stored, "opened", Claim("0", ON, "all by mistake", "Lan"), clock)
    pipeline.override(stored, "wait", Claim("90min", ON, "clock was wrong", "Lan"), clock)

    opened, wait = report(stored, "opened").override, report(stored, "wait").override
    assert opened is not None
    assert (opened.value, opened.progress) == (0, 0)
    assert wait is not None
    assert (wait.value, wait.unit, wait.progress) == (1.5, "hours", None)


def test_an_override_is_withdrawn(stored: Path) -> None:
    """From then on nothing is shown; to withdraw what is not there is a mistake."""
    pipeline.override(stored, "late", Claim("20%", date(2025, 2, 11), "A was on time", "Lan"), clock)
    pipeline.override(stored, "late", Claim(None, None, "it was not", "Lan"), clock)
    assert report(stored, "late").override is None
    with pytest.raises(OkrSyncError) as refused:
        pipeline.override(stored, "late", Claim(None, None, "again", "Lan"), clock)
    assert str(refused.value) == "there is no override of late on 2025-02-09 that could be withdrawn"


@pytest.mark.parametrize(
    ("key_result", "claim", "message"),
    [
        ("late", Claim("soon", ON, "x", "Lan"), "'soon' is not a quantity; write a number, or one such as 25%, 2h, 3d"),
        ("late", Claim("2h", ON, "x", "Lan"), "2 hours does not fit a metric in percent"),
        ("late", Claim("2%", date(2025, 2, 8), "x", "Lan"), "--until 2025-02-08 lies before 2025-02-09, the day on"),
        ("lat", Claim("2%", ON, "x", "Lan"), "there is no key result 'lat' in spring; did you mean 'late'?"),
    ],
)
def test_overrides_that_do_not_fit(stored: Path, key_result: str, claim: Claim, message: str) -> None:
    """Refused with what is allowed."""
    with pytest.raises(OkrSyncError) as refused:
        pipeline.override(stored, key_result, claim, clock)
    assert str(refused.value).startswith(message)


def test_key_results_without_a_value_of_their_own(stored: Path) -> None:
    """Milestones have no single value; a template is judged by its members."""
    milestones = "{id: steps, name: Steps, milestones: [{name: a, done: opened > 3}]}"
    edit(stored / "okrs" / "help.yaml", "metrics:", f"  - {milestones}\nmetrics:")
    with pytest.raises(OkrSyncError) as refused:
        pipeline.override(stored, "steps", Claim("1", ON, "x", "Lan"), clock)
    assert str(refused.value) == "steps is not measured by one metric, so no single value can stand beside it"

    (stored / "okr-sync.yaml").write_text(structure.SETTINGS, "utf-8")
    (stored / "okrs" / "help.yaml").write_text(structure.TEAM, "utf-8")
    (stored / "okrs" / "company.yaml").write_text(structure.COMPANY, "utf-8")
    with pytest.raises(OkrSyncError) as refused:
        pipeline.override(stored, "late", Claim("1%", ON, "x", "Lan"), clock)
    assert str(refused.value) == (
        "late is judged by its members and has no value of its own; name one: late_web, late_seo, late_ops"
    )


def test_nothing_is_said_of_a_closed_cycle(okr_sync: OkrSync, project: Path) -> None:
    """What was signed stays, and what was said of it."""
    last = "2025-04-10"
    assert okr_sync("run", "--project", project, "--as-of", last).code == 0
    pipeline.close(project, "spring", Closer("An", None, ()))
    message = ": nothing of it is written any more\n"
    for arguments in (
        ["check-in", "late", "--confidence", 1],
        ["override", "late", "--value", "1%", "--until", datetime.now(UTC).date() + timedelta(days=2), "--reason", "x"],
    ):
        said = okr_sync(*arguments, "--project", project)
        assert (said.code, said.err.endswith(message)) == (7, True), said.err


def test_the_options_of_an_override(okr_sync: OkrSync, project: Path) -> None:
    """A value and its last day go together; withdrawing takes neither; a reason says something."""
    until = str(datetime.now(UTC).date() + timedelta(days=2))
    for options in (
        ["--value", "1%"],
        ["--until", until],
        ["--withdraw", "--value", "1%", "--until", until],
        [],
    ):
        said = okr_sync("override", "late", *options, "--reason", "x", "--project", project)
        assert said.code == 2
        assert "give both --value and --until, or --withdraw alone" in said.err
    said = okr_sync("override", "late", "--value", "1%", "--until", until, "--reason", "x", "--by", "An", "--json",
                    "--project", project)  # fmt: skip
    content = json.loads(said.out)
    assert (content["value"], content["until"], content["said_by"]) == (0.01, until, "An")
    gone = okr_sync("override", "late", "--withdraw", "--reason", "x", "--by", "An", "--project", project)
    assert (gone.code, gone.out) == (0, "late: the override is withdrawn by An\n")
