"""What can go wrong with Lark alone. Each is an answer with JSON, whatever its HTTP status."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from okr_sync.sandbox.faults import Answer, Call, Deed, Forward, rewritten
from okr_sync.sandbox.http import Json, to_json


def failing(code: int, message: str, status: int = 200, reset: int | None = None, error: Json | None = None) -> Deed:
    """A failure with the vendor's code; `reset` is how many seconds its own header asks to wait."""
    headers = [(b"content-type", b"application/json; charset=utf-8")]
    if reset is not None:
        headers += [(b"x-ogw-ratelimit-limit", b"50"), (b"x-ogw-ratelimit-reset", str(reset).encode())]
    content: Json = {"code": code, "msg": message, **({} if error is None else {"error": error})}

    async def deed(_: Call, __: Forward) -> Answer:
        return Answer(status, tuple(headers), to_json(content).encode())

    return deed


def too_frequent(status: int = 200, reset: int | None = 2) -> Deed:
    """Over the limit: 429, and 400 or even 200 from older APIs."""
    return failing(99991400, "request trigger frequency limit", status, reset)


def not_ready() -> Deed:
    """Somebody's edits are still being worked out."""
    return failing(1254607, "Data not ready, please try again later", 400)


def expired_token() -> Deed:
    return failing(99991663, "Invalid access token for authorization.", 400)


def empty_token() -> Deed:
    """More pages follow, by a token that is empty."""
    return _changed(lambda _, data: data | {"has_more": True, "page_token": ""})


def repeated_token() -> Deed:
    """The page is followed by itself: its token is the one that it was asked for with."""

    def change(call: Call, data: Json) -> Json:
        asked = parse_qs(call.query).get("page_token")
        return data | ({} if asked is None else {"has_more": True, "page_token": asked[0]})

    return _changed(change)


def empty_page() -> Deed:
    """A page without records that still says that there are more."""
    return _changed(lambda _, data: data | {"items": None})


def fewer_records() -> Deed:
    """A page lacks its last record; the total still counts it."""
    return _changed(lambda _, data: data | {"items": _items(data)[:-1]})


def nothing() -> Deed:
    """No record, and no word about why."""
    return _changed(lambda _, __: {"has_more": False, "items": None, "total": 0})


def spoiled(cell: str, value: object) -> Deed:
    """The first record of the page has `value` in this cell."""

    def change(_: Call, data: Json) -> Json:
        items = _items(data)
        if not items:
            return data
        return data | {"items": [items[0] | {"fields": items[0]["fields"] | {cell: value}}, *items[1:]]}

    return _changed(change)


def _items(data: Json) -> list[Any]:
    items: Any = data.get("items") or []
    return list(items)


def _changed(change: Any) -> Deed:
    return rewritten(lambda call, content: content | {"data": change(call, content["data"])})
