"""The stream of satisfaction ratings, of the older kind: good or bad."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from connectors.zendesk.starting import epoch
from okr_sync.connector import Checkpoint, FieldType, Page, Stream
from okr_sync.http.columns import Column, Reading
from okr_sync.http.columns import column as plain
from okr_sync.http.values import READERS, to_text

log = logging.getLogger(__name__)

PATH = "/api/v2/satisfaction_ratings"
COUNT_PATH = f"{PATH}/count"
_OVERLAP = timedelta(days=7)
"""Ratings are listed by their creation; a comment may be added to one later."""


def _column(name: str, kind: FieldType, description: str) -> Column[dict[str, Any]]:
    readers = {**READERS, FieldType.TEXT: lambda raw: to_text(raw) or None}
    return plain(name, kind, name, description, readers)


_TEXT, _TIMESTAMP = FieldType.TEXT, FieldType.TIMESTAMP
_READING = Reading(
    (
        _column("id", _TEXT, "Zendesk's number of the rating"),
        _column("ticket_id", _TEXT, "The ticket that was rated; the last of its ratings counts"),
        _column("score", _TEXT, "good, bad, or offered: asked for and not given yet"),
        _column("comment", _TEXT, "What was written with it"),
        _column("reason", _TEXT, "Why it is bad, where that was asked"),
        _column("requester_id", _TEXT, "Who rated"),
        _column("assignee_id", _TEXT, "The agent at that time"),
        _column("group_id", _TEXT, "The group at that time"),
        _column("created_at", _TIMESTAMP, "When it was given, or offered"),
        _column("updated_at", _TIMESTAMP, "When it last changed"),
    ),
    lambda raw: f"satisfaction rating {raw.get('id')}",
)


def ratings_stream(site_url: str) -> Stream:
    return Stream(
        name="satisfaction_ratings",
        fields=_READING.fields,
        key=("id",),
        is_extra=True,
        version_at="updated_at",
        created_at="created_at",
        link=f"{site_url}/agent/tickets/{{ticket_id}}",
        description="Satisfaction ratings: what those who asked thought of the answer",
    )


def rating_pages(
    batches: Iterator[list[dict[str, Any]]], checkpoint: Checkpoint | None, read_to: datetime, where: str
) -> Iterator[Page]:
    """Zendesk does not say in which order it lists ratings, so only the end of a read moves the checkpoint."""
    count = 0
    for raws in batches:
        records, rejected = _READING.records(raws)
        count += len(raws)
        yield Page(records, checkpoint or {}, rejected=rejected)
    if checkpoint is None and count == 0:
        log.warning(
            "%s: there are no ratings; where the account asks by Zendesk's newer surveys, they are not listed here",
            where,
        )
    yield Page([], {"since": epoch(read_to - _OVERLAP)})
