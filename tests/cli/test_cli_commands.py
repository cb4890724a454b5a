"""Every command as a newcomer calls it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from okr_sync.commands.exit_codes import EXIT_CODES
from tests.cli.example import DAY, SCRIPT, OkrSync, edit


def test_the_console_script_shows_help_and_exit_codes() -> None:
    """Without arguments it says what there is; every exit code stands in the help."""
    bare = subprocess.run([SCRIPT], capture_output=True, text=True, check=False)
    helped = subprocess.run([SCRIPT, "--help"], capture_output=True, text=True, check=True)
    version = subprocess.run([SCRIPT, "--version"], capture_output=True, text=True, check=True)

    assert "Commands:" in bare.stdout + bare.stderr
    assert all(f"{code:>5}  " in helped.stdout for code in EXIT_CODES)
    assert version.stdout.startswith("okr-sync ")


def test_a_new_project_runs_at_once(okr_sync: OkrSync, tmp_path: Path) -> None:
    """init, check, run, plan, status, streams and explain work one after the other on what init wrote."""
    folder = tmp_path / "mine"
    assert okr_sync("init", folder).code == 0
    for arguments in (["check"], ["run"], ["plan"], ["status"], ["streams"], ["explain", "reply_time"]):
        said = okr_sync(*arguments, "--project", folder)
        assert (said.code, said.err) == (0, ""), arguments
        assert said.out
    assert okr_sync("init", folder).code == 2


def test_every_json_is_json(okr_sync: OkrSync, project: Path) -> None:
    """With --json, standard output is one JSON document and standard error is empty."""
    commands = ["run", "sync", "plan", "status", "streams", "check"]
    for arguments in [*([one] for one in commands), ["explain", "late"], ["streams", "desk.tickets"]]:
        said = okr_sync(*arguments, "--json", "--project", project)
        assert (said.code, said.err) == (0, ""), arguments
        json.loads(said.out)


def test_the_current_folder_is_the_project(okr_sync: OkrSync, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--project may be left out."""
    monkeypatch.chdir(project)

    assert okr_sync("check").code == 0


def test_plan_writes_nothing_and_run_what_it_said(okr_sync: OkrSync, project: Path) -> None:
    """A plan says what a run would change; the run changes it; a second plan has nothing to say."""
    assert okr_sync("run", "--project", project, "--as-of", DAY).code == 0
    edit(project / "okrs" / "help.yaml", "target: 0%", "target: 20%")
    before = okr_sync("status", "--project", project, "--as-of", DAY, "--json").out

    plan = okr_sync("plan", "--project", project, "--as-of", DAY)
    assert "1 key result would change, 4 as stored" in plan.out
    assert okr_sync("status", "--project", project, "--as-of", DAY, "--json").out.count("0.2") == before.count("0.2")
    assert "1 key result changed" in okr_sync("run", "--no-sync", "--project", project, "--as-of", DAY).out
    assert "0 key results would change" in okr_sync("plan", "--project", project, "--as-of", DAY).out


def test_explain_shows_formula_window_sql_and_records(okr_sync: OkrSync, project: Path) -> None:
    """All that a value rests on; times and dates in words."""
    edit(
        project / "okrs" / "help.yaml",
        "count_if(state = 'late') / count(*)",
        "\"count_if(state = 'late')  /  count(*)\"",
    )
    assert okr_sync("run", "--project", project, "--as-of", DAY).code == 0
    out = okr_sync("explain", "late", "--project", project, "--as-of", DAY, "--limit", 2, "--offset", 1).out

    assert "25 %  goal 50 % → 0 %  on track" in out
    assert "formula  count_if(state = 'late') / count(*)" in out
    assert "window   cycle: opened_on from 01 Jan 2025 00:00 to 10 Feb 2025 00:00" in out
    assert "SELECT" in out
    assert "4 records counted; 2 to 3 here" in out
    assert [line.split()[0] for line in out.splitlines() if line.startswith(("  A ", "  B ", "  C ", "  D "))] == [
        "B",
        "C",
    ]


def test_explain_shows_where_a_window_of_events_comes_from(okr_sync: OkrSync, project: Path) -> None:
    """The bounds in words, each event with its time and what gave it, and the same in JSON."""
    okr = project / "okrs" / "help.yaml"
    late = "{stream: desk.tickets, time: opened_on, value: count_if(state = 'late') / count(*), unit: percent}"
    edit(okr, late, late.replace("opened_on, ", "opened_on, window: from first_done to stop, "))
    event = "{stream: desk.tickets, where: state = 'done', value: min(opened_on)}"
    (project / "okrs" / "events.yaml").write_text(
        f"events:\n  first_done: {event}\n  stop: 2025-01-31 12:00\n", "utf-8"
    )
    assert okr_sync("run", "--project", project, "--as-of", DAY).code == 0
    out = okr_sync("explain", "late", "--project", project, "--as-of", DAY).out
    assert "window    from first_done to stop: opened_on from 20 Jan 2025 00:00 to 31 Jan 2025 12:00" in out
    assert "event     first_done: 20 Jan 2025, from min(opened_on) of desk.tickets where state = 'done'" in out
    assert "event     stop: 31 Jan 2025 12:00\n" in " ".join(f"{line.rstrip()}\n" for line in out.splitlines())
    assert "1 record counted" in out  # B

    (metric,) = json.loads(okr_sync("explain", "late", "--project", project, "--as-of", DAY, "--json").out)["metrics"]
    assert (metric["window_start"], metric["window_end"]) == ("2025-01-19T17:00:00+00:00", "2025-01-31T05:00:00+00:00")
    assert metric["events"]["stop"] == {"source": "2025-01-31 12:00", "at": "2025-01-31T05:00:00+00:00"}

    edit(project / "okrs" / "events.yaml", "state = 'done'", "state = 'lost'")
    out = okr_sync("explain", "late", "--project", project, "--as-of", DAY).out
    not_yet = "event first_done has not happened yet: min(opened_on) of desk.tickets where state = 'lost' gives no time"
    assert not_yet in " ".join(out.split())


