"""Story points and sprints of issues: custom fields that each site numbers anew, told by their kind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from connectors.jira.custom_fields import SPRINT_KIND, SiteField, scope_of
from connectors.jira.fields import SPRINTS, STORY_POINTS, IssueField
from connectors.jira.settings import AUTO
from connectors.jira.values import read_jira_value
from okr_sync.connector import SettingsError, Value
from okr_sync.http.values import to_text

_EPIC_LINK_KIND = "com.pyxis.greenhopper.jira:gh-epic-link"
_ESTIMATE_KIND = "com.pyxis.greenhopper.jira:jsw-story-points"
_NUMBER_KIND = "com.atlassian.jira.plugin.system.customfieldtypes:float"
_POINTS_NAME = "Story Points"
_IN_BRACKETS = re.compile(r"\[(.*)\]", re.DOTALL)
_MEMBER = re.compile(
    r"(?:^|,)(id|rapidViewId|state|name|goal|startDate|endDate|completeDate|activatedDate|sequence"
    r"|incompleteIssuesDestinationId|synced|autoStartStop)="
)
"""Where a member of a sprint that is written as one text begins: its name may hold commas and equals signs."""


def story_points_field(source: str, wanted: str, site_fields: Sequence[SiteField]) -> IssueField:
    """The field that holds story points.

    Raises:
        SettingsError: the site has no such field, or several.
    """
    where = f"source {source}: streams.issues.story_points"
    found = _pinned(where, wanted, site_fields) or [one for one in site_fields if _is_points(one)]
    if not found:
        raise SettingsError(f"{where}: the site has no field for story points; write the id of the field that is used")
    if len(found) > 1:
        choices = ", ".join(f"{one.get('name')!r} ({one['id']}, {scope_of(one)})" for one in found)
        raise SettingsError(
            f"{where}: {len(found)} fields hold story points: {choices}; write the id of one."
            " Projects that the team manages use another one than the rest: to read both,"
            " give each a name under fields, and write coalesce(one, other) in the formula"
        )
    own = str(found[0]["id"])
    return IssueField(STORY_POINTS, own, lambda raw: read_jira_value(STORY_POINTS.type, raw))


def sprint_fields(source: str, wanted: str, site_fields: Sequence[SiteField]) -> tuple[IssueField, ...]:
    """What the sprint field tells of an issue.

    Raises:
        SettingsError: the site has no such field.
    """
    where = f"source {source}: streams.issues.sprints"
    found = _pinned(where, wanted, site_fields) or [one for one in site_fields if _kind(one) == SPRINT_KIND]
    if len(found) != 1:
        known = ", ".join(str(one["id"]) for one in found) or "none"
        raise SettingsError(f"{where}: one field must hold sprints; the site has {known}; write the id of one")
    source_id = str(found[0]["id"])
    names, ids, active = SPRINTS
    return (
        IssueField(names, source_id, lambda raw: [one["name"] for one in _sprints(raw)]),
        IssueField(ids, source_id, lambda raw: [one["id"] for one in _sprints(raw)]),
        IssueField(active, source_id, _active),
    )


def epic_link(site_fields: Sequence[SiteField]) -> str | None:
    """The id of the field in which a data center keeps the key of an issue's epic."""
    return next((str(one["id"]) for one in site_fields if _kind(one) == _EPIC_LINK_KIND), None)


def _pinned(where: str, wanted: str, site_fields: Sequence[SiteField]) -> list[SiteField]:
    if wanted == AUTO:
        return []
    found = [one for one in site_fields if one["id"] == wanted]
    if not found:
        raise SettingsError(f"{where}: the site has no field {wanted!r}; write auto, or the id of one it has")
    return found


def _kind(site_field: SiteField) -> str:
    return str((site_field.get("schema") or {}).get("custom"))


def _is_points(site_field: SiteField) -> bool:
    """By kind where it has one of its own; the older field is a plain number that only its name tells."""
    names = (site_field.get("name"), site_field.get("untranslatedName"))
    return _kind(site_field) == _ESTIMATE_KIND or (_kind(site_field) == _NUMBER_KIND and _POINTS_NAME in names)


def _active(raw: Any) -> Value:
    return next((one["name"] for one in _sprints(raw) if one["state"].lower() == "active"), None)


def _sprints(raw: Any) -> list[dict[str, str]]:
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise ValueError("not a list of sprints")
    return [_sprint(one) for one in raw]


def _sprint(raw: Any) -> dict[str, str]:
    members = _members(raw) if isinstance(raw, str) else raw
    if not isinstance(members, dict) or not {"id", "name", "state"} <= members.keys():
        raise ValueError(f"a sprint without id, name and state: {raw!r:.200}")
    return {name: to_text(members[name]) for name in ("id", "name", "state")}


def _members(text: str) -> dict[str, str]:
    """`...Sprint@1a2b[id=7,state=ACTIVE,name=Tết, 1]`, as older data centers write a sprint."""
    inside = _IN_BRACKETS.search(text)
    parts = _MEMBER.split(inside[1] if inside else "")
    return dict(zip(parts[1::2], parts[2::2], strict=True))
