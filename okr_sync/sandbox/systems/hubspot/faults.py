"""What can go wrong with HubSpot alone."""

from __future__ import annotations

from typing import Any

from okr_sync.sandbox.faults import Answer, Call, Deed, Forward, rewritten
from okr_sync.sandbox.http import Json, to_json

SEARCH = "/search"


def limit_reached(policy: str) -> Deed:
    """429 without a word about when to come back. `policy` is SECONDLY, TEN_SECONDLY_ROLLING or DAILY."""
    return refusal(429, {"message": f"You have reached your {policy.lower()} limit.", "errorType": "RATE_LIMIT",
                         "category": "RATE_LIMITS", "policyName": policy})  # fmt: skip


def locked() -> Deed:
    return refusal(423, {"message": "This resource is locked.", "category": "LOCKED"})


def refusal(status: int, content: Json) -> Deed:
    body = to_json({"status": "error", "correlationId": "aeb5f871-7f07-4993-9211-075dc63e7cbf", **content}).encode()
    answer = Answer(status, ((b"content-type", b"application/json;charset=utf-8"),), body)

    async def deed(_: Call, __: Forward) -> Answer:
        return answer

    return deed


def repeated_page() -> Deed:
    """Every page of a search or a list is its first one."""
    first: list[Json] = []

    def change(_: Call, content: Json) -> Json:
        first.append(content)
        return first[0]

    return rewritten(change)


def empty_page() -> Deed:
    """A page without records that still says that there are more."""

    def change(call: Call, content: Json) -> Json:
        more: Json = {"total": 7} if call.path.endswith(SEARCH) else {}
        return content | more | {"results": [], "paging": {"next": {"after": "7", "link": "?after=7"}}}

    return rewritten(change)


def out_of_order() -> Deed:
    """The records of a page, last one first, as happens where they change while they are sorted."""

    def change(_: Call, content: Json) -> Json:
        results: Any = content["results"]
        return content | {"results": results[::-1]}

    return rewritten(change)
