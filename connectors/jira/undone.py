"""What a field held before a change, as Jira itself would write it: `from` has ids, `fromString` what people see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.jira.answers import Json
from connectors.jira.changelog import field_of
from connectors.jira.custom_fields import SPRINT_KIND, SiteField
from okr_sync.http.values import member

_PARENT = ("parent", "IssueParentAssociation")


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of a site: the category of each status, by the status's id, and the shape of each field."""

    categories: Mapping[str, Json]
    schemas: Mapping[str, Mapping[str, Any]]
    ids: Mapping[str, Sequence[str]]
    """The fields of a name: older data centers tell of a custom field nothing else."""

    @classmethod
    def of(cls, statuses: list[Json], fields: list[SiteField]) -> Held:
        ids: dict[str, list[str]] = {}
        for one in fields:
            ids.setdefault(str(one.get("name")), []).append(str(one.get("id")))
        return cls(
            {str(one.get("id")): one.get("statusCategory") or {} for one in statuses},
            {str(one.get("id")): one.get("schema") or {} for one in fields},
            ids,
        )


@dataclass(frozen=True, slots=True)
class Before:
    """The value of a field before a change, `None` where it was empty or cannot be known."""

    field_id: str
    raw: Any


def held_before(site: Held, item: Json, fields: Mapping[str, Any]) -> list[Before]:
    """What the changed field held; `fields` are the issue's after the change. Nothing for what is no field.

    Where only a name is told that several fields have, what each of them held is unknown.
    """
    name = field_of(item)
    if name is None:
        ids = site.ids.get(str(item.get("field")), ())
        return [Before(one, _custom(item, site.schemas[one]) if len(ids) == 1 else None) for one in ids]
    if name in _PARENT:
        return [Before("parent", _parent(item, fields.get("parent")))]
    if name == "status":
        return [Before(name, _status(item, site.categories))]
    if name == "project":  # its key comes from the change of the key, in either order
        return [Before(name, {**(fields.get(name) or {}), "id": item.get("from"), "name": item.get("fromString")})]
    if name in _STANDARD:
        return [Before(name, _STANDARD[name](item))]
    return [Before(name, _custom(item, site.schemas[name]))] if name in site.schemas else []


def _shown(item: Json) -> str | None:
    """Jira writes emptiness as null or as an empty text."""
    text = item.get("fromString")
    return str(text) if text not in (None, "") else None


def _choice(member_name: str) -> Callable[[Json], Json | None]:
    def read(item: Json) -> Json | None:
        text = _shown(item)
        return None if text is None else {"id": item.get("from"), member_name: text}

    return read


def _words(item: Json) -> list[str]:
    return (_shown(item) or "").split()


def _day(item: Json) -> str | None:
    """`from` is the day; what people see has a time behind it."""
    text = item.get("from") or _shown(item)
    return None if not text else str(text)[:10]


def _instant(item: Json) -> str | None:
    text = item.get("from") or _shown(item)
    return None if not text else str(text)


def _number(item: Json) -> float | None:
    text = _shown(item)
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


_STANDARD: Mapping[str, Callable[[Json], Any]] = {
    "summary": _shown,
    "issuetype": _choice("name"),
    "priority": _choice("name"),
    "resolution": _choice("name"),
    "assignee": _choice("displayName"),
    "reporter": _choice("displayName"),
    "labels": _words,
    "duedate": _day,
}
_BY_TYPE: Mapping[str, Callable[[Json], Any]] = {
    "number": _number,
    "date": _day,
    "datetime": _instant,
    "string": _shown,
    "any": _shown,
    "option": _choice("value"),
    "user": _choice("displayName"),
}


def _status(item: Json, categories: Mapping[str, Json]) -> Json | None:
    text = _shown(item)
    if text is None:
        return None
    return {"id": item.get("from"), "name": text, "statusCategory": categories.get(str(item.get("from")), {})}


def _parent(item: Json, after: Any) -> Json | None:
    """A change tells the key alone: the level is taken from the parent after it, and unknown where there was none."""
    key = _shown(item)
    level = member(after, "fields.issuetype.hierarchyLevel")
    return None if key is None else {"key": key, "fields": {"issuetype": {"hierarchyLevel": level}}}


def _custom(item: Json, schema: Mapping[str, Any]) -> Any:
    if schema.get("custom") == SPRINT_KIND:
        return _sprints(item)
    if schema.get("type") == "array":
        return _words(item) if schema.get("items") == "string" else None
    return _BY_TYPE.get(str(schema.get("type")), _choice("name"))(item)


def _sprints(item: Json) -> list[Json] | None:
    """Ids and names, joined by commas: told apart only where there are as many of both. Their state then is unknown."""
    ids, names = (_split(item.get("from")), _split(item.get("fromString")))
    if len(ids) != len(names):
        return None
    return [{"id": id_, "name": name, "state": "unknown"} for id_, name in zip(ids, names, strict=True)]


def _split(text: Any) -> list[str]:
    return [one.strip() for one in str(text or "").split(",") if one.strip()]
