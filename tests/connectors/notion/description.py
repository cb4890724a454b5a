"""Notion's own description of its API, of the edition with data sources."""

from __future__ import annotations

import json
from functools import cache

import pytest

from tests.conformance import SPECS, Spec

FILE = SPECS / "notion-mcp-openapi.json"
needs_specs = pytest.mark.skipif(not FILE.exists(), reason="the vendor's description is not there")

_DIRECTION = {"type": "string", "enum": ["ascending", "descending"]}
_SORT = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "property": {"type": "string"},
        "timestamp": {"type": "string", "enum": ["created_time", "last_edited_time"]},
        "direction": _DIRECTION,
    },
    "required": ["direction"],
    "oneOf": [{"required": ["property"]}, {"required": ["timestamp"]}],
}


@cache
def notion() -> Spec:
    """It names no schema for most answers: those are held to the types of Notion's own client, in the tests."""
    document = json.loads(FILE.read_text("utf-8"))
    query = document["paths"]["/v1/data_sources/{data_source_id}/query"]["post"]
    # It says that a property answers with JSON, and leaves out which.
    item = document["paths"]["/v1/pages/{page_id}/properties/{property_id}"]["get"]
    item["responses"]["200"]["content"]["application/json"]["schema"] = {"type": "object"}
    # Notion's own client sorts by `timestamp` too (`QueryDataSourceBodyParameters` in makenotion/notion-sdk-js).
    document["components"]["schemas"]["sortObject"] = _SORT
    # The body has no closed list of members there; without one, a member that Notion refuses would pass.
    query["requestBody"]["content"]["application/json"]["schema"]["additionalProperties"] = False
    return Spec(document)
