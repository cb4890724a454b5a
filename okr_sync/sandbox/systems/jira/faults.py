"""What can go wrong with Jira alone."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from okr_sync.sandbox.faults import Call, Deed, rewritten
from okr_sync.sandbox.http import Json


def repeated_token() -> Deed:
    """The page is followed by itself: its token is the one that it was asked for with."""

    def change(call: Call, content: Json) -> Json:
        asked = (
            json.loads(call.body or b"{}").get("nextPageToken") or parse_qs(call.query).get("nextPageToken", [None])[0]
        )
        return content | ({} if asked is None else {"nextPageToken": asked, "isLast": False})

    return rewritten(change)


def empty_page() -> Deed:
    """A page without issues that still says that there are more."""
    return rewritten(lambda _, content: content | {"issues": []})


def warnings(kind: str = "CLAUSE_LIMIT_EXCEEDED", message: str = "The query was cut short.") -> Deed:
    """Jira answers, and says besides that its answer is not the whole."""
    return rewritten(lambda _, content: content | {"warnings": [{"type": kind, "message": message, "details": {}}]})
