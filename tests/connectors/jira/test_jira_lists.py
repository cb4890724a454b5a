"""Sprints of boards and projects, read whole every time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okr_sync.connector import IncompleteError, SettingsError, UnavailableError
from okr_sync.sandbox import faults
from okr_sync.sandbox.agency import Agency
from tests.connectors.jira.stand_in import asked, connected, landed, read, stand_in

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)


@pytest.fixture
def agency() -> Agency:
    return Agency.grow(seed=7, now=NOW, issue_count=60, ticket_count=0, survey_count=0)


@pytest.mark.parametrize("board_cap", [50, 3])
def test_sprints(agency: Agency, board_cap: int) -> None:
    """Two boards have sprints, a third one is asked and has none, a kanban board is not asked; each sprint once."""
    with stand_in(agency, board_cap=board_cap) as sandbox:
        pages = read(sandbox, "sprints")
    present = landed(pages)
    # Two weeks each, from Monday 2020-01-06, 08:30 in Ho Chi Minh City: the 177th such span begins on 2026-10-05.
    # The agency's first issue is of 2026-03-16 or a little later, in span 161 (2026-03-09) or 162 (2026-03-23).
    web = {one["name"]: one for one in present.values() if one["board_id"] == "1"}
    assert web["WEB sprint 176"] == {
        "id": "10176",
        "name": "WEB sprint 176",
        "state": "active",
        "board_id": "1",
        "goal": None,
        "starts_at": datetime(2026, 10, 5, 1, 30, tzinfo=UTC),
        "ends_at": datetime(2026, 10, 16, 10, 30, tzinfo=UTC),
        "completed_at": None,
    }
    assert web["WEB sprint 175"]["completed_at"] == datetime(2026, 10, 2, 11, 30, tzinfo=UTC)
    future = web["WEB sprint 177"]
    assert (future["state"], future["starts_at"], future["ends_at"]) == ("future", None, None)
    assert {one["board_id"] for one in present.values()} == {"1", "2"}
    assert sum(len(page.records) for page in pages) == len(present) + 1  # both boards show WEB sprint 176
    boards = {one.path.split("/")[5] for one in sandbox.requests if one.path.endswith("/sprint")}
    assert boards == {"1", "2", "3"}


def test_chosen_boards(agency: Agency) -> None:
    """Only the boards that the project names are asked; one that has no sprints is then an error."""
    with stand_in(agency) as sandbox:
        present = landed(read(sandbox, "sprints", sprints={"boards": [2]}))
        assert {one["board_id"] for one in present.values()} == {"1", "2"}
        assert len(sandbox.requests) == 2
        with pytest.raises(SettingsError, match="board/3/sprint: 400 Bad Request: The board does not support sprints"):
            read(sandbox, "sprints", sprints={"boards": [3]})
        with pytest.raises(SettingsError, match="board/99/sprint: 404"):
            read(sandbox, "sprints", sprints={"boards": [99]})


def test_sprints_go_on_without_their_issues(agency: Agency) -> None:
    """A sprint that ends changes its state though nothing else does: so sprints are read whole."""
    with stand_in(agency) as sandbox:
        with connected(sandbox) as (_, streams):
            assert streams["sprints"].is_full_read
        agency.clock.advance(timedelta(days=14))
        present = landed(read(sandbox, "sprints"))
    assert present["10176"]["state"] == "closed"


@pytest.mark.parametrize(
    ("change", "kind"),
    [({"values": None}, UnavailableError), ({"isLast": None}, UnavailableError), ({"isLast": False}, IncompleteError)],
)
def test_lists_without_an_end(agency: Agency, change: dict[str, Any], kind: type[Exception]) -> None:
    """A page without values, without an end, or that goes on for ever is no list."""
    deed = faults.rewritten(lambda _, content: content | {"values": []} | change)
    with stand_in(agency, faults.Fault(deed, "/rest/agile/1.0/board")) as sandbox, pytest.raises(kind):
        read(sandbox, "sprints")


@pytest.mark.parametrize("options", [{}, {"board_cap": 2}, {"is_data_center": True}])
def test_projects(agency: Agency, options: dict[str, Any]) -> None:
    """All projects, archived ones too, in the cloud page by page and from a data center at once."""
    with stand_in(agency, **options) as sandbox:
        present = landed(read(sandbox, "projects"))
    by_key = {one["key"]: one for one in present.values()}
    assert {key: (one["name"], one["type"], one["is_archived"]) for key, one in by_key.items()} == {
        "WEB": ("Website", "software", False),
        "SEO": ("SEO & Content", "software", False),
        "OPS": ("Vận hành", "service_desk", False),
        "OLD": ("Website (cũ)", "software", True),
    }
    assert by_key["WEB"]["lead"] == "Điều phối vận hành"
    assert by_key["WEB"]["archived_at"] is None
    assert by_key["OLD"]["archived_at"] == datetime(2026, 1, 15, 2, 0, tzinfo=UTC)
    paths = asked(sandbox)
    assert paths[-1] == ("project" if "is_data_center" in options else "project/search")
