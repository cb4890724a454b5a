"""Intercom's own description of its API."""

from __future__ import annotations

from functools import cache

import pytest
import yaml

from tests.conformance import SPECS, Spec

FILE = SPECS / "intercom-2.16.yaml"
needs_specs = pytest.mark.skipif(not FILE.exists(), reason="the vendor's description is not there")

NULLABLE = (
    # What has not happened yet is null, though the description knows no null there.
    *(
        f"conversation_statistics.{name}"
        for name in (
            "time_to_assignment", "time_to_admin_reply", "time_to_first_close", "time_to_last_close",
            "median_time_to_reply", "first_contact_reply_at", "first_assignment_at", "first_admin_reply_at",
            "first_close_at", "last_assignment_at", "last_assignment_admin_reply_at", "last_contact_reply_at",
            "last_admin_reply_at", "last_close_at", "last_closed_by_id", "handling_time",
        )
    ),
)  # fmt: skip
NULLABLE_OBJECTS = ("company", "ai_agent")
"""Marked as nullable beside a reference, where OpenAPI 3.0 does not look."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Leaves `=` and dates as the texts they are."""


for _tag in ("value", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", lambda loader, node: loader.construct_scalar(node))


@cache
def intercom() -> Spec:
    document = yaml.load(FILE.read_text("utf-8"), _Loader)  # noqa: S506 - a safe loader
    for name in NULLABLE_OBJECTS:
        document["components"]["schemas"][name]["nullable"] = True
    spec = Spec(document)
    spec.allow({}, NULLABLE)
    return spec
