"""Folders to projects: what is read, where it was written, and which cycle it belongs to."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from okr_sync.connector import Connector
from okr_sync.errors import ProjectError
from okr_sync.project.cycle import Cycle
from okr_sync.project.goals import GoalKind
from okr_sync.project.load import load
from okr_sync.project.located import Location
from okr_sync.project.units import Quantity
from okr_sync.project.window import Window

if TYPE_CHECKING:
    from tests.project.conftest import Load, WriteFiles

MAIN = """\
cycles: {starts: [jan, apr, jul, oct]}
sources:
  desk: {connector: helpdesk, url: "https://desk.example", token: "${DESK_TOKEN}"}
"""
DELIVERY = """\
objective: Nâng chất lượng triển khai dự án
id: delivery
owner: delivery@agency.example
key_results:
  - {id: nps, name: Tăng NPS, metric: nps, baseline: 30, target: 45, pace: {2026-10-31: 50%}}
  - id: response
    name: Phản hồi khách hàng dưới 2 giờ
    metric: first_response
    at_most: 2h
    weight: 2
initiatives:
  - {name: Chuẩn hoá checklist, stream: desk.issues, where: "epic_key = 'OPS-12'"}
metrics:
  nps:
    stream: desk.nps
    time: answered_at
    value: 100 * (count_if(score >= 9) - count_if(score <= 6)) / count(*)
    tests:
      - {rows: [{score: 10}, {score: 3}], expect: 0}
  first_response:
    stream: desk.tickets
    time: created_at
    window: trailing 28 days
    value: avg(hours(created_at, first_replied_at))
    unit: hours
    trust: {max_age: 36h}
"""
OBJECTIVE = "objective: A\nid: {0}\nkey_results: []\n"


def test_a_file_becomes_typed_objects(load_files: Load) -> None:
    """Words and quantities are parsed once, and what was left out has its default."""
    project = load_files({"okrs/delivery.yaml": DELIVERY})
    (objective,) = project.objectives
    nps, response = objective.key_results
    assert (objective.name, objective.id, objective.cycle) == ("Nâng chất lượng triển khai dự án", "delivery", None)
    assert (nps.goal_kind, nps.baseline, nps.target) == (GoalKind.MOVE, Quantity(30.0), Quantity(45.0))
    assert (response.goal_kind, response.at_most) == (GoalKind.KEEP, Quantity(2.0, "hours"))
    assert nps.pace == {date(2026, 10, 31): Quantity(50.0, "percent")}
    assert list(project.metrics) == ["nps", "first_response"]
    assert project.metrics["first_response"].window == Window(kind="trailing", days=28)
    assert project.metrics["nps"].tests[0].expect == Quantity(0.0)
    assert (project.settings.timezone, project.settings.schedule) == ("UTC", "0 2 * * *")


def test_every_object_knows_where_it_was_written(load_files: Load) -> None:
    """A field that was not written is where its object is; an object that was not written is nowhere."""
    project = load_files({"okrs/delivery.yaml": DELIVERY})
    (objective,) = project.objectives
    nps, response = objective.key_results
    metric = project.metrics["first_response"]
    places = {
        objective.place(): 1,
        objective.place("name"): 1,
        objective.place("key_results"): 4,
        nps.place("target"): 5,
        response.place(): 6,
        response.place("at_most"): 9,
        response.place("weight"): 10,
        objective.initiatives[0].place("where"): 12,
        metric.place(): 20,
        metric.place("value"): 24,
        metric.trust.place("max_age"): 26,
        project.metrics["nps"].tests[0].place("expect"): 19,
    }
    assert places == {Location("okrs/delivery.yaml", line): line for line in places.values()}
    assert response.place("owner") == response.place()
    assert str(project.metrics["nps"].trust.place()) == "-:0"
    assert str(project.settings.place("cycles")) == "okr-sync.yaml:1"
    assert str(project.sources["desk"].place) == "okr-sync.yaml:3"


def test_files_are_read_in_the_order_of_their_names(load_files: Load) -> None:
    """Both endings count, at any depth; other files do not."""
    names = ("okrs/b.yaml", "okrs/a.yml", "okrs/a/z.yaml", "okrs/B.yaml")
    files = {name: OBJECTIVE.format(f"o{n}") for n, name in enumerate(names)}
    project = load_files(files | {"okrs/notes.txt": "\t", "okrs/x.yaml.bak": "\t", "other/c.yaml": "\t"})
    assert [one.place().file for one in project.objectives] == [
        "okrs/B.yaml",
        "okrs/a.yml",
        "okrs/a/z.yaml",
        "okrs/b.yaml",
    ]


@pytest.mark.parametrize(
    ("file", "cycle"),
    [
        ("okrs/a.yaml", None),
        ("okrs/2026-Q4/a.yaml", "2026-Q4"),
        ("okrs/2026-H1/a.yaml", "2026-H1"),
        ("okrs/2026/a.yaml", "2026"),
        ("okrs/2026-Q4/team/a.yaml", "2026-Q4"),
        ("okrs/team/2026-Q4/a.yaml", "2026-Q4"),
        ("okrs/2025/2025-Q1/a.yaml", "2025-Q1"),
        ("okrs/autumn/a.yaml", "autumn"),
        ("okrs/team/a.yaml", None),
        ("okrs/2026-Q4.yaml", None),
        ("okrs/2026-Q4 draft/a.yaml", None),
    ],
)
def test_a_folder_may_name_the_cycle(file: str, cycle: str | None, load_files: Load) -> None:
    """The nearest folder that is named as a cycle, or as the fixed one, gives it; the places stay."""
    main = "cycle: {name: autumn, start: 2026-10-01, end: 2026-12-31}\n"
    (objective,) = load_files({"okr-sync.yaml": main, file: OBJECTIVE.format("a")}).objectives
    assert (objective.cycle, str(objective.place("id"))) == (cycle, f"{file}:2")


def test_a_file_names_its_cycle_itself(load_files: Load) -> None:
    """What the file says wins over its folder."""
    (objective,) = load_files({"okrs/2026-Q4/a.yaml": "cycle: 2027-Q1\n" + OBJECTIVE.format("a")}).objectives
    assert objective.cycle == "2027-Q1"


def test_objectives_of_a_cycle(load_files: Load) -> None:
    """An objective without a cycle belongs to every one."""
    files = {"okrs/a.yaml": "a", "okrs/2026-Q3/b.yaml": "b", "okrs/2026-Q4/c.yaml": "c"}
    project = load_files({name: OBJECTIVE.format(objective_id) for name, objective_id in files.items()})
    cycle = project.cycle_at(date(2026, 11, 15))
    assert cycle.name == "2026-Q4"
    assert [one.id for one in project.objectives_in(cycle)] == ["c", "a"]
    assert [one.id for one in project.objectives_in(Cycle("x", cycle.start, cycle.end))] == ["a"]


def test_variables_that_are_not_set_are_no_error(load_files: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project loads without its secrets; what is missing is remembered where it is used."""
    monkeypatch.delenv("DESK_TOKEN", raising=False)
    monkeypatch.delenv("GHOST", raising=False)
    main = """\
cycles: {starts: [jan]}
store: postgresql://${GHOST}/okr
sources:
  desk: {connector: helpdesk, url: "https://${GHOST}", token: "${DESK_TOKEN}"}
  wiki: {connector: wiki}
"""
    project = load_files({"okr-sync.yaml": main})
    assert project.sources["desk"].missing_variables == ("GHOST", "DESK_TOKEN")
    assert project.sources["desk"].settings.model_dump()["url"] == "https://${GHOST}"
    assert project.sources["wiki"].missing_variables == ()
    assert (project.missing_variables, project.settings.store) == (("GHOST",), "postgresql://${GHOST}/okr")


