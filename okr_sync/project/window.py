"""Windows: the span of time that a metric covers, as it is written."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

from okr_sync.project.wording import shown

_PLAIN = {
    "cycle": "cycle",
    "previous_cycle": "previous_cycle",
    "previous_cycle to date": "previous_cycle_to_date",
    "all": "all",
}
_TRAILING = re.compile(r"trailing ([1-9]\d{0,4}) days")
_EVENTS = re.compile(r"from ([a-z][a-z0-9_]*)(?: to ([a-z][a-z0-9_]*))?")
_ALLOWED = "cycle, previous_cycle, previous_cycle to date, trailing 28 days, from EVENT, from EVENT to EVENT, or all"


class Window(BaseModel):
    """The span of time a metric covers.

    - `cycle`: from the cycle's start to the day that is evaluated
    - `previous_cycle`: the whole cycle before
    - `previous_cycle to date`: as much of it as is over of this one
    - `trailing 28 days`: as many days, the last of them the one that is evaluated
    - `from EVENT`, `from EVENT to EVENT`: the events are named under `events:`
    - `all`: everything up to the day that is evaluated
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["cycle", "previous_cycle", "previous_cycle_to_date", "trailing", "events", "all"] = "cycle"
    days: int = 0
    start: str | None = None
    """The event that a window of events begins with; `end` ends it, where there is one."""
    end: str | None = None

    @classmethod
    def parse(cls, raw: object) -> Window:
        if isinstance(raw, Window):
            return raw
        text = raw if isinstance(raw, str) else ""
        if text in _PLAIN:
            return cls.model_validate({"kind": _PLAIN[text]})
        trailing, events = _TRAILING.fullmatch(text), _EVENTS.fullmatch(text)
        if trailing is not None:
            return cls(kind="trailing", days=int(trailing[1]))
        if events is None:
            raise ValueError(f"{shown(raw)} is not a window; write {_ALLOWED}")
        if events[1] == events[2]:
            raise ValueError(f"{shown(raw)} begins and ends with the same event; write two events, or from {events[1]}")
        return cls(kind="events", start=events[1], end=events[2])

    @property
    def events(self) -> tuple[str, ...]:
        """The names of the events that bound it."""
        return tuple(name for name in (self.start, self.end) if name is not None)

    def __str__(self) -> str:
        if self.kind == "trailing":
            return f"trailing {self.days} days"
        if self.kind == "events":
            return f"from {self.start}" + ("" if self.end is None else f" to {self.end}")
        return next(text for text, kind in _PLAIN.items() if kind == self.kind)


def events_of(text: str) -> tuple[str, ...]:
    """The events that a window names, as it is written; none where it is another window, or none at all."""
    match = _EVENTS.fullmatch(text)
    return () if match is None else tuple(name for name in match.groups() if name is not None)


WindowField = Annotated[
    Window,
    BeforeValidator(Window.parse),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^({'|'.join(_PLAIN)}|{_TRAILING.pattern}|{_EVENTS.pattern})$",
            "description": _ALLOWED,
        }
    ),
]
