"""`okr-sync plan`: what a run would change, before anything is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from okr_sync.initiatives import CompletionStatus
from okr_sync.kpis import KpiStatus
from okr_sync.planning import BADNESS
from okr_sync.progress import Status
from okr_sync.sandbox import Sandbox
from tests.cli import structure
from tests.cli.example import DAY, OkrSync, edit
from tests.soundness.company import small_agency

NEXT_DAY = "2025-02-10"


@pytest.fixture
def stored(okr_sync: OkrSync, project: Path) -> Path:
    """The example, computed for the day."""
    assert okr_sync("run", "--project", project, "--as-of", DAY).code == 0
    return project


@pytest.fixture
def structured(tmp_path: Path) -> Path:
    """A project with KPIs and initiatives."""
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okr-sync.yaml").write_text(structure.SETTINGS, "utf-8")
    (tmp_path / "tickets.csv").write_text(structure.TICKETS, "utf-8")
    (tmp_path / "okrs" / "team.yaml").write_text(structure.TEAM, "utf-8")
    (tmp_path / "okrs" / "company.yaml").write_text(structure.COMPANY, "utf-8")
    return tmp_path


def steps(okr_sync: OkrSync, project: Path, day: str = DAY, group: str = "key_results") -> dict[str, dict[str, Any]]:
    """Each thing of the plan in JSON, by its id or name."""
    said = okr_sync("plan", "--project", project, "--as-of", day, "--json")
    return {one.get("id") or one["name"]: one for one in json.loads(said.out)[group]}


def test_every_status_has_its_place_from_good_to_bad() -> None:
    """Those of key results, KPIs and initiatives; to lose a published value is the worst."""
    assert set(BADNESS) == {*Status, *KpiStatus, *CompletionStatus}
    published = [one for one in BADNESS if one not in ("withheld", "no data")]
    assert max(BADNESS[one] for one in published) < BADNESS["withheld"] < BADNESS["no data"]


def test_what_is_stored_for_the_day_already_is_no_change(okr_sync: OkrSync, stored: Path) -> None:
    """The exit code is 0, whatever is asked of it."""
    said = okr_sync("plan", "--project", stored, "--as-of", DAY, "--detailed-exitcode", "--fail-on", "any")
    assert (said.code, said.err) == (0, "")
    assert said.out == "as of 9 Feb 2025: 0 key results would change, 5 as stored\n"


def test_a_new_day_that_shows_the_same_is_no_change(okr_sync: OkrSync, stored: Path) -> None:
    """A run would write the day down, yet nobody would see a difference: no ticket came on the next day."""
    said = okr_sync("plan", "--project", stored, "--as-of", NEXT_DAY, "--detailed-exitcode")
    assert (said.code, said.out) == (
        0,
        "as of 10 Feb 2025: 0 key results would change, 0 as stored, 5 as on an earlier day\n",
    )
    assert {one["change"] for one in steps(okr_sync, stored, NEXT_DAY).values()} == {"repeated"}


def test_a_changed_formula_is_shown_with_both_texts_and_the_restated_day(okr_sync: OkrSync, stored: Path) -> None:
    """Of 4 tickets 3 are done, so the value restates 4 as 3; progress of 8 goes from 50 % to 37 %."""
    edit(stored / "okrs" / "help.yaml", "value: count(*)}", "value: count_if(state = 'done')}")
    out = okr_sync("plan", "--project", stored, "--as-of", DAY).out

    assert out.splitlines() == [
        "as of 9 Feb 2025: 1 key result would change, 4 as stored; 1 would restate the day",
        "  opened  4 → 3, progress 50 % → 37 %  on track  restates 9 Feb 2025",
        "    progress 37 % where 40 % is expected by 9 Feb",
        "    definition: metrics.opened.value  count(*) → count_if(state = 'done')",
        "1 value would be restated, which was final:",
        "  opened  4 → 3  9 Feb 2025",
    ]
    opened = steps(okr_sync, stored)["opened"]
    assert (opened["change"], opened["previous_value"], opened["value"]) == ("restated", 4, 3)
    assert (opened["previous_progress"], opened["progress"]) == (0.5, 0.375)
    assert (opened["previous_as_of"], opened["is_worse"], opened["is_redefined"]) == (DAY, False, True)
    assert opened["redefined"] == [
        {"part": "metrics.opened.value", "old": "count(*)", "new": "count_if(state = 'done')"}
    ]


def test_a_changed_goal_is_shown_on_the_day_it_moves_from(okr_sync: OkrSync, stored: Path) -> None:
    """25 % late of 50 % to 0 % is half of the way; to 20 % it is 25 of 30 points, 83 %."""
    edit(stored / "okrs" / "help.yaml", "target: 0%", "target: 20%")
    out = okr_sync("plan", "--project", stored, "--as-of", NEXT_DAY).out

    assert "  late  25 %, progress 50 % → 83 %  on track  stored for 9 Feb 2025\n" in out
    assert "    definition: goal.target  0% → 20%\n" in out


def test_exit_codes_say_that_there_are_changes_only_when_asked(okr_sync: OkrSync, stored: Path) -> None:
    """0 without the option, 2 with it, 9 where the plan was told to fail on it."""
    edit(stored / "okrs" / "help.yaml", "metric: opened, target: 8}", "metric: opened, target: 4}")
    plan = ("plan", "--project", stored, "--as-of", DAY)
    assert okr_sync(*plan).code == 0
    assert okr_sync(*plan, "--detailed-exitcode").code == 2
    failed = okr_sync(*plan, "--detailed-exitcode", "--fail-on", "any")
    assert (failed.code, failed.err) == (9, "--fail-on any: opened would change\n")
    # 4 of 4 is achieved, which is no worse than on track.
    assert okr_sync(*plan, "--fail-on", "status-worse", "--fail-on", "withheld").code == 0


def test_fail_on_a_status_that_gets_worse(okr_sync: OkrSync, stored: Path) -> None:
    """4 of 40 is 10 % where 40 % is expected: a quarter of that is at risk."""
    edit(stored / "okrs" / "help.yaml", "metric: opened, target: 8}", "metric: opened, target: 40}")
    failed = okr_sync("plan", "--project", stored, "--as-of", DAY, "--fail-on", "status-worse")

    assert (failed.code, failed.err) == (9, "--fail-on status-worse: opened would go from on track to at risk\n")
    assert "on track → at risk (worse)" in failed.out
    assert failed.out.endswith("1 status would flip, 1 for the worse\n")


def test_fail_on_a_value_that_would_be_withheld(okr_sync: OkrSync, stored: Path) -> None:
    """To lose a published value is worse than the status it had, and has a choice of its own."""
    edit(stored / "okrs" / "help.yaml", "value: count(*)}", "value: count(*), trust: {min_count: 5}}")
    plan = ("plan", "--project", stored, "--as-of", DAY)

    failed = okr_sync(*plan, "--fail-on", "withheld", "--fail-on", "status-worse")
    assert (failed.code, failed.err.splitlines()) == (
        9,
        [
            "--fail-on withheld: opened would be withheld",
            "--fail-on status-worse: opened would go from on track to withheld",
        ],
    )
    assert okr_sync("run", "--no-sync", "--project", stored, "--as-of", DAY).code == 5
    assert okr_sync(*plan, "--fail-on", "withheld").code == 0  # it is stored so


def test_new_and_removed_key_results(okr_sync: OkrSync, stored: Path) -> None:
    """One that was renamed is one that is new and one that is gone; each is a change."""
    edit(stored / "okrs" / "help.yaml", "{id: opened,", "{id: asked,")
    said = okr_sync("plan", "--project", stored, "--as-of", DAY, "--detailed-exitcode")
    assert said.code == 2
    assert "  asked  4  on track  nothing stored before\n" in said.out
    assert "  opened  would be removed; what is stored of it stays\n" in said.out
    assert steps(okr_sync, stored)["asked"]["change"] == "new"
    failed = okr_sync("plan", "--project", stored, "--as-of", DAY, "--fail-on", "any")
    assert failed.err.splitlines() == ["--fail-on any: asked would change", "--fail-on any: opened would be removed"]


def test_kpis_and_initiatives_are_part_of_the_plan(okr_sync: OkrSync, structured: Path) -> None:
    """Five tickets are healthy within [1, 5]; within [1, 4] they are not. Of WEB's two tickets one is done."""
    assert okr_sync("run", "--project", structured, "--as-of", DAY).code == 0
    edit(structured / "okrs" / "company.yaml", "between: [1, 5]", "between: [1, 4]")
    edit(structured / "okrs" / "team.yaml", "where: team <> 'SEO'", "where: team = 'WEB'")
    out = okr_sync("plan", "--project", structured, "--as-of", DAY).out

    assert "  KPI opened  5  healthy → unhealthy (worse)  restates 9 Feb 2025\n" in out
    assert "    definition: range.between  1, 5 → 1, 4\n" in out
    assert "  initiative Chuẩn hoá checklist  2 of 4 → 1 of 2  counted  restates 9 Feb 2025\n" in out
    assert steps(okr_sync, structured, group="kpis")["opened"]["is_worse"]
    assert steps(okr_sync, structured, group="initiatives")["Chuẩn hoá checklist"]["is_redefined"]


