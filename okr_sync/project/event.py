"""Events: named days and instants that windows begin and end with."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, model_validator

from okr_sync.project.cycle import start_of
from okr_sync.project.located import Located
from okr_sync.project.wording import shown

_ALLOWED = (
    "a day such as 2026-11-05, an instant such as '2026-11-05 09:00',"
    " or {stream: jira.issues, where: key = 'OPS-12', value: min(resolved_at)}"
)
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d\S*)?")
_MOMENT: dict[str, Any] = {"type": "string", "description": f"When it happens: {_ALLOWED}"}


def _or_a_moment(schema: dict[str, Any]) -> None:
    """In files an event is a plain moment or the mapping of a formula; `at` is never written."""
    schema["properties"].pop("at")
    whole = {name: schema.pop(name) for name in ("properties", "type", "additionalProperties") if name in schema}
    schema["anyOf"] = [_MOMENT, {**whole, "required": ["stream", "value"]}]


class Event(Located):
    """Something that happens once: on a day, at an instant, or when a formula over a stream says.

    A day without more is the instant at which it begins in the project's zone, and as the end of a window all of it is
    inside. An instant without a zone is meant in the project's.
    """

    model_config = ConfigDict(json_schema_extra=_or_a_moment)

    at: date | datetime | None = None
    stream: str | None = Field(default=None, description="The source and its stream: jira.issues")
    where: str | None = Field(default=None, min_length=1, description="Which records count: key = 'OPS-12'")
    value: str | None = Field(default=None, min_length=1, description="The formula of its time: min(resolved_at)")

    @model_validator(mode="before")
    @classmethod
    def _of_moment(cls, raw: object) -> object:
        if isinstance(raw, dict):
            if "at" in raw:
                raise ValueError("write the day or the instant alone, without 'at'")
            return raw
        moment = _moment(raw)
        if moment is None:
            raise ValueError(f"{shown(raw)} is not an event; write {_ALLOWED}")
        return {"at": moment}

    @model_validator(mode="after")
    def _has_a_time(self) -> Self:
        if self.at is None and (self.stream is None or self.value is None):
            missing = "stream" if self.stream is None else "value"
            raise ValueError(f"{missing} is missing; write {_ALLOWED}")
        return self

    def __str__(self) -> str:
        """As people read it: what its time comes from."""
        if self.at is not None:
            return self.at.isoformat() if not isinstance(self.at, datetime) else self.at.isoformat(" ", "minutes")
        where = "" if self.where is None else f" where {' '.join(self.where.split())}"
        return f"{' '.join((self.value or '').split())} of {self.stream}{where}"


def instant_of(moment: date | datetime, zone: ZoneInfo) -> datetime:
    """The instant that is meant: of a day its beginning; of a time without a zone, that of `zone`'s clocks."""
    if not isinstance(moment, datetime):
        return start_of(moment, zone)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


def _moment(raw: object) -> date | datetime | None:
    if isinstance(raw, date):
        return raw
    match = _WRITTEN.fullmatch(raw) if isinstance(raw, str) else None
    if match is None:
        return None
    try:
        return date.fromisoformat(match[0]) if match[1] is None else datetime.fromisoformat(match[0])
    except ValueError:
        return None
