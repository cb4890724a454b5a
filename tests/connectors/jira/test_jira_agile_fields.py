"""Story points and sprints of issues: found by their kind, pinned by their id, asked for only where they are wanted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.jira.agile_fields import sprint_fields, story_points_field
from connectors.jira.settings import IssueSettings
from okr_sync.connector import FieldType, SettingsError, Value
from okr_sync.sandbox.agency import Agency
from tests.connectors.jira.stand_in import connected, landed, read, stand_in

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
FLOAT = "com.atlassian.jira.plugin.system.customfieldtypes:float"
ESTIMATE = "com.pyxis.greenhopper.jira:jsw-story-points"
SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"


def site_field(number: int, name: str, custom: str, **more: Any) -> dict[str, Any]:
    return {"id": f"customfield_{number}", "name": name, "schema": {"custom": custom}, **more}


POINTS = site_field(16, "Story Points", FLOAT)
TRANSLATED = site_field(17, "Điểm", FLOAT, untranslatedName="Story Points")
BUDGET = site_field(18, "Budget", FLOAT)
TEAM = site_field(31, "Story point estimate", ESTIMATE, scope={"type": "PROJECT", "project": {"id": "10003"}})


@pytest.mark.parametrize(
    ("wanted", "there", "found"),
    [
        ("auto", [BUDGET, POINTS], "customfield_16"),
        ("auto", [BUDGET, TRANSLATED], "customfield_17"),
        ("auto", [BUDGET, TEAM], "customfield_31"),
        ("customfield_18", [BUDGET, POINTS, TEAM], "customfield_18"),
        ("customfield_31", [POINTS, TEAM], "customfield_31"),
    ],
)
def test_story_points_are_found(wanted: str, there: list[Any], found: str) -> None:
    """By a kind of their own, or as the number called Story Points in the site's own language; an id wins."""
    one = story_points_field("jira", wanted, there)
    assert (one.field.name, one.field.type, one.source_id) == ("story_points", FieldType.NUMBER, found)
    assert (one.read(0), one.read(2.5), one.read(None)) == (0.0, 2.5, None)


@pytest.mark.parametrize(
    ("wanted", "there", "words"),
    [
        ("auto", [POINTS, TEAM], r"2 fields.*\(customfield_16, all projects\).*31, project 10003.*coalesce"),
        ("auto", [BUDGET], "the site has no field for story points"),
        ("customfield_99", [POINTS], "the site has no field 'customfield_99'"),
    ],
)  # fmt: skip
def test_story_points_that_are_not_clear(wanted: str, there: list[Any], words: str) -> None:
    """Two fields, none, or an id that is not there: the project must say which one."""
    with pytest.raises(SettingsError, match=f"source jira: streams.issues.story_points: .*{words}"):
        story_points_field("jira", wanted, there)


OLD = (
    "com.atlassian.greenhopper.service.sprint.Sprint@1a2b[id=7,rapidViewId=3,state=CLOSED,name=Tết, name=1 [a],"
    "startDate=2026-01-01T00:00:00.000Z,endDate=<null>,completeDate=<null>,sequence=7,goal=]"
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (None, ([], [], None)),
        ([], ([], [], None)),
        (
            [{"id": 7, "name": "A", "state": "closed"}, {"id": 8, "name": "B", "state": "active"}],
            (["A", "B"], ["7", "8"], "B"),
        ),
        ([{"id": 9, "name": "C", "state": "future"}], (["C"], ["9"], None)),
        ([OLD.replace("CLOSED", "ACTIVE")], (["Tết, name=1 [a]"], ["7"], "Tết, name=1 [a]")),
        ([OLD], (["Tết, name=1 [a]"], ["7"], None)),
    ],
)
def test_sprints(raw: Any, expected: tuple[Value, ...]) -> None:
    """All sprints of an issue and the one under way, as objects or as the texts of older data centers."""
    fields = sprint_fields("jira", "auto", [POINTS, site_field(20, "Sprint", SPRINT)])
    assert [one.source_id for one in fields] == ["customfield_20"] * 3
    assert tuple(one.read(raw) for one in fields) == expected


@pytest.mark.parametrize("raw", ["Sprint 7", ["Sprint 7"], [{"id": 7}], [7], {"id": 7}])
def test_sprints_that_are_none(raw: Any) -> None:
    """What is no list of sprints is refused rather than guessed."""
    (names, *_) = sprint_fields("jira", "customfield_20", [site_field(20, "Sprint", SPRINT)])
    with pytest.raises(ValueError, match="sprint"):
        names.read(raw)


def test_site_without_sprints() -> None:
    """A site without the field says so."""
    with pytest.raises(SettingsError, match=r"streams.issues.sprints: one field must hold sprints; the site has none"):
        sprint_fields("jira", "auto", [POINTS])


@pytest.mark.parametrize("wanted", ["Story Points", "", "customfield_", True])
def test_settings_take_ids(wanted: Any) -> None:
    """A name is not enough to tell a field: several may have it."""
    with pytest.raises(ValidationError, match="story_points"):
        IssueSettings.model_validate({"story_points": wanted})


def test_names_are_free_where_they_are_not_used() -> None:
    """A project may call a field of its own story_points, unless it also asks for ours."""
    fields = {"story_points": "customfield_16", "active_sprint": "customfield_17"}
    assert IssueSettings.model_validate({"fields": fields}).agile_fields == ()
    with pytest.raises(ValidationError, match="active_sprint: every issue has a field of this name"):
        IssueSettings.model_validate({"fields": fields, "sprints": "auto"})


def test_sprints_and_points_of_the_agency() -> None:
    """From the stand-in, with one request more; an epic's key comes with the issues below it."""
    agency = Agency.grow(seed=7, now=NOW, issue_count=250, ticket_count=0, survey_count=0)
    wanted = {"story_points": "customfield_10016", "sprints": "auto"}
    with stand_in(agency) as sandbox:
        present = landed(read(sandbox, "issues", issues=wanted))
        assert len(sandbox.requests) == 6
        with (
            pytest.raises(SettingsError, match="2 fields hold story points"),
            connected(sandbox, issues={"story_points": "auto"}),
        ):
            pass
    epics = {one.key for one in agency.issues if one.issue_type == "Epic"}
    for issue in agency.issues:
        record = present[str(issue.id)]
        assert record["epic_key"] == (issue.parent if issue.parent in epics else None)
        assert record["story_points"] == (None if issue.project == "OPS" else issue.story_points)
    assert any(one["epic_key"] for one in present.values())
    active = {one["active_sprint"] for one in present.values() if one["active_sprint"]}
    assert active <= {"WEB sprint 176", "SEO sprint 176"}
    assert any(len(one["sprints"]) == 2 for one in present.values())  # type: ignore[arg-type]
    assert all(len(one["sprints"]) == len(one["sprint_ids"]) for one in present.values())  # type: ignore[arg-type]
