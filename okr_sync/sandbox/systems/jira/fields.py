"""The fields of the agency's Jira: how the site describes them, and which of them a request asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from okr_sync.sandbox.catalog import PROJECTS
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.systems.jira.slas import SLAS

_SELECT = "com.atlassian.jira.plugin.system.customfieldtypes:select"
_TEXT = "com.atlassian.jira.plugin.system.customfieldtypes:textfield"
_FLOAT = "com.atlassian.jira.plugin.system.customfieldtypes:float"
_SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"
_EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"
_SLA = "com.atlassian.servicedesk:sd-sla-field"
_ESTIMATE = "com.pyxis.greenhopper.jira:jsw-story-points"


@dataclass(frozen=True, slots=True)
class JiraField:
    """A field as `GET /rest/api/3/field` lists it."""

    id: str
    name: str
    type: str
    items: str | None = None
    """The type of the elements of an array."""
    custom: str | None = None
    """The kind of a custom field; a system field has none."""
    clause_names: tuple[str, ...] = ()
    project: str | None = None
    """The only project that has the field, where that project is team-managed."""

    @property
    def schema(self) -> Json:
        schema: Json = {"type": self.type}
        if self.items is not None:
            schema["items"] = self.items
        if self.custom is None:
            return schema | {"system": self.id}
        return schema | {"custom": self.custom, "customId": int(self.id.removeprefix("customfield_"))}

    def described(self) -> Json:
        is_custom = self.custom is not None
        described: Json = {
            "id": self.id,
            "key": self.id,
            "name": self.name,
            "untranslatedName": self.name,
            "custom": is_custom,
            "orderable": True,
            "navigable": True,
            "searchable": True,
            "clauseNames": list(self.clause_names) or self._usual_clause_names(),
            "schema": self.schema,
        }
        if self.project is not None:
            described["scope"] = {"type": "PROJECT", "project": {"id": self.project}}
        return described

    def _usual_clause_names(self) -> list[str]:
        if self.custom is None:
            return [self.id]
        return [f"cf[{self.id.removeprefix('customfield_')}]", self.name]


FIELDS = (
    JiraField("summary", "Summary", "string"),
    JiraField("issuetype", "Issue Type", "issuetype", clause_names=("issuetype", "type")),
    JiraField("project", "Project", "project"),
    JiraField("status", "Status", "status"),
    JiraField("statusCategory", "Status Category", "statusCategory"),
    JiraField("statuscategorychangedate", "Status Category Changed", "datetime"),
    JiraField("resolution", "Resolution", "resolution"),
    JiraField("resolutiondate", "Resolved", "datetime", clause_names=("resolutiondate", "resolved")),
    JiraField("priority", "Priority", "priority"),
    JiraField("assignee", "Assignee", "user"),
    JiraField("reporter", "Reporter", "user"),
    JiraField("labels", "Labels", "array", items="string"),
    JiraField("parent", "Parent", "issuelink"),
    JiraField("created", "Created", "datetime", clause_names=("created", "createdDate")),
    JiraField("updated", "Updated", "datetime", clause_names=("updated", "updatedDate")),
    JiraField("duedate", "Due date", "date", clause_names=("due", "duedate")),
    JiraField("description", "Description", "string"),
    JiraField("customfield_10014", "Epic Link", "any", custom=_EPIC_LINK),
    JiraField("customfield_10016", "Story Points", "number", custom=_FLOAT),
    JiraField("customfield_10020", "Sprint", "array", items="json", custom=_SPRINT),
    JiraField("customfield_10031", "Story point estimate", "number", custom=_ESTIMATE),
    JiraField("customfield_10044", "Client", "option", custom=_SELECT),
    # Two fields of one name: only an id tells which of them is meant.
    JiraField("customfield_10050", "Region", "option", custom=_SELECT),
    JiraField("customfield_10061", "Region", "string", custom=_TEXT, project=PROJECTS[2].id),
    JiraField("customfield_10080", "Checklist", "option", custom=_SELECT),
    *(JiraField(sla.field_id, sla.name, "sd-servicelevelagreement", custom=_SLA) for sla in SLAS),
)
FIELD_IDS = tuple(field.id for field in FIELDS)


CLOUD_ONLY = frozenset({"statusCategory", "statuscategorychangedate"})
"""Fields that a data center has not."""


def asked_fields(asked: Sequence[str]) -> tuple[str, ...]:
    """The ids of the fields that a request's `fields` mean. Unknown ones are ignored, as by Jira."""
    shown: set[str] = set()
    for name in asked if any(not name.startswith("-") for name in asked) else ("*navigable", *asked):
        if name in ("*all", "*navigable"):
            shown.update(FIELD_IDS)
        elif name.startswith("-"):
            shown.discard(name[1:])
        else:
            shown.add(name)
    return tuple(field_id for field_id in FIELD_IDS if field_id in shown)


def find_fields(ids: Iterable[str]) -> list[JiraField]:
    wanted = set(ids)
    return [field for field in FIELDS if field.id in wanted]
