"""Fields of Asana's objects, and what has to be asked for to get them.

Asana gives an object's id and name and nothing else unless a request names more in `opt_fields`: so a field knows the
paths that it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from okr_sync.connector import Field, FieldType, Value
from okr_sync.http.columns import Column
from okr_sync.http.values import end_of_day, member, read_value, to_date, to_text, to_timestamp

Raw = Mapping[str, Any]
"""An object as Asana sends it."""

_STATUSES = {"green": "on_track", "yellow": "at_risk", "red": "off_track", "blue": "on_hold"}


@dataclass(frozen=True)
class AsanaField(Column[Raw]):
    """A field, how it is read, and `asks`, the paths to name in `opt_fields`."""

    asks: tuple[str, ...] = ()


def at(name: str, kind: FieldType, path: str, description: str, asks: tuple[str, ...] | None = None) -> AsanaField:
    """The value at `path`, an empty text being none. `asks` where asking for the path itself does not bring it."""

    def read(raw: Raw) -> Value:
        value = member(raw, path)
        return None if value == "" else read_value(kind, value)

    return AsanaField(Field(name, kind, description), read, (path,) if asks is None else asks)


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
        at(name, FieldType.TEXT, f"{name}.name", description, asks),
        at(f"{name}_id", FieldType.TEXT, f"{name}.gid", f"{description}, by Asana's id of the person", asks),
    )


def status(path: str, description: str) -> AsanaField:
    """Asana says it in colors; people say on track, at risk, off track, on hold."""

    def read(raw: Raw) -> Value:
        color = member(raw, path)
        return None if color is None else _STATUSES.get(color, to_text(color))

    return made("status", FieldType.TEXT, (path,), description, read)


def memberships(name: str, path: str, description: str) -> AsanaField:
    """Something of each project that a task is in, in the order of the projects' ids: Asana's own order may change."""

    def read(raw: Raw) -> Value:
        inside = [one for one in raw["memberships"] or () if member(one, "project.gid")]
        return [str(member(one, path) or "") for one in sorted(inside, key=lambda one: str(one["project"]["gid"]))]

    return made(name, FieldType.LIST, ("memberships.project.name", "memberships.section.name"), description, read)


def due_at(zone: ZoneInfo) -> AsanaField:
    """The time where there is one, else the end of the day, so that every task with a due day can be late."""

    def read(raw: Raw) -> Value:
        if raw.get("due_at") is not None:
            return to_timestamp(raw["due_at"])
        return None if raw.get("due_on") is None else end_of_day(to_date(raw["due_on"]), zone)

    description = "The time it is due; the end of due_on, in the project's zone, where only a day is set"
    return made("due_at", FieldType.TIMESTAMP, ("due_at", "due_on"), description, read)


def names(things: Any) -> list[str]:
    """The names of a list of objects.

    Raises:
        ValueError: it is not one.
    """
    if not isinstance(things, list):
        raise ValueError("not a list")
    return [to_text(member(one, "name")) for one in things]
