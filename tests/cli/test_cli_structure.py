"""Templates, objectives below objectives, initiatives and KPIs, as the commands show them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.example import DAY, OkrSync, edit
from tests.cli.structure import COMPANY, SETTINGS, TEAM, TICKETS


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """On the 40th of 100 days: WEB 1 of 2 late, SEO 0 of 1, OPS 1 of 2."""
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okr-sync.yaml").write_text(SETTINGS, "utf-8")
    (tmp_path / "tickets.csv").write_text(TICKETS, "utf-8")
    (tmp_path / "okrs" / "team.yaml").write_text(TEAM, "utf-8")
    (tmp_path / "okrs" / "company.yaml").write_text(COMPANY, "utf-8")
    return tmp_path


@pytest.fixture
def stored(okr_sync: OkrSync, project: Path) -> dict[str, Any]:
    assert okr_sync("run", "--project", project, "--as-of", DAY).code == 0
    return status(okr_sync, project)


def status(okr_sync: OkrSync, project: Path, day: str = DAY) -> dict[str, Any]:
    said = okr_sync("status", "--project", project, "--as-of", day, "--json")
    assert (said.code, said.err) == (0, "")
    content: dict[str, Any] = json.loads(said.out)
    return content


def objective(content: dict[str, Any], id_: str) -> dict[str, Any]:
    return next(one for one in content["objectives"] if one["id"] == id_)


def test_a_template_is_one_key_result_with_its_members(stored: dict[str, Any]) -> None:
    """Members: (0.5 - 0.5) / (0.5 - 0.25), (0.5 - 0) / 0.4, 0; the mean is (0 + 2 * 1 + 0) / 4, the worst at risk."""
    opened, late = objective(stored, "help")["key_results"]
    members = {one["id"]: one for one in late["members"]}
    assert (opened["id"], opened["members"], opened["roll_up"]) == ("opened", [], None)
    assert list(members) == ["late_web", "late_seo", "late_ops"]
    assert [members[name]["value"] for name in members] == [0.5, 0.0, 0.5]
    assert [members[name]["progress"] for name in members] == [0.0, pytest.approx(1.25), 0.0]
    assert [members[name]["target"] for name in members] == [0.25, 0.1, 0.1]
    assert (late["roll_up"], late["progress"], late["value"], late["unit"]) == ("mean", 0.5, 0.5, "percent")
    assert (late["status"], late["record_count"]) == ("at risk", 7)  # 1 + 2, 0 + 1, 1 + 2 counted by the two metrics
    assert late["reason"].startswith("2 of 3 key results at risk: Giảm tỷ lệ trễ của Website: progress 0 %")


def test_an_objective_counts_a_template_once_with_its_weight(stored: dict[str, Any]) -> None:
    """(5 / 8 * 1 + 0.5 * 3) / 4, and the company has (1 * 1 + 0.53125 * 2) / 3."""
    assert objective(stored, "help")["progress"] == pytest.approx(0.53125)
    company = objective(stored, "company")
    assert company["progress"] == pytest.approx(2.0625 / 3)
    assert company["status"] == "at risk"
    assert (objective(stored, "help")["parent"], objective(stored, "help")["weight"]) == ("company", 2)


def test_initiatives_show_their_counts_and_count_nowhere(
    stored: dict[str, Any], okr_sync: OkrSync, project: Path
) -> None:
    """2 of the 4 records of WEB and OPS are done; none is 0 of 0; a name alone has no counts."""
    found = objective(stored, "help")["initiatives"]
    assert [(one["name"], one["done_count"], one["record_count"], one["status"]) for one in found] == [
        ("Chuẩn hoá checklist", 2, 4, "counted"),
        ("Chưa có gì", 0, 0, "counted"),
        ("Chỉ có tên", None, None, None),
    ]
    edit(
        project / "okrs" / "team.yaml",
        "done: state = 'done'}\n  - {name: Chưa",
        "done: state = 'late'}\n  - {name: Chưa",
    )
    okr_sync("run", "--project", project, "--as-of", DAY, "--no-sync")
    assert objective(status(okr_sync, project), "help")["progress"] == pytest.approx(0.53125)


def test_kpis_are_healthy_or_not(stored: dict[str, Any]) -> None:
    """2 hours are more than 90 minutes; 5 is inside 1 to 5, its bounds included; no call is no data, not 0."""
    found = {one["id"]: one for one in stored["kpis"]}
    assert [(one, found[one]["value"], found[one]["status"]) for one in found] == [
        ("wait", 2.0, "unhealthy"),
        ("opened", 5, "healthy"),
        ("calls", None, "no data"),
    ]
    assert (found["wait"]["high"], found["wait"]["low"], found["wait"]["owner"]) == (1.5, None, "An")
    assert found["wait"]["reason"] == "2 hours, healthy is at most 1.5 hours"


@pytest.mark.usefixtures("stored")
def test_status_for_people(okr_sync: OkrSync, project: Path) -> None:
    """Members stand below their template, an objective below its parent, initiatives and KPIs in their own places."""
    lines = okr_sync("status", "--project", project, "--as-of", DAY).out.splitlines()
    starts = [
        line for line in lines if line.startswith(("Công", "Khách", "  ↳", "  Giảm", "  · Giảm", "  ›", "KPI", "W"))
    ]
    assert [line.split("  ")[0] or line.strip().split("  ")[0] for line in starts] == [
        "Công ty lớn lên",
        "Khách hàng được trả lời nhanh",
        "↳ under Công ty lớn lên",
        "Giảm tỷ lệ trễ của Website, SEO, OPS",
        "· Giảm tỷ lệ trễ của Website",
        "· Giảm tỷ lệ trễ của SEO",
        "· Giảm tỷ lệ trễ của OPS",
        "› Chuẩn hoá checklist: 2 of 4",
        "› Chưa có gì: no records",
        "› Chỉ có tên",
        "KPI",
        "Waiting time",
    ]
    assert any("mean of 3" in line for line in lines)
    assert any(line.split() == ["Waiting", "time", "2", "hours", "≤", "1.5", "hours", "unhealthy"] for line in lines)


@pytest.mark.usefixtures("stored")
def test_explain_a_member_and_its_template(okr_sync: OkrSync, project: Path) -> None:
    """A member shows its own records alone; the template shows its members and all that they rest on."""
    one = json.loads(okr_sync("explain", "late_ops", "--project", project, "--as-of", DAY, "--json").out)
    assert {metric["name"]: (metric["value"], metric["only"]) for metric in one["metrics"]} == {
        "late_count__late_ops": (1.0, {"team": ["OPS"]}),
        "opened__late_ops": (2.0, {"team": ["OPS"]}),
        "late__late_ops": (0.5, {"team": ["OPS"]}),
    }
    assert sorted(record["id"] for evidence in one["evidence"] for record in evidence["records"]) == ["D", "E", "E"]
    whole = json.loads(okr_sync("explain", "late", "--project", project, "--as-of", DAY, "--json").out)
    assert [member["id"] for member in whole["members"]] == ["late_web", "late_seo", "late_ops"]
    assert len(whole["metrics"]) == 9
    assert "late_seo" in okr_sync("explain", "late", "--project", project, "--as-of", DAY).out


@pytest.mark.parametrize(("roll_up", "value", "progress"), [("worst", 0.0, 0.0), ("total", 0.4, 0.25)])
def test_other_roll_ups(okr_sync: OkrSync, project: Path, roll_up: str, value: float, progress: float) -> None:
    """The worst is WEB with 0; in total 2 of 5 are late, a quarter of the way from 50 % to 10 %."""
    edit(project / "okrs" / "team.yaml", "    baseline: 50%", f"    roll_up: {roll_up}\n    baseline: 50%")
    okr_sync("run", "--project", project, "--as-of", DAY)
    late = objective(status(okr_sync, project), "help")["key_results"][1]
    assert (late["roll_up"], late["value"], late["progress"]) == (
        roll_up,
        pytest.approx(value),
        pytest.approx(progress),
    )


def test_plan_and_run_tell_kpis_and_initiatives(okr_sync: OkrSync, project: Path) -> None:
    """A plan writes nothing; a run says what changed, and the same run again changes nothing."""
    okr_sync("sync", "--project", project)
    plan = json.loads(okr_sync("plan", "--project", project, "--as-of", DAY, "--json").out)
    assert [one["is_changed"] for one in plan["kpis"]] == [True, True, True]
    assert status(okr_sync, project)["kpis"][0]["reason"] == "nothing is stored yet; compute it with okr-sync run"
    first, second = (
        json.loads(okr_sync("run", "--no-sync", "--project", project, "--as-of", DAY, "--json").out) for _ in range(2)
    )
    # opened, late, its 3 members and wait; 3 KPIs; 2 initiatives
    assert (first["recorded_count"], second["recorded_count"]) == (6 + 3 + 2, 0)
    assert [one["is_changed"] for one in second["initiatives"]] == [False, False]


def test_a_source_that_fails_withholds_kpis_and_counts(
    okr_sync: OkrSync, project: Path, stored: dict[str, Any]
) -> None:
    """The last trusted number stays, and says so; it is neither recomputed from half a read nor lost."""
    (project / "tickets.csv").write_text(TICKETS.replace("A,2025-01-10,1", "A,2025-01-10,one"), "utf-8")
    assert okr_sync("run", "--project", project).code == 4
    found = json.loads(okr_sync("status", "--project", project, "--json").out)
    wait = found["kpis"][0]
    assert (wait["value"], wait["status"]) == (2.0, "withheld")
    assert wait["reason"].endswith(f"the value of {DAY} stays")
    count = objective(found, "help")["initiatives"][0]
    assert (count["done_count"], count["record_count"], count["status"]) == (2, 4, "withheld")


def test_a_changed_template_changes_its_definitions_alone(
    okr_sync: OkrSync, project: Path, stored: dict[str, Any]
) -> None:
    """Another target of one value is another definition of that member and of the roll-up, and of nothing else."""
    edit(project / "okrs" / "team.yaml", "WEB: {target: 25%", "WEB: {target: 20%")
    okr_sync("run", "--project", project, "--as-of", DAY, "--no-sync")

    def hashes(content: dict[str, Any]) -> dict[str, str]:
        each = [one for of in content["objectives"] for one in of["key_results"]]
        return {one["id"]: one["definition"] for top in each for one in (top, *top["members"])}

    before, after = hashes(stored), hashes(status(okr_sync, project))
    assert {name for name in before if before[name] != after[name]} == {"late", "late_web"}


def test_an_objective_of_a_quarter_counts_into_one_of_the_year(okr_sync: OkrSync, project: Path) -> None:
    """The parent is looked up among all cycles that run on the day: (1 * 1 + 0.53125 * 2) / 3, as in one cycle."""
    edit(
        project / "okr-sync.yaml",
        "cycle: {name: spring, start: 2025-01-01, end: 2025-04-10}",
        "cycles: [{starts: [jan, apr, jul, oct]}, {starts: [jan]}]",
    )
    edit(project / "okrs" / "company.yaml", "id: company\n", "id: company\ncycle: 2025\n")
    okr_sync("run", "--project", project, "--as-of", DAY)
    found = status(okr_sync, project)
    assert (objective(found, "help")["cycle"], objective(found, "company")["cycle"]) == ("2025-Q1", "2025")
    assert objective(found, "company")["progress"] == pytest.approx(2.0625 / 3)
    assert "↳ under Công ty lớn lên" in okr_sync("status", "--project", project, "--as-of", DAY).out
    for day in ("2025-03-31", "2025-12-31"):
        okr_sync("run", "--project", project, "--as-of", day, "--no-sync")
    closed = json.loads(okr_sync("close", "2025-Q1", "--project", project, "--by", "An", "--json").out)
    assert [one["id"] for one in closed["snapshot"]["objectives"]] == ["help"]
    year = json.loads(okr_sync("close", "2025", "--project", project, "--by", "An", "--json").out)["snapshot"]
    assert [one["id"] for one in year["objectives"][0]["below"]] == ["help"]  # that of 2025-Q4
    assert okr_sync("close", "2025", "--project", project, "--verify").code == 0
