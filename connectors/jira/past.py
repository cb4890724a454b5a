"""What issues were before they became what they are: rebuilt from the changes that Jira remembers.

The newest change is undone first, each by what its field held before it. A field that never changed was always what it
is; one that changed from something that cannot be read back is missing before that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from connectors.jira.answers import Json
from connectors.jira.changelog import field_of
from connectors.jira.fields import IssueField
from connectors.jira.undone import Held, held_before
from connectors.jira.values import to_moment
from okr_sync.http.values import member

_KEYS = ("issuekey", "Key")


@dataclass(frozen=True, slots=True)
class Past:
    """How the changes of one site's issues are undone."""

    fields: Sequence[IssueField]
    """Those that are read: changes of others make no version."""
    site: Held

    def versions(self, issue: Json, histories: Iterable[Json]) -> list[Json]:
        """The issue as it was from its creation, and from each change on, oldest first; the present one is left out."""
        dated = sorted(((to_moment(one.get("created")), one) for one in histories), key=lambda pair: pair[0])
        found: list[tuple[datetime, Json]] = []
        state = issue
        for moment, history in reversed(dated):
            before = self._before(state, history.get("items") or [])
            if before is not state and not (found and found[-1][0] == moment):
                found.append((moment, state))
            state = before
        found.append((to_moment(issue["fields"]["created"]), state))
        found.reverse()
        versions = [_from(moment, version) for moment, version in found]
        _set_times(versions, issue)
        present_since = to_moment(issue["fields"]["updated"])
        return [one for (moment, _), one in zip(found, versions, strict=True) if moment < present_since]

    def _before(self, issue: Json, items: Sequence[Json]) -> Json:
        """The issue before these changes: the same object where nothing that is read changed."""
        fields, key = dict(issue["fields"]), issue.get("key")
        is_other = False
        for item in reversed(items):
            if (field_of(item) or item.get("field")) in _KEYS and item.get("fromString"):
                key = str(item["fromString"])
                fields["project"] = {**(fields.get("project") or {}), "key": key.rpartition("-")[0]}
                is_other = True
            for held in held_before(self.site, item, fields):
                if any(one.source_id == held.field_id for one in self.fields):
                    fields[held.field_id] = self._readable(held.field_id, held.raw)
                    is_other = True
        return {**issue, "key": key, "fields": fields} if is_other else issue

    def _readable(self, field_id: str, raw: Any) -> Any:
        try:
            for one in self.fields:
                if one.source_id == field_id:
                    one.read(raw)
        except (ValueError, OverflowError):
            return None
        return raw


def _from(moment: datetime, issue: Json) -> Json:
    return {**issue, "fields": {**issue["fields"], "updated": moment.isoformat()}}


def _set_times(versions: Sequence[Json], present: Json) -> None:
    """When the resolution and the category of the status were last changed: no change says so, the others tell."""
    _set_time(versions, present, "resolutiondate", "resolution.name")
    _set_time(versions, present, "statuscategorychangedate", "status.statusCategory.key")


def _set_time(versions: Sequence[Json], present: Json, field_id: str, path: str) -> None:
    """The time since which the value at `path` is what it is; of the last span, the site's own word for it."""
    if field_id not in present["fields"]:  # a data center does not tell the time of a category
        return
    since, last = None, None
    for version in versions:
        value = member(version["fields"], path)
        if value != last:
            since, last = version["fields"]["updated"], value
        version["fields"][field_id] = None if value is None else since
    now = member(present["fields"], path)
    for version in takewhile(lambda one: member(one["fields"], path) == now, reversed(versions)):
        version["fields"][field_id] = present["fields"].get(field_id)


def by_issue(logs: Iterable[Sequence[Any]]) -> Mapping[str, list[Json]]:
    """All changes of each issue: one issue's may be cut over two pages."""
    found: dict[str, list[Json]] = {}
    for page in logs:
        for one in page:
            found.setdefault(one.issue_id, []).extend(one.histories)
    return found
