"""Templates: what may be written, the exact words where it is wrong, and what they become."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import pytest
import yaml

from okr_sync.project.each import RollUp
from okr_sync.project.key_result import KeyResult
from okr_sync.project.lint import lint
from okr_sync.project.units import Quantity

if TYPE_CHECKING:
    from tests.project.conftest import Load

CASES = Path(__file__).with_name("cases") / "for_each.yaml"
METRICS = "metrics:\n  late: {value: 1 / 2}\n  sla: {value: 1 / 2}\n"
TEMPLATE = """\
objective: Đúng hạn
id: delivery
key_results:
  - {id: nps, name: NPS, metric: nps, target: 45}
  - id: late
    name: Giảm tỷ lệ trễ của {team}
    owner: "{team}@agency.example"
    metric: late
    weight: 3
    for_each:
      team:
        Đội Web: {target: 12%, label: Web}
        SEO: {weight: 2}
    baseline: 25%
    target: 10%
metrics:
  nps: {stream: desk.nps, value: avg(score)}
  late:
    stream: desk.issues
    value: share(is_late)
    tests:
      - {rows: [{is_late: true}], expect: 1}
"""

Problems = Callable[[Mapping[str, str]], list[str]]


class Case(TypedDict, total=False):
    write: str
    see: str | list[str]


def _cases() -> list[Case]:
    return list(yaml.safe_load(CASES.read_text("utf-8")))


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case["write"])
def test_templates(case: Case, problems: Problems) -> None:
    """A template is good, or the message names its field, the value seen and what is allowed."""
    text = f"objective: A\nid: a\nkey_results:\n  - {{id: late, {case['write'][1:]}\n{METRICS}"
    see = case.get("see", [])
    expected = [see] if isinstance(see, str) else see
    found = problems({"okrs/a.yaml": text})
    start = "okrs/a.yaml:4: key_results."
    assert [line.removeprefix(start).removeprefix("late") for line in found] == expected


@pytest.fixture
def delivery(load_files: Load) -> list[KeyResult]:
    (objective,) = load_files({"okrs/delivery.yaml": TEMPLATE}).objectives
    return objective.key_results


def test_a_template_becomes_its_roll_up_and_a_key_result_for_each_value(delivery: list[KeyResult]) -> None:
    """Ids are made of the values, names and owners hold their labels, and what differs counts."""
    _, late, web, seo = delivery
    assert [one.id for one in delivery] == ["nps", "late", "late_doi_web", "late_seo"]
    assert (web.name, web.owner, web.target) == (
        "Giảm tỷ lệ trễ của Web",
        "Web@agency.example",
        Quantity(12, "percent"),
    )
    assert (seo.name, seo.owner, seo.target) == (
        "Giảm tỷ lệ trễ của SEO",
        "SEO@agency.example",
        Quantity(10, "percent"),
    )
    assert (web.baseline, seo.baseline) == (Quantity(25, "percent"), Quantity(25, "percent"))
    assert (late.name, late.roll_up, late.member_of) == ("Giảm tỷ lệ trễ của Web, SEO", RollUp.MEAN, None)
    assert late.is_judged_by_members and late.metric is None and late.target is None


def test_weights_of_members_are_theirs_alone(delivery: list[KeyResult]) -> None:
    """The template weighs in the objective; a member weighs 1 among the members unless its value says more."""
    assert [one.weight for one in delivery] == [1, 3, 1, 2]


def test_the_objective_counts_a_template_once(load_files: Load) -> None:
    """Its members count in the template, not beside it."""
    (objective,) = load_files({"okrs/delivery.yaml": TEMPLATE}).objectives
    assert [one.id for one in objective.counted] == ["nps", "late"]
    assert [one.id for one in objective.members("late")] == ["late_doi_web", "late_seo"]


def test_members_know_where_they_were_written(delivery: list[KeyResult]) -> None:
    """A field that differs is on its own line, the others are where the template has them."""
    _, _, web, seo = delivery
    assert (web.place("target").line, seo.place("target").line) == (12, 15)
    assert (web.place().line, seo.place().line, seo.place("baseline").line) == (12, 13, 14)


def test_members_have_metrics_of_their_own(load_files: Load) -> None:
    """Each counts the records of one value; the tests stay with the metric that people wrote."""
    project = load_files({"okrs/delivery.yaml": TEMPLATE})
    made = project.metrics["late__late_doi_web"]
    assert made.only is not None
    assert (made.only.field, made.only.values, made.base, made.tests) == ("team", ("Đội Web",), "late", [])
    assert len(project.metrics["late"].tests) == 1 and project.metrics["late"].only is None


def test_the_total_is_over_all_values(load_files: Load) -> None:
    """It has the template's own goal, over one metric of all the listed records together."""
    text = TEMPLATE.replace("    baseline: 25%", "    roll_up: total\n    baseline: 25%")
    project = load_files({"okrs/delivery.yaml": text})
    late = project.objectives[0].key_results[1]
    only = project.metrics["late__late"].only
    assert (late.metric, late.target, late.is_judged_by_members) == ("late__late", Quantity(10, "percent"), False)
    assert only is not None and only.values == ("Đội Web", "SEO")


