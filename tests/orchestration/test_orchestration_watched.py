"""Templates, KPIs and initiatives in Dagster."""

from __future__ import annotations

import dagster as dg

from okr_sync import pipeline
from tests.orchestration.dagster_project import DagsterProject

STRUCTURE = """
objective: Answer everybody
id: answers
key_results:
  - id: by_status
    name: Tickets that are {status}
    metric: tickets
    for_each: {status: [solved, open]}
    target: 4
initiatives:
  - {name: Empty the queue, stream: desk.tickets, done: status = 'solved'}
kpis:
  revenue: {name: Revenue, metric: revenue, at_least: 100}
"""
TICKETS = dg.AssetKey(["desk", "tickets"])
ORDERS = dg.AssetKey(["shop", "orders"])
ROLL_UP = dg.AssetKey(["key_results", "answers", "by_status"])
SOLVED = dg.AssetKey(["key_results", "answers", "by_status_solved"])
OPEN = dg.AssetKey(["key_results", "answers", "by_status_open"])
KPI = dg.AssetKey(["kpis", "revenue"])
INITIATIVES = dg.AssetKey(["initiatives", "answers"])


def test_everything_is_an_asset_of_the_streams_it_reads(project: DagsterProject) -> None:
    """A template and each of its members, every KPI, and an objective's initiatives; the summary comes after all."""
    project.write("okrs/structure.yaml", STRUCTURE)
    specs = {spec.key: spec for spec in project.definitions().resolve_all_asset_specs()}
    deps = {key: {one.asset_key for one in specs[key].deps} for key in (ROLL_UP, SOLVED, OPEN, KPI, INITIATIVES)}
    assert deps == {ROLL_UP: {TICKETS}, SOLVED: {TICKETS}, OPEN: {TICKETS}, KPI: {ORDERS}, INITIATIVES: {TICKETS}}
    summary = {one.asset_key for one in specs[dg.AssetKey("night_summary")].deps}
    assert {ROLL_UP, SOLVED, OPEN, KPI, INITIATIVES} <= summary
    assert (specs[KPI].group_name, specs[INITIATIVES].group_name) == ("kpis", "objective_answers")


def test_a_night_computes_all_of_them(project: DagsterProject) -> None:
    """2 of 3 tickets are solved and revenue is 40: progress 2 / 4 and 1 / 4, their mean 0.375, an unhealthy KPI."""
    project.write("okrs/structure.yaml", STRUCTURE)
    result = project.materialise()
    assert result.success
    report = pipeline.status(project.folder)
    (answers,) = (one for one in report.objectives if one.id == "answers")
    (roll_up,) = answers.key_results
    assert (roll_up.progress, [one.value for one in roll_up.members]) == (0.375, [2.0, 1.0])
    assert [(one.done_count, one.record_count) for one in answers.initiatives] == [(2, 3)]
    assert [(one.value, one.status) for one in report.kpis] == [(40.0, "unhealthy")]
    (materialized,) = result.asset_materializations_for_node("watch_kpis")
    assert materialized.metadata["is healthy"].value is False


def test_a_template_alone_needs_nobody_else(project: DagsterProject) -> None:
    """Its members are computed for it, and only it is stored."""
    project.write("okrs/structure.yaml", STRUCTURE)
    project.sync(dg.AssetSelection.assets(TICKETS))
    project.materialise(dg.AssetSelection.assets(ROLL_UP))
    (answers,) = (one for one in pipeline.status(project.folder).objectives if one.id == "answers")
    (roll_up,) = answers.key_results
    assert (roll_up.progress, [one.value for one in roll_up.members]) == (0.375, [None, None])
