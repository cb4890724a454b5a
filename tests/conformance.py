"""Checks requests and answers against the vendors' own OpenAPI descriptions.

    jira().check_request("POST", "/rest/api/3/search/jql", body=request.content)
    jira().check_response("GET", "/rest/api/3/field", 200, response.content)

The descriptions lie next to the repository, in `../shared/specs`; `needs_specs` skips a test where they do not.
Where a description is known to be wrong, the exceptions below say so, with the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml
from jsonschema import Draft4Validator  # type: ignore[import-untyped]

SPECS = Path(__file__).parents[2] / "shared" / "specs"
JIRA_FILE = SPECS / "jira-platform-v3.2025-07.json"
ZENDESK_FILE = SPECS / "zendesk-support-oas.2026-05.yaml"
needs_specs = pytest.mark.skipif(not SPECS.exists(), reason="the vendors' descriptions are not there")

Schema = dict[str, Any]

JIRA_ADDED: Mapping[str, Schema] = {
    # In the description's own example, not in its schema.
    "FieldDetails.untranslatedName": {"type": "string"},
    # Experimental, and newer than the description of July 2025.
    "SearchAndReconcileResults.warnings": {"type": "array", "items": {"type": "object"}},
}
ZENDESK_ADDED: Mapping[str, Schema] = {
    # Sideloads are described in words only.
    "CursorBasedExportIncrementalTicketsResponse.metric_sets": {
        "type": "array",
        "items": {"$ref": "#/components/schemas/TicketMetricObject"},
    },
    "CursorBasedExportIncrementalTicketsResponse.users": {
        "type": "array",
        "items": {"$ref": "#/components/schemas/UserObject"},
    },
    "CursorBasedExportIncrementalTicketsResponse.groups": {
        "type": "array",
        "items": {"$ref": "#/components/schemas/GroupObject"},
    },
    "CursorBasedExportIncrementalTicketsResponse.organizations": {
        "type": "array",
        "items": {"$ref": "#/components/schemas/OrganizationObject"},
    },
    # The description has events of metrics here; what updates are made of is in the guide to the export alone.
    "ExportIncrementalTicketEventsResponse.ticket_events": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["id", "ticket_id", "timestamp", "updater_id", "event_type", "child_events"],
            "properties": {
                "id": {"type": "integer"},
                "ticket_id": {"type": "integer"},
                "timestamp": {"type": "integer"},
                "child_events": {"type": "array", "items": {"type": "object", "required": ["id", "event_type"]}},
            },
        },
    },
    # The export shows deleted tickets, and says so in its guide.
    "TicketObject.status": {
        "type": "string",
        "enum": ["new", "open", "pending", "hold", "solved", "closed", "deleted"],
    },
}
ZENDESK_NULLABLE = (
    # What a ticket need not have is null, though the description knows no null there.
    *(
        f"TicketObject.{name}"
        for name in (
            "assignee_id", "external_id", "forum_topic_id", "group_id", "organization_id", "priority", "problem_id",
            "recipient", "ticket_form_id", "type",
        )
    ),
    "TicketObject.custom_fields[].value",
    # What has not happened yet is null.
    *(
        f"TicketMetricObject.{name}"
        for name in ("assigned_at", "assignee_updated_at", "initially_assigned_at", "solved_at")
    ),
    "TicketMetricTimeObject.business",
    "TicketMetricTimeObject.calendar",
    # Nobody need be assigned to a ticket that is rated, and nothing need be written with a rating.
    *(f"SatisfactionRatingObject.{name}" for name in ("assignee_id", "comment", "group_id", "reason")),
    # The anonymous user has no id.
    "UserForAdmin.id",
    "UserForEndUser.id",
)  # fmt: skip
ZENDESK_PARAMETERS: Mapping[str, Mapping[str, Schema]] = {
    # Described in the export's guide, missing in the list of parameters.
    "/api/v2/incremental/tickets/cursor": {
        "per_page": {"type": "integer"},
        "include": {"type": "string"},
        "exclude_deleted": {"type": "boolean"},
    },
    # Described in words: how to page by cursor, and what ratings may be filtered by.
    "/api/v2/incremental/ticket_metric_events": {
        "page[size]": {"type": "integer", "maximum": 100},
        "page[after]": {"type": "string"},
    },
    "/api/v2/satisfaction_ratings": {
        "start_time": {"type": "integer"},
        "end_time": {"type": "integer"},
        "page[size]": {"type": "integer", "maximum": 100},
        "page[after]": {"type": "string"},
    },
}
# The description requires it of every request; with a cursor it is left out, as the guide says.
OPTIONAL_PARAMETERS = {"start_time"}

_KEPT = (
    "type", "enum", "required", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems",
)  # fmt: skip
_REFERENCE = "#/components/schemas/"


class Spec:
    """One vendor's description."""

    def __init__(
        self, document: Mapping[str, Any], parameters: Mapping[str, Mapping[str, Schema]] | None = None
    ) -> None:
        self._paths: Mapping[str, Any] = document["paths"]
        self._components: Mapping[str, Any] = document["components"]
        self._parameters = parameters or {}
        self._definitions: dict[str, Schema] = {}

    def allow(self, added: Mapping[str, Schema], nullable: Iterable[str] = ()) -> None:
        """Correct the description: properties it lacks, and such as may be null."""
        for place, schema in added.items():
            owner, _, name = place.rpartition(".")
            self._components["schemas"][owner]["properties"][name] = schema
        for place in nullable:
            self._schema_at(place)["nullable"] = True

    def check_request(self, method: str, path: str, query: str = "", body: bytes | str = b"") -> None:
        """Raises AssertionError where the description knows no such request."""
        template, operation = self._operation(method, path)
        self._check_query(template, operation, query)
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            assert not body, f"{method} {path} takes no body, got {body!r}"
        else:
            self._check(content["schema"], json.loads(body), f"{method} {path}: body")

    def check_response(self, method: str, path: str, status: int, body: bytes | str) -> None:
        """Raises AssertionError where the answer is not as described; a status without a schema is not looked at."""
        _, operation = self._operation(method, path)
        content = operation["responses"].get(str(status), {}).get("content", {}).get("application/json")
        if content is not None:
            self._check(content["schema"], json.loads(body), f"{method} {path}: {status}")

    def check(self, name: str, value: object) -> None:
        """Raises AssertionError where `value` is not a `name`, a schema of the description."""
        self._check({"$ref": _REFERENCE + name}, value, name)

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        plain = path.removesuffix(".json")
        for template in sorted(self._paths, key=lambda one: one.count("{")):
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), plain):
                described = self._paths[template]
                if method.lower() in described:
                    operation = dict(described[method.lower()])
                    operation["parameters"] = [*described.get("parameters", ()), *operation.get("parameters", ())]
                    return template, operation
        raise AssertionError(f"the vendor describes no {method} {path}")

    def _check_query(self, template: str, operation: Mapping[str, Any], query: str) -> None:
        described = [self._resolved(one) for one in operation["parameters"]]
        known = {one["name"]: one["schema"] for one in described if one["in"] == "query"}
        known |= self._parameters.get(template, {})
        sent = parse_qs(query, keep_blank_values=True)
        required = {one["name"] for one in described if one["in"] == "query" and one.get("required")}
        missing = required - set(sent) - OPTIONAL_PARAMETERS
        assert not missing, f"{template}: {sorted(missing)} missing in {query!r}"
        for name, values in sent.items():
            assert name in known, f"{template}: no parameter {name!r}; known are {sorted(known)}"
            for value in values:
                self._check(known[name], _typed(known[name], value), f"{template}: {name}")

    def _resolved(self, parameter: Mapping[str, Any]) -> Mapping[str, Any]:
        reference = parameter.get("$ref")
        if reference is None:
            return parameter
        resolved: Mapping[str, Any] = self._components["parameters"][reference.rpartition("/")[2]]
        return resolved

    def _check(self, schema: Schema, value: object, where: str) -> None:
        validator = Draft4Validator({**self._converted(schema), "definitions": self._definitions})
        errors = [f"{where}{error.json_path[1:]}: {error.message}" for error in validator.iter_errors(value)]
        assert not errors, "\n".join(errors[:5])

    def _converted(self, schema: Schema) -> Schema:
        """A schema of OpenAPI 3.0 in the words of JSON Schema, with what it refers to among the definitions."""
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(_REFERENCE)
            if name not in self._definitions:
                self._definitions[name] = {}
                self._definitions[name] = self._converted(self._components["schemas"][name])
            return {"$ref": f"#/definitions/{name}"}
        converted: Schema = {key: schema[key] for key in _KEPT if key in schema}
        if "properties" in schema:
            converted["properties"] = {name: self._converted(one) for name, one in schema["properties"].items()}
        for key in ("items", "additionalProperties", "not"):
            if key in schema:
                converted[key] = self._converted(schema[key]) if isinstance(schema[key], dict) else schema[key]
        for key in ("allOf", "anyOf", "oneOf"):
            if key in schema:
                converted[key] = [self._converted(one) for one in schema[key]]
        return {"anyOf": [converted, {"type": "null"}]} if schema.get("nullable") else converted

    def _schema_at(self, place: str) -> Schema:
        """`Ticket.custom_fields[].value`: a schema's property, an array's items, a property of these."""
        name, *steps = place.split(".")
        schema: Schema = self._components["schemas"][name]
        for step in steps:
            schema = schema["properties"][step.removesuffix("[]")]
            schema = schema["items"] if step.endswith("[]") else schema
        return schema


def _typed(schema: Schema, text: str) -> object:
    """A query parameter's text as the type that its schema wants, where it is written as one."""
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if schema.get("type") == "boolean" and text in ("true", "false"):
        return text == "true"
    return text.split(",") if schema.get("type") == "array" else text


@cache
def jira() -> Spec:
    spec = Spec(json.loads(JIRA_FILE.read_text("utf-8")), parameters={})
    spec.allow(JIRA_ADDED)
    return spec


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Leaves `=` and dates as the texts they are."""


for _tag in ("value", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", lambda loader, node: loader.construct_scalar(node))


@cache
def zendesk() -> Spec:
    spec = Spec(yaml.load(ZENDESK_FILE.read_text("utf-8"), _Loader), ZENDESK_PARAMETERS)  # noqa: S506 - a safe loader
    spec.allow(ZENDESK_ADDED, ZENDESK_NULLABLE)
    return spec
