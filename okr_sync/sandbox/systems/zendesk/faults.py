"""What can go wrong with Zendesk alone."""

from __future__ import annotations

from urllib.parse import parse_qs

from okr_sync.sandbox.faults import Answer, Call, Deed, Forward, rewritten, server_error
from okr_sync.sandbox.http import Json

_LARGEST_PAGE = 1000


def gateway_timeout(above: int) -> Deed:
    """504 for every page of more than `above` records, as Zendesk answers where a page takes it too long."""
    refusal = server_error(504)

    async def deed(call: Call, forward: Forward) -> Answer:
        size = int(parse_qs(call.query).get("per_page", [str(_LARGEST_PAGE)])[0])
        return await (refusal(call, forward) if size > above else forward())

    return deed


def repeated_token() -> Deed:
    """The page is followed by itself: its cursor is the one that it was asked for with."""

    def change(call: Call, content: Json) -> Json:
        asked = parse_qs(call.query).get("cursor")
        return content | ({} if asked is None else {"after_cursor": asked[0], "end_of_stream": False})

    return rewritten(change)


def empty_page() -> Deed:
    """A page without tickets that still says that there are more."""
    return rewritten(lambda _, content: content | {"tickets": [], "metric_sets": [], "end_of_stream": False})
