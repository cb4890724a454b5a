"""What rests on what, in a project in which every way of resting on something stands once."""

from __future__ import annotations

from pathlib import Path

import pytest

from okr_sync import pipeline
from okr_sync.errors import OkrSyncError
from okr_sync.impact import Impact, Kind
from okr_sync.pipeline import SyncOptions

FILES = {
    "okr-sync.yaml": """\
timezone: Asia/Ho_Chi_Minh
cycle: {name: autumn, start: 2026-10-01, end: 2026-12-31}
calendars: {desk_hours: {schedule: desk.shifts, name: Main}}
exchange_rates: {stream: desk.rates, base: VND}
sources:
  desk:
    connector: files
    streams:
      tickets:
        path: tickets.csv
        key: id
        fields:
          {id: text, opened_at: timestamp, closed_at: timestamp, state: text, team: text, paid: number, points: number}
      shifts: {path: shifts.csv, key: name, fields: {name: text, zone: text, hours: list}}
      rates: {path: rates.csv, key: [day, currency], fields: {day: date, currency: text, rate: number}}
""",
    "okrs/help.yaml": """\
objective: Help
id: help
owner: a@example.org
key_results:
  - {id: done_now, name: Done, metric: done_share, baseline: previous cycle, target: 90%}
  - {id: both, name: Both, owner: b@example.org, all_of: [{metric: waited, at_most: 2h}, {metric: closed, target: 9}]}
  - {id: launch, name: Launched, milestones: [{name: One, done: closed >= 1}]}
  - id: by_team
    name: 'Team {team}'
    metric: closed
    target: 4
    for_each: {team: [web, seo]}
initiatives:
  - {name: Tidy up, stream: desk.tickets, where: team = 'ops', done: state = 'closed'}
metrics:
  closed: {stream: desk.tickets, time: closed_at, where: "state in ('closed', 'archived')", value: count(*)}
  opened: {stream: desk.tickets, time: opened_at, value: count(*)}
  done_share:
    value: closed / opened
    unit: percent
  waited: {stream: desk.tickets, time: opened_at, value: "avg(business_hours(opened_at, closed_at, 'desk_hours'))"}
  income: {stream: desk.tickets, time: opened_at, value: count(*), window: from launch_day}
  effort: {stream: efforts, where: state = 'closed', value: sum(points)}
kpis:
  open: {name: Open, metric: opened, at_most: 9}
views:
  efforts: {select: "select id, state, points from desk.tickets where team <> 'none'"}
events:
  launch_day: {stream: desk.tickets, where: id = 'L', value: min(closed_at)}
""",
    "tickets.csv": """\
id,opened_at,closed_at,state,team,paid,points
A,2026-10-02T09:00:00Z,2026-10-03T09:00:00Z,closed,web,1,2
B,2026-10-02T09:00:00Z,2026-10-03T09:00:00Z,closed,seo,1,3
C,2026-10-02T09:00:00Z,,open,web,1,5
""",
    "shifts.csv": "name,zone,hours\nMain,UTC,mon 08:00-17:00\n",
    "rates.csv": "day,currency,rate\n2026-10-01,USD,25000\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Nothing of it has landed."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def resting(found: Impact) -> set[str]:
    return {f"{one.thing.kind} {one.thing.name}" for one in found.resting}


def places(found: Impact, kind: Kind, name: str) -> set[tuple[str, str]]:
    """Part and place of what is said of a thing."""
    (one,) = (each for each in found.of_kind(kind) if each.thing.name == name)
    return {(use.part, use.place) for use in one.uses}


def test_field_is_traced_to_everything_that_rests_on_it(project: Path) -> None:
    """From the views and formulas that name the field, over metrics of metrics, to key results of every kind."""
    found = pipeline.impact(project, "desk.tickets.state")
    assert resting(found) == {
        "view efforts",
        "metric effort",
        "metric closed",
        "metric done_share",
        "initiative help: Tidy up",
        "key result done_now",
        "key result both",
        "key result launch",
        "key result by_team",
        "key result by_team_web",
        "key result by_team_seo",
    }
    assert places(found, Kind.METRIC, "closed") == {("where", "okrs/help.yaml:16")}
    assert places(found, Kind.METRIC, "done_share") == {("value", "okrs/help.yaml:19")}
    assert places(found, Kind.KEY_RESULT, "done_now") == {
        ("metric", "okrs/help.yaml:5"),
        ("baseline", "okrs/help.yaml:5"),
    }
    assert places(found, Kind.KEY_RESULT, "launch") == {("milestones.#1.done", "okrs/help.yaml:7")}
    assert places(found, Kind.INITIATIVE, "help: Tidy up") == {("done", "okrs/help.yaml:14")}
    about = {one.thing.name: one.about for one in found.of_kind(Kind.KEY_RESULT)}
    assert [(about[name].objective, about[name].owner) for name in ("done_now", "both")] == [
        ("help", "a@example.org"),
        ("help", "b@example.org"),
    ]


def test_field_that_one_formula_reads_touches_that_alone(project: Path) -> None:
    """Who reads other fields of the stream is not named; a field that nobody reads touches nothing."""
    assert resting(pipeline.impact(project, "desk.tickets.points")) == {"view efforts", "metric effort"}
    assert resting(pipeline.impact(project, "desk.tickets.paid")) == set()


def test_field_that_a_template_goes_over(project: Path) -> None:
    """The key results made from the template rest on it, and the others of its metric do not."""
    found = pipeline.impact(project, "desk.tickets.team")
    made = {"key result by_team", "key result by_team_web", "key result by_team_seo"}
    assert resting(found) == {"view efforts", "metric effort", "metric closed", "initiative help: Tidy up"} | made
    assert places(found, Kind.METRIC, "closed") == {("for_each", "okrs/help.yaml:12")}


def test_value_touches_only_what_compares_with_it(project: Path) -> None:
    """A text in a formula is found directly, in a list, through a view; who reads the field otherwise is not named."""
    pipeline.sync(project, SyncOptions())
    archived = pipeline.impact(project, "desk.tickets.state", "archived")
    assert "metric closed" in resting(archived)
    assert not {"view efforts", "metric effort", "initiative help: Tidy up"} & resting(archived)
    assert archived.present_count == 0

    closed = pipeline.impact(project, "desk.tickets.state", "closed")
    assert {"metric closed", "metric effort", "initiative help: Tidy up"} <= resting(closed)
    assert "view efforts" not in resting(closed)
    assert closed.present_count == 2

    seo = pipeline.impact(project, "desk.tickets.team", "seo")
    assert resting(seo) == {"metric closed", "key result by_team", "key result by_team_seo"}
    assert resting(pipeline.impact(project, "desk.tickets.team", "none")) == {"view efforts", "metric effort"}

    nobody = pipeline.impact(project, "desk.tickets.state", "clozed")
    assert (resting(nobody), nobody.compared) == (set(), ("archived", "closed"))


def test_key_of_a_stream_is_needed_by_all_that_reads_it(project: Path) -> None:
    """A field that makes a record unique is named by no formula and needed by each."""
    found = pipeline.impact(project, "desk.tickets.id")
    assert resting(found) == resting(pipeline.impact(project, "desk.tickets"))
    assert "as its key" in (found.note or "")


def test_calendars_rates_events_and_sources(project: Path) -> None:
    """What formulas look up beside their records is traced as well; a source is all of its streams."""
    assert resting(pipeline.impact(project, "desk.shifts")) == {
        "calendar desk_hours",
        "metric waited",
        "key result both",
    }
    assert resting(pipeline.impact(project, "desk.rates")) == {"exchange rates exchange_rates"}
    assert resting(pipeline.impact(project, "launch_day")) == {"metric income"}
    assert "event launch_day" in resting(pipeline.impact(project, "desk.tickets"))
    assert resting(pipeline.impact(project, "desk")) >= resting(pipeline.impact(project, "desk.tickets")) | {
        "calendar desk_hours"
    }


def test_metric_touches_what_templates_made_of_it(project: Path) -> None:
    """A template restricts a metric for each of its values: each of these rests on the metric as written."""
    found = pipeline.impact(project, "closed")
    assert {"key result by_team_web", "key result by_team", "key result done_now", "metric done_share"} <= resting(
        found
    )
    assert "KPI open" in resting(pipeline.impact(project, "opened"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("desk.tickts", "did you mean 'desk.tickets'?"),
        ("desk.tickets.stat", "desk.tickets has no field 'stat'; did you mean 'state'?"),
        ("points", "did you mean 'desk.tickets.points' or 'efforts.points'?"),
        ("clozed", "did you mean 'closed'?"),
    ],
)
def test_wrong_name_is_told_with_the_nearest(project: Path, name: str, said: str) -> None:
    """A name that nothing has is no empty answer, which would be taken for a promise."""
    with pytest.raises(OkrSyncError) as refused:
        pipeline.impact(project, name)
    assert said in str(refused.value)


def test_only_fields_have_values(project: Path) -> None:
    """A value is asked for of a field."""
    with pytest.raises(OkrSyncError, match="no field of a stream"):
        pipeline.impact(project, "closed", "x")