def test_variables_that_are_set_are_put_in(load_files: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their values reach the settings and are printed nowhere."""
    monkeypatch.setenv("DESK_TOKEN", "s3cret")
    project = load_files({"okr-sync.yaml": MAIN + "store: postgresql://okr:${DESK_TOKEN}@db/okr\n"})
    assert project.settings.store == "postgresql://okr:s3cret@db/okr"
    settings = project.sources["desk"].settings
    assert settings.model_dump()["token"].get_secret_value() == "s3cret"
    assert "s3cret" not in repr(project)
    assert project.sources["desk"].missing_variables == ()


def test_formulas_hold_no_variables(load_files: Load) -> None:
    """Files under okrs/ are what they are, wherever they are read."""
    project = load_files({"okrs/a.yaml": "metrics: {m: {value: '${HOME}'}}"})
    assert project.metrics["m"].value == "${HOME}"


def test_an_error_shows_no_secret_in_its_traceback(load_files: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """pydantic's own error, which shows every value, is neither cause nor context of ours."""
    monkeypatch.setenv("DESK_TOKEN", "s3cret with spaces")
    with pytest.raises(ProjectError) as caught:
        load_files({})
    assert "s3cret" not in str(caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize(("name", "what"), [("", "has no okr-sync.yaml"), ("missing", "is not a folder")])
def test_a_folder_without_a_project_is_named(
    name: str, what: str, tmp_path: Path, connectors: dict[str, type[Connector]]
) -> None:
    """The message says how to name another folder, and how to begin."""
    with pytest.raises(ProjectError) as caught:
        load(tmp_path / name, connectors)
    advice = "name a project's folder with --project DIR, or write a new project: okr-sync init DIR"
    assert str(caught.value) == f"{tmp_path / name}: {what}; {advice}"


def test_unreadable_files_are_told_together(write_files: WriteFiles, connectors: dict[str, type[Connector]]) -> None:
    """A broken okr-sync.yaml hides no other broken file."""
    folder = write_files({"okr-sync.yaml": b"\xff", "okrs/a.yaml": "", "okrs/b.yaml": "- x"})
    with pytest.raises(ProjectError) as caught:
        load(folder, connectors)
    assert [problem.place for problem in caught.value.problems] == ["okr-sync.yaml:1", "okrs/a.yaml:1", "okrs/b.yaml:1"]
