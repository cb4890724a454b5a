"""What can go wrong with Intercom alone."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from okr_sync.sandbox.faults import Answer, Call, Deed, Forward, rewritten
from okr_sync.sandbox.http import Json, to_json


def wrong_region() -> Deed:
    """The token belongs to a workspace of another region, where this host knows nothing of it."""
    return _refused(401, "unauthorized", "Access Token Invalid")


def too_many_until(moment: datetime) -> Deed:
    """429 with the second at which the limit begins anew, and without `Retry-After`."""
    reset = (b"x-ratelimit-reset", str(int(moment.timestamp())).encode())
    return _refused(429, "rate_limit_exceeded", "Exceeded rate limit", reset)


def repeated_token() -> Deed:
    """The page is followed by itself: its cursor is the one that it was asked for with."""

    def change(call: Call, content: Json) -> Json:
        cursor = (json.loads(call.body).get("pagination") or {}).get("starting_after") if call.body else None
        return _followed(content, cursor) if cursor is not None else content

    return rewritten(change)


def empty_page() -> Deed:
    """A page without conversations that says that more follow."""
    return rewritten(lambda _, content: _followed({**content, "conversations": []}, "WzEsICIxIl0="))


def lost_cursor() -> Deed:
    """A page in the middle that does not say where the next one is."""

    def change(_: Call, content: Json) -> Json:
        pages: Any = content["pages"]
        return {**content, "pages": {key: pages[key] for key in pages if key != "next"}}

    return rewritten(change)


def _followed(content: Json, cursor: str) -> Json:
    pages: Any = content["pages"]
    return {**content, "pages": {**pages, "next": {"per_page": 20, "starting_after": cursor}}}


def _refused(status: int, code: str, message: str, *headers: tuple[bytes, bytes]) -> Deed:
    body = to_json({"type": "error.list", "request_id": None, "errors": [{"code": code, "message": message}]}).encode()
    refusal = Answer(status, ((b"content-type", b"application/json"), *headers), body)

    async def deed(_: Call, __: Forward) -> Answer:
        return refusal

    return deed
