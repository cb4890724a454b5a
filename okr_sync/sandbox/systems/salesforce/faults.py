"""What can go wrong with Salesforce alone."""

from __future__ import annotations

import re

from okr_sync.sandbox.faults import Answer, Call, Deed, Forward, rewritten
from okr_sync.sandbox.http import Json, to_json


def refusal(status: int, code: str, message: str) -> Deed:
    """An error as Salesforce writes it: a list, and no word about when to come back."""
    body = to_json([{"message": message, "errorCode": code}]).encode()
    refused = Answer(status, ((b"content-type", b"application/json;charset=UTF-8"),), body)

    async def deed(_: Call, __: Forward) -> Answer:
        return refused

    return deed


def requests_used_up() -> Deed:
    return refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def too_many_at_once() -> Deed:
    return refusal(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")


def stale_query() -> Deed:
    return refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")


def slow_query() -> Deed:
    return refusal(400, "QUERY_TIMEOUT", "Your query request was running for too long.")


def expired_session() -> Deed:
    return refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")


def repeated_token() -> Deed:
    """A batch behind the first is followed by itself."""

    def change(call: Call, content: Json) -> Json:
        is_first = not call.path.rpartition("/")[2].startswith("01g")
        return content if is_first else content | {"done": False, "nextRecordsUrl": call.path}

    return rewritten(change)


def empty_batch() -> Deed:
    """A batch without records, as if they had never been."""
    return rewritten(lambda _, content: content | {"records": []})


def nothing_next() -> Deed:
    """More records follow, and it is not said where."""
    return rewritten(
        lambda _, content: (
            {name: value for name, value in content.items() if name != "nextRecordsUrl"} | {"done": False}
        )
    )


def failed_job() -> Deed:
    """The bulk job has failed."""
    return rewritten(
        lambda _, content: content | {"state": "Failed", "errorMessage": "InternalServerError : an internal error"}
    )


def spoiled_line(record_id: str) -> Deed:
    """One record of a bulk job's results has a day that no calendar has; nothing else is touched."""

    async def deed(_: Call, forward: Forward) -> Answer:
        whole = await forward()
        day = re.compile(rb"(?m)^([^\n]*" + record_id.encode() + rb"[^\n]*?)\d{4}-\d\d-\d\d(?=\"?,)")
        headers = tuple((name, value) for name, value in whole.headers if name != b"content-length")
        return Answer(whole.status, headers, day.sub(rb"\g<1>2026-02-30", whole.body))

    return deed


def lost_line() -> Deed:
    """A part of a bulk job's results ends before its last line."""

    async def deed(_: Call, forward: Forward) -> Answer:
        whole = await forward()
        lines = whole.body.splitlines(keepends=True)
        headers = tuple((name, value) for name, value in whole.headers if name != b"content-length")
        return Answer(whole.status, headers, b"".join(lines[:-1]))

    return deed
