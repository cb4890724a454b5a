"""What can go wrong with Notion alone."""

from __future__ import annotations

import json
from typing import Any

from okr_sync.sandbox.faults import Answer, Call, Deed, Forward, rewritten
from okr_sync.sandbox.http import Json, to_json
from okr_sync.sandbox.systems.notion.errors import error_body


def rate_limited(retry_after: int) -> Deed:
    """429: the integration, or the workspace, sent too many requests."""
    body = error_body(429, "rate_limited", "Too many requests.")
    return _refusal(429, body | {"additional_data": {"rate_limit_reason": "integration"}}, retry_after)


def service_overload(retry_after: int) -> Deed:
    """529: Notion has too much to do."""
    return _refusal(529, error_body(529, "service_overload", "Notion has too much to do."), retry_after)


def repeated_cursor() -> Deed:
    """The page is followed by itself: its cursor is the one that it was asked for with."""

    def change(call: Call, content: Json) -> Json:
        asked = json.loads(call.body or b"{}").get("start_cursor")
        return content | ({} if asked is None else {"next_cursor": asked, "has_more": True})

    return rewritten(change)


def empty_page() -> Deed:
    """A page without rows that still says that there are more."""
    return rewritten(lambda _, content: content | {"results": [], "has_more": True})


def cut_short(reason: str = "query_result_limit_reached") -> Deed:
    """A page that ends the query, and says that it is not the whole."""
    status = {"type": "incomplete", "incomplete_reason": reason}
    return rewritten(lambda _, content: content | {"has_more": False, "next_cursor": None, "request_status": status})


def incomplete_rollups() -> Deed:
    """Rollups that Notion has not gone through to their ends."""

    def change(_: Call, content: Json) -> Json:
        pages: Any = content["results"]
        for value in (one for page in pages for one in page["properties"].values() if one["type"] == "rollup"):
            value["rollup"] = {"type": "incomplete", "incomplete": {}, "function": value["rollup"]["function"]}
        return content

    return rewritten(change)


def _refusal(status: int, body: Json, retry_after: int) -> Deed:
    headers = ((b"content-type", b"application/json"), (b"retry-after", str(retry_after).encode()))

    async def deed(_: Call, __: Forward) -> Answer:
        return Answer(status, headers, to_json(body).encode())

    return deed
