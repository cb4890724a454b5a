"""Values of properties as Notion writes them, read as the types of the contract. Whatever is none raises ValueError."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from okr_sync.connector import FieldType, Value
from okr_sync.http.values import READERS, end_of_day, read_value, to_date, to_text, to_timestamp

Part = Literal["start", "end"]


def read_property(value: Any, kind: FieldType, zone: ZoneInfo, part: Part = "start") -> Value:
    """A property value (`{type: number, number: 9}`) as `kind`.

    A day without a time begins and ends in `zone`. What holds several values is a list; it is read as any other type
    where it holds one at most.

    Raises:
        ValueError: it is no such value, or one that Notion did not work out.
    """
    plain = _plain(value)
    if kind is FieldType.LIST:
        return [_as_text(one) for one in plain if one is not None] if isinstance(plain, list) else _not_a_list(plain)
    if isinstance(plain, list):
        if len(plain) > 1:
            raise ValueError(f"{len(plain)} values where one is wanted; read it as a list")
        plain = plain[0] if plain else None
    if plain is None:
        return None
    if kind is FieldType.TIMESTAMP:
        return _moment(plain, zone, part)
    if kind is FieldType.DATE:
        return _day(plain, zone, part)
    return _as_text(plain) if kind is FieldType.TEXT else read_value(kind, plain, READERS)


def _plain(value: Any) -> Any:
    """What a property holds without Notion's wrapping; a date stays as it is, since its parts are wanted."""
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in _PLAIN or kind not in value:
        raise ValueError(f"of the type {kind!r}, which okr-sync cannot read")
    inner = value[kind]
    try:
        return None if inner is None or inner == "" else _PLAIN[kind](inner)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not written as a {kind}") from error


def _text(parts: Any) -> str | None:
    return "".join(one["plain_text"] for one in parts) or None


def _option(option: Any) -> Any:
    return option["name"]


def _person(person: Any) -> Any:
    """Without the right to read users, Notion gives their ids alone."""
    return person.get("name") or person["id"]


def _unique_id(raw: Any) -> str | None:
    if raw["number"] is None:
        return None
    return f"{raw['prefix']}-{raw['number']}" if raw.get("prefix") else str(raw["number"])


def _members(read: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    return lambda members: [read(one) for one in members]


def _elements(values: Any) -> list[Any]:
    """The values of a rollup that shows those of other rows; one that is a list itself gives its members."""
    found: list[Any] = []
    for plain in map(_plain, values):
        found.extend(plain if isinstance(plain, list) else [plain])
    return found


def _incomplete(_: Any) -> Any:
    raise ValueError("a rollup over more rows than Notion has gone through")


def _unsupported(_: Any) -> Any:
    raise ValueError("a result that Notion does not work out: too many rows or calculations in a chain lie below it")


def _itself(raw: Any) -> Any:
    return raw


_PLAIN: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("title", "rich_text"), _text),
    **dict.fromkeys(("select", "status"), _option),
    **dict.fromkeys(("created_by", "last_edited_by"), _person),
    **dict.fromkeys(("number", "checkbox", "date", "created_time", "last_edited_time"), _itself),
    **dict.fromkeys(("url", "email", "phone_number", "string", "boolean"), _itself),
    "unique_id": _unique_id,
    "verification": lambda raw: raw["state"],
    "multi_select": _members(_option),
    "people": _members(_person),
    "relation": _members(lambda one: one["id"]),
    "files": _members(lambda one: one["name"]),  # their addresses are signed anew for every answer
    "formula": _plain,
    "rollup": _plain,
    "array": _elements,
    "incomplete": _incomplete,
    "unsupported": _unsupported,
}


def _as_text(plain: Any) -> str:
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, dict):
        return "/".join(filter(None, (plain.get("start"), plain.get("end"))))
    return to_text(plain)


def _not_a_list(plain: Any) -> list[str]:
    if plain is None:
        return []
    raise ValueError("a single value where a list is wanted")


def _ends(raw: Any, part: Part) -> Any:
    """The text of the wanted end; a date that is no range ends where it begins."""
    if not isinstance(raw, dict):
        return raw
    return raw.get("end") or raw.get("start") if part == "end" else raw.get("start")


def _moment(raw: Any, zone: ZoneInfo, part: Part) -> datetime:
    text = _ends(raw, part)
    if _is_day(text):
        day = to_date(text)
        return end_of_day(day, zone) if part == "end" else datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
    named = raw.get("time_zone") if isinstance(raw, dict) else None
    if named is None:
        return to_timestamp(text)
    moment = datetime.fromisoformat(text)
    return (moment.replace(tzinfo=_zone(named)) if moment.tzinfo is None else moment).astimezone(UTC)


def _day(raw: Any, zone: ZoneInfo, part: Part) -> date:
    text = _ends(raw, part)
    return to_date(text) if _is_day(text) else _moment(raw, zone, part).astimezone(zone).date()


def _is_day(text: Any) -> bool:
    return isinstance(text, str) and len(text) == len("2026-10-05")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError as error:
        raise ValueError(f"a time in an unknown zone, {name!r}") from error