def test_a_long_list_is_named_after_its_first_values(load_files: Load) -> None:
    """The roll-up's name stays short."""
    text = "objective: A\nid: a\nkey_results:\n  - {id: k, name: 'Trễ {floor}', metric: late, target: 1,"
    text += " for_each: {floor: [1, 2, 3, 4, 5]}}\n" + METRICS
    assert load_files({"okrs/a.yaml": text}).objectives[0].key_results[0].name == "Trễ 1, 2, 3, 4, … (5)"


def test_an_id_that_exists_already_is_refused(problems: Problems) -> None:
    """Also where another file wrote it."""
    other = "objective: B\nid: b\nkey_results: [{id: late_seo, name: B, metric: nps, target: 3}]\n"
    assert problems({"okrs/delivery.yaml": TEMPLATE, "okrs/other.yaml": other}) == [
        "okrs/delivery.yaml:13: key_results.late.for_each: makes a key result 'late_seo', which exists already, at"
        " okrs/other.yaml:3; give the value another id: {SEO: {id: late_seo_team}}"
    ]


def test_a_metric_that_exists_already_is_refused(problems: Problems) -> None:
    """A project that uses the name by itself would have two metrics of one name."""
    taken = TEMPLATE + "  late__late_seo: {stream: desk.issues, value: count(*)}\n"
    assert problems({"okrs/delivery.yaml": taken}) == [
        "okrs/delivery.yaml:10: key_results.late.for_each: makes a metric late__late_seo, which exists already;"
        " rename that one"
    ]


def test_lint_sees_what_people_wrote(load_files: Load) -> None:
    """A template is one key result, its metric is used, and what it made is nobody's fault."""
    assert [str(one) for one in lint(load_files({"okrs/delivery.yaml": TEMPLATE}))] == []


def test_another_cycle_may_have_the_same_template(load_files: Load) -> None:
    """Its ids come again, over other values or the same, and each counts its own records."""
    later = TEMPLATE.partition("metrics:")[0].replace("team:\n        Đội Web:", "team:\n        Đội web:")
    files = {"okrs/2026-Q3/a.yaml": TEMPLATE, "okrs/2026-Q4/a.yaml": later}
    project = load_files(files)
    metrics = {
        (objective.cycle, one.id): project.metrics[one.metric].only
        for objective in project.objectives
        for one in objective.key_results
        if one.member_of is not None and one.metric is not None
    }
    values = {name: None if only is None else only.values for name, only in metrics.items()}
    assert values == {
        ("2026-Q3", "late_doi_web"): ("Đội Web",),
        ("2026-Q3", "late_seo"): ("SEO",),
        ("2026-Q4", "late_doi_web"): ("Đội web",),
        ("2026-Q4", "late_seo"): ("SEO",),
    }
