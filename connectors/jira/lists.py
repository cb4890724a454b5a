"""What is short enough to be read whole every time: projects, and the sprints of boards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from connectors.jira.changed import Desk
from okr_sync.connector import Field, FieldType, Page, Stream, Value
from okr_sync.http import RefusedError
from okr_sync.http.columns import Column, Reading, column
from okr_sync.http.values import to_text

_AGILE = "/rest/agile/1.0"
_WITHOUT_SPRINTS = "does not support sprints"
_TEXT, _TIMESTAMP, _BOOLEAN = FieldType.TEXT, FieldType.TIMESTAMP, FieldType.BOOLEAN
Raw = dict[str, Any]


def _text(name: str, path: str, description: str) -> Column[Raw]:
    """A text that is empty where nobody wrote one."""

    def read(raw: Raw) -> Value:
        value = raw.get(path)
        return None if value in (None, "") else to_text(value)

    return Column(Field(name, _TEXT, description), read)


PROJECTS = Reading[Raw](
    (
        _text("id", "id", "Jira's number of the project"),
        _text("key", "key", "What the keys of its issues begin with"),
        _text("name", "name", "The project's name"),
        _text("type", "projectTypeKey", "software, service_desk, business..."),
        column("lead", _TEXT, "lead.displayName", "The name of the person who leads it"),
        column("category", _TEXT, "projectCategory.name", "The category it is in"),
        Column(
            Field("is_archived", _BOOLEAN, "Archived: its issues are no longer found by searches"),
            lambda raw: raw.get("archived") is True,
        ),
        column("archived_at", _TIMESTAMP, "archivedDate", "When it was archived, where Jira tells"),
    ),
    lambda raw: f"project {raw.get('key') or raw.get('id')}",
)
SPRINTS = Reading[Raw](
    (
        _text("id", "id", "Jira's number of the sprint"),
        _text("name", "name", "The sprint's name"),
        _text("state", "state", "future, active or closed"),
        _text("board_id", "originBoardId", "The board it was made on"),
        _text("goal", "goal", "What the team wants to reach in it"),
        column("starts_at", _TIMESTAMP, "startDate", "When it begins or began; none where that is not planned yet"),
        column("ends_at", _TIMESTAMP, "endDate", "When it is to end"),
        column("completed_at", _TIMESTAMP, "completeDate", "When somebody closed it; none before"),
    ),
    lambda raw: f"sprint {raw.get('name') or raw.get('id')}",
)


def projects(site_url: str) -> Stream:
    return Stream(
        name="projects",
        fields=PROJECTS.fields,
        key=("id",),
        is_extra=True,
        is_full_read=True,
        link=f"{site_url.rstrip('/')}/browse/{{key}}",
        description="Projects, archived ones included",
    )


def sprints() -> Stream:
    return Stream(
        name="sprints",
        fields=SPRINTS.fields,
        key=("id",),
        is_extra=True,
        is_full_read=True,
        description="Sprints of boards, with their present state",
    )


def project_pages(desk: Desk) -> Iterator[Page]:
    for raws in desk.site.projects():
        records, rejected = PROJECTS.records(raws)
        yield Page(records, {}, rejected=rejected)


def sprint_pages(desk: Desk, boards: Sequence[int] | None) -> Iterator[Page]:
    """Board by board; a sprint that several boards show comes several times, and lands once."""
    for board in _boards(desk) if boards is None else boards:
        for raws in _sprints(desk, board, is_named=boards is not None):
            records, rejected = SPRINTS.records(raws)
            yield Page(records, {}, rejected=rejected)


def _boards(desk: Desk) -> list[int]:
    """Those that may have sprints: boards of teams are `simple`, with or without sprints; kanban boards have none."""
    pages = desk.site.values(f"{_AGILE}/board")
    return [one["id"] for page in pages for one in page if one.get("type") != "kanban"]


def _sprints(desk: Desk, board: int, *, is_named: bool) -> Iterator[list[Raw]]:
    try:
        yield from desk.site.values(f"{_AGILE}/board/{board}/sprint")
    except RefusedError as error:
        if is_named or _WITHOUT_SPRINTS not in error.reason:
            raise