def test_a_plan_needs_no_credentials(okr_sync: OkrSync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a pull request, where no variable of a source is set and no source answers, the landed data are enough."""
    (tmp_path / "okrs").mkdir()
    settings = (
        "timezone: Asia/Ho_Chi_Minh\ncycle: {name: autumn, start: 2026-10-01, end: 2026-12-31}\nsources:\n"
        "  jira: {connector: jira, url: '${JIRA_BASE_URL}', email: '${JIRA_EMAIL}', token: '${JIRA_API_TOKEN}'}\n"
    )
    (tmp_path / "okr-sync.yaml").write_text(settings, "utf-8")
    okr = (
        "objective: Work\nid: work\nkey_results: [{id: issues, name: Issues, metric: issues, target: 10}]\n"
        "metrics: {issues: {stream: jira.issues, value: count(*)}}\n"
    )
    (tmp_path / "okrs" / "okr.yaml").write_text(okr, "utf-8")
    with Sandbox(small_agency()) as sandbox:
        for name, value in sandbox.variables().items():
            monkeypatch.setenv(name, value)
        assert okr_sync("run", "--project", tmp_path, "--as-of", "2026-10-05").code == 0
        for name in sandbox.variables():
            monkeypatch.delenv(name)
    edit(tmp_path / "okrs" / "okr.yaml", "target: 10}", "target: 6}")

    said = okr_sync("plan", "--project", tmp_path, "--as-of", "2026-10-05", "--detailed-exitcode")
    assert (said.code, said.err) == (2, "")
    assert "  issues  3, progress 30 % → 50 %" in said.out
