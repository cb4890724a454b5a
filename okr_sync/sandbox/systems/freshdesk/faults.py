"""What can go wrong with Freshdesk alone. Its lists have no envelope, so `rewritten` does not fit them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from okr_sync.sandbox.faults import Answer, Call, Deed, Forward
from okr_sync.sandbox.http import to_json

Tickets = list[dict[str, Any]]
_MORE = (b"link", b'<https://agency.freshdesk.com/api/v2/tickets?page=2>; rel="next"')


def changed(change: Callable[[Tickets], Tickets], *, says_more: bool = False) -> Deed:
    """`change` makes something else of a page of tickets; with `says_more`, its header speaks of another one."""

    async def deed(_: Call, forward: Forward) -> Answer:
        whole = await forward()
        headers = tuple((name, value) for name, value in whole.headers if name not in (b"content-length", b"link"))
        kept = tuple(one for one in whole.headers if one[0] == b"link")
        tickets = change(json.loads(whole.body))
        return replace(whole, headers=(*headers, *((_MORE,) if says_more else kept)), body=to_json(tickets).encode())

    return deed


def empty_page() -> Deed:
    """A page without tickets whose header says that more follow."""
    return changed(lambda _: [], says_more=True)


def endless() -> Deed:
    """Every page says that another one follows."""
    return changed(lambda tickets: tickets, says_more=True)


def without_statistics() -> Deed:
    return changed(lambda tickets: [{key: one[key] for key in one if key != "stats"} for one in tickets])
