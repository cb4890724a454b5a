"""`okr-sync impact`: what rests on something, for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.example import OkrSync, edit


def test_impact_is_told_before_anything_was_synced(okr_sync: OkrSync, project: Path) -> None:
    """Exit code 0, for people with file and line, for machines with objective and level."""
    said = okr_sync("impact", "desk.tickets.hours", "--project", project)
    assert said.code == 0
    assert "2 metrics, 2 key results rest on it" in said.out
    assert "value: avg(hours)" in said.out
    assert "okrs/help.yaml:13" in said.out

    as_json = json.loads(okr_sync("impact", "desk.tickets.hours", "--project", project, "--json").out)
    assert as_json["kinds"] == ["field"]
    assert [(one["kind"], one["name"], one["objective"], one["level"]) for one in as_json["resting"]] == [
        ("metric", "wait", None, 1),
        ("metric", "call_hours", None, 1),
        ("key result", "wait", "help", 2),
        ("key result", "calls", "help", 2),
    ]


def test_impact_of_a_value(okr_sync: OkrSync, project: Path) -> None:
    """Who compares with it, and how many present records hold it; where nobody does, the nearest that is read."""
    assert okr_sync("sync", "--project", project).code == 0
    late = okr_sync("impact", "desk.tickets.state", "--value", "late", "--project", project)
    assert "'late': present records that hold it: 1; 1 metric, 1 key result rest on it" in late.out
    done = okr_sync("impact", "desk.tickets.state", "--value", "done", "--project", project, "--json")
    assert json.loads(done.out)["present_count"] == 3
    wrong = okr_sync("impact", "desk.tickets.state", "--value", "lte", "--project", project)
    assert (wrong.code, "did you mean 'late'?" in wrong.out) == (0, True)


def test_impact_of_a_wrong_name(okr_sync: OkrSync, project: Path) -> None:
    """Exit code 2 with the nearest name: an empty answer would be taken for a promise."""
    said = okr_sync("impact", "desk.tickets.hour", "--project", project)
    assert (said.code, "did you mean 'hours'?" in said.err) == (2, True)


def test_run_tells_an_option_that_looks_renamed(okr_sync: OkrSync, project: Path) -> None:
    """It is said at the end, and in JSON, and changes no exit code: nobody knows for sure."""
    before = okr_sync("run", "--project", project)
    assert "looks renamed" not in before.out
    edit(project / "tickets.csv", ",late", ",overdue")
    after = okr_sync("run", "--project", project)
    assert after.code == before.code
    said = "desk.tickets: state 'late' looks renamed: no record holds it now, 'overdue' is new since"
    assert said in after.out
    (found,) = json.loads(okr_sync("run", "--project", project, "--json").out)["renamed_options"]
    assert (found["value"], found["successors"], found["key_results"]) == ("late", ["overdue"], ["late"])
