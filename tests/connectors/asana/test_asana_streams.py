"""Projects, portfolios and goals as records."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from okr_sync.connector import IncompleteError, Record
from tests.connectors.asana.conftest import Desk, failed, listed, project
from tests.loopback import Answer


def records(desk: Desk, stream: str, **settings: Any) -> list[Record]:
    pages = desk.read(stream, **settings)
    assert [page.rejected for page in pages if page.rejected] == []
    return [record for page in pages for record in page.records]


def goal(gid: str, **fields: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("owner", "team", "status", "metric", "time_period", "start_on", "due_on"))
    return {"gid": gid, "name": f"Goal {gid}", **empty, **fields}


def portfolio(gid: str) -> dict[str, Any]:
    dates: dict[str, Any] = {"created_at": "2026-01-05T02:00:00.000Z", "start_on": None, "due_on": "2026-12-31"}
    return {"gid": gid, "name": f"Portfolio {gid}", "archived": False, "owner": {"gid": "7", "name": "Bot"}, **dates}


def test_project(desk: Desk) -> None:
    """A project has its owner, its days, and what its latest update said."""
    raw = project(
        "11",
        "Website",
        owner={"gid": "21", "name": "Design"},
        team={"gid": "31", "name": "Dự án"},
        current_status={"gid": "41", "color": "yellow", "created_at": "2026-03-01T02:00:00.000Z"},
        completed=True,
        completed_at="2026-03-02T02:00:00.000Z",
        start_on="2026-01-05",
        due_on="2026-03-31",
        archived=True,
        custom_fields=[{"gid": "52", "number_value": 240000000}],
    )
    desk.answers["/workspaces/1/projects"] = [listed(raw)]
    (record,) = records(desk, "projects", streams={"projects": {"fields": {"budget": "Points"}}})
    assert dict(record.fields) == {
        "gid": "11",
        "name": "Website",
        "owner": "Design",
        "owner_id": "21",
        "team": "Dự án",
        "status": "at_risk",
        "status_set_at": datetime(2026, 3, 1, 2, 0, tzinfo=UTC),
        "is_archived": True,
        "is_completed": True,
        "completed_at": datetime(2026, 3, 2, 2, 0, tzinfo=UTC),
        "start_on": date(2026, 1, 5),
        "due_on": date(2026, 3, 31),
        "created_at": datetime(2026, 1, 5, 2, 0, tzinfo=UTC),
        "modified_at": datetime(2026, 3, 2, 2, 0, tzinfo=UTC),
        "budget": 240000000.0,
    }


@pytest.mark.parametrize(
    ("color", "status"),
    [("green", "on_track"), ("red", "off_track"), ("blue", "on_hold"), ("complete", "complete"), ("pink", "pink")],
)
def test_status_in_words(desk: Desk, color: str, status: str) -> None:
    """Colors are told in words; a word that is one already, or a color yet unknown, stays as it is."""
    desk.answers["/goals"] = [listed(goal("1", status=color), goal("2"))]
    assert [one.fields["status"] for one in records(desk, "goals")] == [status, None]


def test_portfolio_with_its_items(desk: Desk) -> None:
    """A portfolio knows what is in it, in an order that does not change by itself; one may be empty."""
    desk.answers["/portfolios"] = [listed(portfolio("81"), portfolio("82"))]
    desk.answers["/portfolios/81/items"] = [listed({"gid": "12"}, offset="o1"), listed({"gid": "11"})]
    desk.answers["/portfolios/82/items"] = [listed()]
    first, second = records(desk, "portfolios")
    assert dict(first.fields) == {
        "gid": "81",
        "name": "Portfolio 81",
        "owner": "Bot",
        "owner_id": "7",
        "item_ids": ["11", "12"],
        "is_archived": False,
        "start_on": None,
        "due_on": date(2026, 12, 31),
        "created_at": datetime(2026, 1, 5, 2, 0, tzinfo=UTC),
    }
    assert second.fields["item_ids"] == []


def test_goal_with_a_metric(desk: Desk) -> None:
    """A goal's values are numbers as Asana keeps them: a quarter is 25 %, and 0 is a value."""
    metric = {
        "gid": "91",
        "unit": "percentage",
        "currency_code": None,
        "initial_number_value": 0,
        "current_number_value": 0.25,
        "target_number_value": 0.55,
        "progress_source": "external",
    }
    period = {"gid": "92", "display_name": "Q4 FY26", "start_on": "2026-10-01", "end_on": "2026-12-31"}
    raw = goal("1", owner={"gid": "21", "name": "Ops"}, status="green", metric=metric, time_period=period)
    desk.answers["/goals"] = [listed({**raw, "is_workspace_level": False, "team": {"gid": "31", "name": "Dự án"}})]
    (record,) = records(desk, "goals")
    assert dict(record.fields) == {
        "gid": "1",
        "name": "Goal 1",
        "owner": "Ops",
        "owner_id": "21",
        "team": "Dự án",
        "is_workspace_level": False,
        "status": "on_track",
        "initial_value": 0.0,
        "current_value": 0.25,
        "target_value": 0.55,
        "unit": "percentage",
        "currency": None,
        "progress_source": "external",
        "time_period": "Q4 FY26",
        "period_start_on": date(2026, 10, 1),
        "period_end_on": date(2026, 12, 31),
        "start_on": None,
        "due_on": None,
    }
    assert [one.one("workspace") for one in desk.asked("/goals")] == ["1"]


def test_goal_without_a_metric(desk: Desk) -> None:
    """A goal that is not measured has no values: none of them is 0."""
    desk.answers["/goals"] = [listed(goal("1"))]
    (record,) = records(desk, "goals")
    assert {value for name, value in record.fields.items() if name not in ("gid", "name")} == {None}


def test_project_by_id_in_short_form(desk: Desk) -> None:
    """A project that is asked for by its id must be whole as well."""
    desk.answers["/projects/11"] = [Answer({"data": {"gid": "11", "name": "Website"}})]
    with pytest.raises(IncompleteError, match="Asana sent 11 in its short form"):
        desk.read("projects", projects=[11])
    desk.answers["/projects/11"] = [Answer({"data": None})]
    with pytest.raises(IncompleteError, match="/projects/11 was answered without data"):
        desk.read("projects", projects=[11])


def test_forgotten_offset_doubles_nothing(desk: Desk) -> None:
    """A list of goals that had to begin anew holds each of them once."""
    expired = failed(400, "offset: Your pagination token has expired.")
    desk.answers["/goals"] = [
        listed(goal("1"), offset="o1"),
        expired,
        listed(goal("1"), offset="o2"),
        listed(goal("2")),
    ]
    assert [one.fields["gid"] for one in records(desk, "goals")] == ["1", "2"]


@pytest.mark.parametrize(
    ("stream", "path", "missing"),
    [
        ("projects", "/workspaces/1/projects", "archived, created_at, modified_at"),
        ("portfolios", "/portfolios", "archived, created_at"),
        ("goals", "/goals", "metric"),
    ],
)
def test_short_forms(desk: Desk, stream: str, path: str, missing: str) -> None:
    """Of every stream, an object in Asana's short form is refused."""
    desk.answers[path] = [listed({"gid": "1", "name": "x", "resource_type": stream})]
    with pytest.raises(IncompleteError, match=f"short form, without {missing};"):
        desk.read(stream)
