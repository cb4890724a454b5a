"""Atlassian's own description of REST v3, corrected where it is known to be wrong."""

from __future__ import annotations

import json
from functools import cache

from tests.conformance import JIRA_ADDED, JIRA_FILE, Spec

NULLABLE = (
    # What there was before a first value, or is after a last one, is null on every site; so are ids of plain texts.
    "ChangeDetails.from",
    "ChangeDetails.fromString",
    "ChangeDetails.to",
    "ChangeDetails.toString",
)


@cache
def described() -> Spec:
    spec = Spec(json.loads(JIRA_FILE.read_text("utf-8")))
    spec.allow(JIRA_ADDED, NULLABLE)
    return spec
