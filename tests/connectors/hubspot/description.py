"""HubSpot's own descriptions of its API, and where they are known to be wrong.

They lie next to the repository, as `hubspot-crm-objects-v3.json` and `hubspot-crm-pipelines-v3.json` in
`../shared/specs`. There is none here of properties, associations and the account.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from tests.conformance import SPECS, Spec

OBJECTS, PIPELINES = "/crm/v3/objects/", "/crm/v3/pipelines/"


def is_described(path: str) -> bool:
    return path.startswith((OBJECTS, PIPELINES))


def hubspot(path: str) -> Spec:
    return _objects() if path.startswith(OBJECTS) else _pipelines()


@cache
def _objects() -> Spec:
    document = _document("objects")
    schemas = document["components"]["schemas"]
    # A property without a value is null, as the guide to the search shows.
    for name in ("SimplePublicObject", "SimplePublicObjectWithAssociations"):
        schemas[name]["properties"]["properties"]["additionalProperties"]["nullable"] = True
    # The guide leaves out what it does not need, and sorts by objects; the description wants all, and texts to sort by.
    search = schemas["PublicObjectSearchRequest"]
    search["required"] = ["filterGroups", "limit", "properties"]
    search["properties"]["sorts"]["items"] = {
        "type": "object",
        "required": ["propertyName", "direction"],
        "properties": {
            "propertyName": {"type": "string"},
            "direction": {"type": "string", "enum": ["ASCENDING", "DESCENDING"]},
        },
    }
    # A text such as crm.associations.NO_ASSOCIATIONS_FOUND, as the description of other errors has it.
    schemas["StandardError"]["properties"]["subCategory"] = {"type": "string"}
    return Spec(document)


@cache
def _pipelines() -> Spec:
    return Spec(_document("pipelines"))


def _document(name: str) -> Any:
    return json.loads((SPECS / f"hubspot-crm-{name}-v3.json").read_text("utf-8"))
