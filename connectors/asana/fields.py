"""Fields of Asana's objects, and what has to be asked for to get them.

Asana gives an object's id and name and nothing else unless a request names more in `opt_fields`: so a field knows the
paths that it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from okr_sync.connector import Field, FieldType, Value
from okr_sync.http.columns import Column
from okr_sync.http.values import member, read_value, to_date, to_text, to_timestamp

Raw = Mapping[str, Any]
"""An object as Asana sends it."""

_STATUSES = {"green": "on_track", "yellow": "at_risk", "red": "off_track", "blue": "on_hold"}


@dataclass(frozen=True)
class AsanaField(Column[Raw]):
    """A field, how it is read, and `asks`, the paths to name in `opt_fields`."""

    asks: tuple[str, ...] = ()


def at(name: str, kind: FieldType, path: str, description: str) -> AsanaField:
    """The value at `path`. An empty text is nothing."""
    return made(name, kind, (path,), description, lambda raw: _value(kind, member(raw, path)))


def made(
    name: str, kind: FieldType, asks: tuple[str, ...], description: str, read: Callable[[Raw], Value]
) -> AsanaField:
    """A value made from what `asks` brings."""
    return AsanaField(Field(name, kind, description), read, asks)


def gid(what: str) -> AsanaField:
    """The id, which comes unasked."""
    return made("gid", FieldType.TEXT, (), f"Asana's id of the {what}", lambda raw: to_text(raw.get("gid")))


def person(name: str, description: str) -> tuple[AsanaField, AsanaField]:
    """A person by name, and by id: two people may share a name."""
    asks = (f"{name}.name",)
    return (
        made(name, FieldType.TEXT, asks, description, lambda raw: _value(FieldType.TEXT, member(raw, f"{name}.name"))),
        made(
            f"{name}_id",
            FieldType.TEXT,
            asks,
            f"{description}: Asana's id of the person",
            lambda raw: _value(FieldType.TEXT, member(raw, f"{name}.gid")),
        ),
    )


def status(path: str, description: str) -> AsanaField:
    """Asana says it in colors; people say on track, at risk, off track, on hold."""

    def read(raw: Raw) -> Value:
        color = _value(FieldType.TEXT, member(raw, path))
        return _STATUSES.get(str(color), color)

    return made("status", FieldType.TEXT, (path,), description, read)


def due_at(zone: ZoneInfo) -> AsanaField:
    """The time where there is one, else the end of the day, so that every task with a due day can be late."""

    def read(raw: Raw) -> Value:
        if raw.get("due_at") is not None:
            return to_timestamp(raw["due_at"])
        return None if raw.get("due_on") is None else end_of_day(to_date(raw["due_on"]), zone)

    description = "The time it is due; the end of due_on, in the project's zone, where only a day is set"
    return made("due_at", FieldType.TIMESTAMP, ("due_at", "due_on"), description, read)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last microsecond of `day` in `zone`; of a last hour that comes twice, the second one's."""
    last = datetime.combine(day, time.max.replace(fold=1), tzinfo=zone)
    try:
        return last.astimezone(UTC)
    except OverflowError:  # 9999-12-31, for "never"
        return datetime.max.replace(tzinfo=UTC)


def names(things: Any) -> list[str]:
    """The names of a list of objects.

    Raises:
        ValueError: it is not one.
    """
    if not isinstance(things, list):
        raise ValueError("not a list")
    return [to_text(member(one, "name")) for one in things]


def _value(kind: FieldType, raw: Any) -> Value:
    return None if raw == "" else read_value(kind, raw)
