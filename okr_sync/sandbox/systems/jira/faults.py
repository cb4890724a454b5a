"""What can go wrong with Jira alone."""

from __future__ import annotations

import json
from http import HTTPStatus
from itertools import count
from typing import Any
from urllib.parse import parse_qs

from okr_sync.sandbox.faults import Answer, Call, Deed, Forward, rewritten
from okr_sync.sandbox.http import Json, to_json


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


def endless_pages() -> Deed:
    """Pages without issues, each followed by another one."""
    tokens = count(1)

    async def deed(_: Call, __: Forward) -> Answer:
        content = {"issues": [], "nextPageToken": f"page-{next(tokens)}", "isLast": False}
        return Answer(HTTPStatus.OK, ((b"content-type", b"application/json"),), to_json(content).encode())

    return deed


def sla_error(field_id: str) -> Deed:
    """Jira could not work out an SLA of the first request on the page."""

    def change(_: Call, content: Json) -> Json:
        issues: Any = content["issues"]
        broken = issues[0]["fields"] | {field_id: {"errorMessage": "The SLA could not be calculated."}}
        return content | {"issues": [issues[0] | {"fields": broken}, *issues[1:]]}

    return rewritten(change)


def warnings(kind: str = "CLAUSE_LIMIT_EXCEEDED", message: str = "The query was cut short.") -> Deed:
    """Jira answers, and says besides that its answer is not the whole."""
    return rewritten(lambda _, content: content | {"warnings": [{"type": kind, "message": message, "details": {}}]})
