"""What a project says: which workspace, which projects, which custom fields, by id or by name."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.asana.settings import AsanaSettings
from okr_sync.connector import SettingsError
from tests.connectors.asana.conftest import WEB, WORKSPACE, Desk, listed, project, task

TWO = [WORKSPACE, {"gid": "2", "name": "Lab"}]


def test_defaults() -> None:
    """A token is enough: Asana's own address, its only workspace, all projects."""
    settings = AsanaSettings.model_validate({"connector": "asana", "token": "t"})
    assert (settings.url, settings.workspace, settings.projects) == ("https://app.asana.com", None, "all")


@pytest.mark.parametrize(("wanted", "gid"), [("Agency", "1"), (1, "1"), ("2", "2"), ("Lab", "2")])
def test_workspace(desk: Desk, wanted: Any, gid: str) -> None:
    """A workspace is meant by its id or its name."""
    desk.workspaces = TWO
    desk.answers[f"/workspaces/{gid}/projects"] = [listed(WEB)]
    desk.read("projects", workspace=wanted)
    assert len(desk.asked(f"/workspaces/{gid}/projects")) == 1


@pytest.mark.parametrize(
    ("workspaces", "wanted", "words"),
    [
        (TWO, None, r"sees 2 workspaces; write workspace: and one of 'Agency' \(1\), 'Lab' \(2\)"),
        ([], None, "sees 0 workspaces"),
        (TWO, "Agncy", r"workspace: there is no 'Agncy' that the token may see; did you mean 'Agency' \(1\)\?"),
        (TWO, 3, "there is no '3' that the token may see; it sees 2: 'Agency'"),
        ([*TWO, {"gid": "3", "name": "Lab"}], "Lab", "2 are called 'Lab'; write the id of one: 2, 3"),
    ],
)
def test_workspace_that_is_none(desk: Desk, workspaces: Any, wanted: Any, words: str) -> None:
    """An unknown workspace, or a name that several have, is refused with the way out."""
    desk.workspaces = workspaces
    with desk.connector(workspace=wanted) as connector, pytest.raises(SettingsError, match=words):
        connector.connect()


@pytest.mark.parametrize(
    ("wanted", "lists", "expected"),
    [
        ("all", 1, ["11", "12"]),
        (["SEO", 11], 1, ["12", "11"]),
        ([12], 0, ["12"]),
        (["12", "11"], 0, ["12", "11"]),
    ],
)
def test_projects(desk: Desk, wanted: Any, lists: int, expected: list[str]) -> None:
    """Projects are read in the order in which they are named; by ids alone, the workspace's list is not asked for."""
    pages = desk.read("projects", projects=wanted)
    assert [one.fields["gid"] for page in pages for one in page.records] == expected
    assert len(desk.asked("/workspaces/1/projects")) == lists


def test_project_that_is_none(desk: Desk) -> None:
    """A name that no project has, or that two have, is told when the source is connected."""
    with desk.connector(projects=["Web"]) as connector, pytest.raises(SettingsError, match="did you mean 'Website'"):
        connector.connect()
    desk.answers["/workspaces/1/projects"] = [listed(WEB, project("13", "Website"))]
    with desk.connector(projects=["Website"]) as connector, pytest.raises(SettingsError, match="one: 11, 13"):
        connector.connect()
    with desk.connector(projects=[99]) as connector, pytest.raises(SettingsError, match="/projects/99: 404"):
        connector.connect()


def test_field_of_one_project_alone(desk: Desk) -> None:
    """A custom field that the workspace does not list is found by its id."""
    values = [{"gid": "70", "enum_value": {"gid": "701", "name": "High"}}]
    desk.answers["/tasks"] = [listed(task("1", custom_fields=values))]
    pages = desk.read(streams={"tasks": {"fields": {"priority": 70}}}, projects=[11])
    assert [one.fields["priority"] for page in pages for one in page.records] == ["High"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("Note", "2 are called 'Note'; write the id of one: 61, 62"),
        ("Pionts", r"there is no 'Pionts' that the token may see; did you mean 'Points' \(52\)\?"),
        (999, "/custom_fields/999: 404 Not Found"),
    ],
)
def test_custom_field_that_is_none(desk: Desk, wanted: Any, words: str) -> None:
    """Unknown fields and shared names are refused."""
    streams = {"goals": {"fields": {"mine": wanted}}}
    with desk.connector(streams) as connector, pytest.raises(SettingsError, match=words):
        connector.connect()


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"streams": {"tasks": {"fields": {"due_on": 1}}}}, "due_on: the stream has a field of this name"),
        ({"streams": {"goals": {"fields": {"target_value": 1}}}}, "target_value: the stream has a field"),
        ({"streams": {"tasks": {"fields": {"Client": 1}}}}, "pattern"),
        ({"streams": {"stories": {}}}, "Extra inputs"),
        ({"projects": []}, "at least 1 item"),
        ({"projects": "Website"}, "projects"),
        ({"team": 1}, "Extra inputs"),
    ],
)
def test_settings_that_cannot_be(written: dict[str, Any], words: str) -> None:
    """What the settings alone tell to be wrong is refused when the project is read."""
    with pytest.raises(ValidationError, match=words):
        AsanaSettings.model_validate({"connector": "asana", "token": "t", **written})


def test_identity(desk: Desk) -> None:
    """The person behind the token is known by e-mail."""
    with desk.connector() as connector:
        streams = {one.name: one for one in connector.connect()}
        assert connector.identity().name == "bot@agency.example"
        assert connector.count(streams["projects"]) == 2
        assert connector.count(streams["tasks"]) is None
