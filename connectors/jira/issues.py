"""An issue as Jira writes it, read as a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from connectors.jira.fields import DUE_AT, ID, KEY, IssueField
from okr_sync.connector import DataError, Record, Value
from okr_sync.http.values import to_text


def to_record(source: str, issue: Mapping[str, Any], fields: Sequence[IssueField], zone: ZoneInfo) -> Record:
    """The record of one issue of a search answer.

    Raises:
        DataError: a field holds what its type does not allow.
    """
    key = issue.get("key")
    values: dict[str, Value] = {ID.name: to_text(issue["id"]), KEY.name: key}
    raw = issue.get("fields", {})
    for one in fields:
        try:
            values[one.field.name] = one.read(raw.get(one.source_id))
        except (ValueError, OverflowError) as error:
            raise DataError(
                f"source {source}: issue {key}: {one.field.name} ({one.source_id}) cannot be read as"
                f" {one.field.type}: {raw.get(one.source_id)!r:.200} is {error}"
            ) from error
    due_on = values["due_on"]
    values[DUE_AT.name] = end_of_day(due_on, zone) if isinstance(due_on, date) else None
    return Record(values)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last microsecond of `day` in `zone`; of a last hour that comes twice, the second one's."""
    last = datetime.combine(day, time.max.replace(fold=1), tzinfo=zone)
    try:
        return last.astimezone(UTC)
    except OverflowError:  # 9999-12-31, for "never"
        return datetime.max.replace(tzinfo=UTC)
