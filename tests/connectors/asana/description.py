"""Asana's own description of its API."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import yaml

from tests.conformance import SPECS, Spec

FILE = SPECS / "asana_oas.yaml"
needs_specs = pytest.mark.skipif(not FILE.exists(), reason="the vendor's description is not there")
API = "/api/1.0"
"""Paths of the description begin behind it."""

UNNAMED = {
    # The name of a project's owner is there for the asking, as every other person's is.
    "owner": "owner.name",
    # Projects, portfolios and goals have these values as tasks do, of which alone the description names them.
    "custom_fields.multi_enum_values.name": "custom_fields.people_value.name",
    "custom_fields.text_value": "custom_fields.reference_value.name",
}
"""What `opt_fields` may name besides, wherever it may name the key."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Leaves `=` and dates as the texts they are."""


for _tag in ("value", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", lambda loader, node: loader.construct_scalar(node))


@cache
def asana() -> Spec:
    document = yaml.load(FILE.read_text("utf-8"), _Loader)  # noqa: S506 - a safe loader
    for path in document["paths"].values():
        for parameter in path.get("get", {}).get("parameters", ()):
            if parameter.get("name") == "opt_fields":
                wishes = parameter["schema"]["items"]["enum"]
                wishes += [further for known, further in UNNAMED.items() if known in wishes]
    return Spec(_with_nulls(document))


def _with_nulls(thing: Any) -> Any:
    """`allOf` of a person and something nullable means a person or null; read by the letter, it allows no null."""
    if isinstance(thing, list):
        return [_with_nulls(one) for one in thing]
    if not isinstance(thing, dict):
        return thing
    parts = thing.get("allOf")
    if isinstance(parts, list) and any(part.get("nullable") for part in parts):
        kept = [{key: value for key, value in part.items() if key != "nullable"} for part in parts]
        thing = {**thing, "allOf": kept, "nullable": True}
    return {key: _with_nulls(value) for key, value in thing.items()}