def test_explain_csv_lists_every_record(okr_sync: OkrSync, project: Path) -> None:
    """All records, a missing value as an empty cell."""
    assert okr_sync("sync", "--project", project).code == 0
    out = okr_sync("explain", "wait", "--csv", "--project", project, "--as-of", DAY).out

    rows = list(csv.DictReader(io.StringIO(out)))
    assert [one["id"] for one in rows] == ["A", "B", "C", "D"]
    assert [one["hours"] for one in rows] == ["1.0", "2.0", "3.0", ""]


def test_explain_shows_the_numbers_in_the_formula_and_in_progress(okr_sync: OkrSync, project: Path) -> None:
    """1 late ticket of 4; half of the way from 50 % to 0 %: what people work out by hand."""
    assert okr_sync("run", "--project", project, "--as-of", DAY).code == 0
    out = okr_sync("explain", "late", "--project", project, "--as-of", DAY).out
    assert "numbers  1 / 4 = 25 %" in out
    assert "progress (25 % - 50 %) / (0 % - 50 %) = 50 %" in out
    calls = okr_sync("explain", "calls", "--project", project, "--as-of", DAY).out
    assert "numbers   no data / 0: no data" in calls
    found = json.loads(okr_sync("explain", "wait", "--project", project, "--as-of", DAY, "--json").out)
    assert found["metrics"][0]["figures"] == {"sum(hours)": 6, "count(hours)": 3}
    assert found["metrics"][0]["numbers"] == "6 / 3 = 2 hours"


def test_explain_lists_what_was_left_out(okr_sync: OkrSync, project: Path) -> None:
    """Four tickets are no calls; one counts and has no hours: in words, as CSV and as JSON."""
    assert okr_sync("sync", "--project", project).code == 0
    calls = ("explain", "calls", "--project", project, "--as-of", DAY)
    assert "left out  4 fail state = 'call'" in okr_sync(*calls).out
    assert "B   fails state = 'call': state is done" in okr_sync(*calls, "--left-out", "filter").out
    rows = list(csv.DictReader(io.StringIO(okr_sync(*calls, "--left-out", "all", "--csv").out)))
    assert [(one["id"], one["reason"]) for one in rows] == [(id_, "filter: state = 'call'") for id_ in "ABCD"]
    wait = ("explain", "wait", "--project", project, "--as-of", DAY, "--left-out", "nothing", "--json")
    (out,) = json.loads(okr_sync(*wait).out)["left_out"]
    assert out["left_out_count"] == 0
    assert [(one["record"]["id"], one["why"]["detail"]) for one in out["records"]] == [
        ("D", "sum(hours)"),
        ("D", "count(hours)"),
    ]
    assert "'lost' is no reason" in okr_sync(*calls, "--left-out", "lost").err


def test_explain_since_splits_the_difference(okr_sync: OkrSync, project: Path) -> None:
    """1 late of 2 on 25 January, 1 of 4 on 9 February: two tickets that are not late take 12.5 points each."""
    assert okr_sync("sync", "--project", project).code == 0
    since = ("explain", "late", "--project", project, "--as-of", DAY, "--since", "2025-01-25")
    out = okr_sync(*since).out
    assert "nothing is stored for 25 Jan 2025" in out
    assert "late_share  25 Jan 2025 50 % → 9 Feb 2025 25 %: -25 pp" in out
    assert "  entered, 2 records  -25 pp\n" in out
    assert "    C  -12.5 pp  on 25 Jan: after the window: opened_on is 2025-02-01" in out
    rows = list(csv.DictReader(io.StringIO(okr_sync(*since, "--csv").out)))
    assert [(one["cause"], one["record"], float(one["amount"])) for one in rows] == [
        ("entered", "C", -0.125),
        ("entered", "D", -0.125),
    ]
    (value,) = json.loads(okr_sync(*since, "--json").out)["values"]
    assert (value["before"], value["after"], value["change"]) == (0.5, 0.25, -0.25)
    assert [(one["cause"], one["amount"]) for one in value["causes"]] == [("entered", -0.25)]
    assert "give a day of spring" in okr_sync(*since[:-1], "2025-02-10").err


def test_schema_is_a_json_schema(okr_sync: OkrSync) -> None:
    """Editors can use what schema prints."""
    Draft202012Validator.check_schema(json.loads(okr_sync("schema").out))


def test_demo_goes_on_where_it_was_and_leaves_other_projects_alone(
    okr_sync: OkrSync, project: Path, tmp_path: Path
) -> None:
    """The second demo in a folder finds nothing new; a folder with another project is refused and stays as it is."""
    folder = tmp_path / "demo"
    assert okr_sync("demo", folder).code == 0
    again = okr_sync("demo", folder)
    assert again.code == 0
    assert "okr-sync explain late" in again.out

    before = sorted(project.rglob("*"))
    refused = okr_sync("demo", project)
    assert (refused.code, refused.out) == (2, "")
    assert "holds a project already" in refused.err
    assert sorted(project.rglob("*")) == before
