"""The hours that people logged on issues."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.jira.answers import Json
from connectors.jira.changed import OVERLAP_MS, Desk
from connectors.jira.values import person_id, to_hours
from okr_sync.connector import Checkpoint, Field, FieldType, IncompleteError, Page, Record, Stream
from okr_sync.http.columns import Column, Reading, column
from okr_sync.http.values import to_text

NAME = "worklogs"
_SECONDS = 3600
_TEXT, _TIMESTAMP = FieldType.TEXT, FieldType.TIMESTAMP
READING = Reading[dict[str, Any]](
    (
        Column(Field("id", _TEXT, "Jira's number of the entry"), lambda raw: to_text(raw.get("id"))),
        column("issue_id", _TEXT, "issueId", "The issue that was worked on, as id in issues"),
        column("author", _TEXT, "author.displayName", "Who worked"),
        Column(Field("author_id", _TEXT, "Their id; names change"), lambda raw: person_id(raw.get("author"))),
        column("started_at", _TIMESTAMP, "started", "When the work began, as the entry says"),
        Column(
            Field("spent_hours", FieldType.NUMBER, "Hours of work, as the entry says", unit="hours"),
            lambda raw: to_hours(raw.get("timeSpentSeconds"), _SECONDS),
        ),
        column("created_at", _TIMESTAMP, "created", "When the entry was made"),
        column("updated_at", _TIMESTAMP, "updated", "When it last changed"),
    ),
    lambda raw: f"worklog {raw.get('id')} of issue {raw.get('issueId')}",
)


def stream() -> Stream:
    return Stream(
        name=NAME,
        fields=READING.fields,
        key=("id",),
        is_extra=True,
        version_at="updated_at",
        created_at="created_at",
        description="Hours logged on issues, where the account may see them",
    )


def pages(desk: Desk, checkpoint: Checkpoint | None) -> Iterator[Page]:
    """Deleted entries first, then those that changed, a thousand at a time.

    The checkpoint holds up to when each of the two was read. What was deleted before the first read never landed.
    """
    since_ms, deleted_since_ms = 0, desk.until_ms
    if checkpoint is not None:
        since_ms = checkpoint["since_ms"]
        for changed, _ in _changed(desk, "deleted", checkpoint["deleted_since_ms"]):
            yield Page([_tombstone(one) for one in changed], checkpoint)
    for changed, until_ms in _changed(desk, "updated", since_ms):
        ids = [one["worklogId"] for one in changed]
        worklogs = desk.site.post_list(desk.site.path("worklog/list"), {"ids": ids}) if ids else []
        records, rejected = READING.records(worklogs)
        reached_ms = desk.until_ms if until_ms is None else until_ms
        yield Page(records, {"since_ms": reached_ms, "deleted_since_ms": deleted_since_ms}, rejected=rejected)


def _changed(desk: Desk, what: str, since_ms: int) -> Iterator[tuple[list[Json], int | None]]:
    """Pages of ids with their times, oldest first, each with the time it reaches to; the last one with none."""
    guard, start = desk.guard(), max(0, since_ms - OVERLAP_MS)
    while True:
        answer = desk.site.get(desk.site.path(f"worklog/{what}"), {"since": start})
        values, is_last, until = answer.get("values"), answer.get("lastPage"), answer.get("until")
        if not isinstance(values, list) or not isinstance(is_last, bool):
            raise IncompleteError(f"{desk.where}: an answer without {what} worklogs or lastPage")
        if is_last:
            yield values, None
            return
        if not isinstance(until, int):
            raise IncompleteError(f"{desk.where}: Jira says that more {what} worklogs follow, but not from when")
        yield values, until
        # Whether the next page begins at this time or after it is not documented; begun before it, none is left out.
        start = until - 1
        guard.check(str(start), len(values))


def _tombstone(deleted: Json) -> Record:
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=deleted["updatedTime"])
    return Record({"id": to_text(deleted["worklogId"]), "updated_at": moment}, is_deleted=True)
