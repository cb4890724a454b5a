"""What can go wrong with Asana alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from okr_sync.sandbox.faults import Answer, Call, Deed, Forward, rewritten
from okr_sync.sandbox.http import Json, to_json

Object = dict[str, Any]

_COMPACT = ("gid", "name", "resource_type")


def short_form() -> Deed:
    """Objects come as if no fields had been asked for."""
    return changed(lambda one: {key: one[key] for key in _COMPACT if key in one})


def without(field: str) -> Deed:
    """The token may not read this field: it is left out."""
    return changed(lambda one: {key: value for key, value in one.items() if key != field})


def changed(change: Callable[[Object], Object]) -> Deed:
    """Each object of a list is what `change` makes of it."""

    def every(_: Call, content: Json) -> Json:
        things: Any = content["data"]
        return content | {"data": [change(one) for one in things]}

    return rewritten(every)


def forgotten_offset() -> Deed:
    """The place in the list is not remembered any more. The first page of a list needs no place."""
    message = "offset: Your pagination token has expired."

    async def deed(call: Call, forward: Forward) -> Answer:
        if "offset" not in parse_qs(call.query):
            return await forward()
        content = {"errors": [{"message": message, "help": "https://developers.asana.com/docs/errors"}]}
        return Answer(400, ((b"content-type", b"application/json; charset=UTF-8"),), to_json(content).encode())

    return deed


def repeated_token() -> Deed:
    """The page is followed by itself: its offset is the one that it was asked for with."""

    def change(call: Call, content: Json) -> Json:
        asked = parse_qs(call.query).get("offset")
        return content if asked is None else content | {"next_page": {"offset": asked[0], "path": "", "uri": ""}}

    return rewritten(change)


def empty_page() -> Deed:
    """A page without objects, and where the next one is, again and again."""
    count = 0

    async def deed(_: Call, __: Forward) -> Answer:
        nonlocal count
        count += 1
        content = {"data": [], "next_page": {"offset": f"empty{count}", "path": "", "uri": ""}}
        return Answer(200, ((b"content-type", b"application/json; charset=UTF-8"),), to_json(content).encode())

    return deed


def spoiled(field: str, value: object) -> Deed:
    """The first object of each page has `value` in `field`."""

    def change(_: Call, content: Json) -> Json:
        things: Any = content["data"]
        return content | {"data": [{**things[0], field: value}, *things[1:]]} if things else content

    return rewritten(change)
