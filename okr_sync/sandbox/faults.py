"""What may go wrong between a reader and a system, as a plan that a test writes down.

    faults = [Fault(too_many_requests(retry_after=2), path="/rest/api/3/search/jql", requests=(2, 3))]

The second and the third request to Jira's search are refused. What can go wrong with one vendor alone, such as a token
that is repeated, is in `okr_sync/sandbox/systems/<vendor>/faults.py`, and made by `rewritten`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from http import HTTPStatus

from okr_sync.sandbox.http import Json, to_json


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it arrived."""

    system: str
    method: str
    path: str
    query: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back; `sent` is how much of the body leaves before the connection is closed."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    sent: int | None = None

    @property
    def is_cut(self) -> bool:
        return self.sent is not None


Forward = Callable[[], Awaitable[Answer]]
"""Asks the system itself."""
Deed = Callable[[Call, Forward], Awaitable[Answer]]
"""One way to go wrong."""

NO_ANSWER = Answer(status=0, sent=0)
"""The connection is closed without a word."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A deed, and the requests it is done to."""

    deed: Deed
    path: str = ""
    """The beginning of the paths it concerns."""
    requests: Collection[int] | None = None
    """Which of those requests, counted from 1; without it, all of them."""
    system: str = ""
    """The system it concerns; without it, every one."""


def too_many_requests(retry_after: int | str | None, reason: str | None = None) -> Deed:
    """429. `retry_after` is in seconds, or a date as HTTP writes it; `reason` is Jira's, such as `jira-burst-based`."""
    headers = {"Retry-After": retry_after, "RateLimit-Reason": reason}
    return _refusal(
        HTTPStatus.TOO_MANY_REQUESTS,
        {name: str(value) for name, value in headers.items() if value is not None},
        "Rate limit exceeded",
    )


def server_error(status: int = HTTPStatus.INTERNAL_SERVER_ERROR) -> Deed:
    """Such as 500, 502 or 503, without a word about when to come back."""
    return _refusal(status, {}, HTTPStatus(status).phrase)


def cut_body(share: float = 0.5) -> Deed:
    """The connection breaks in the middle of the body."""

    async def deed(_: Call, forward: Forward) -> Answer:
        whole = await forward()
        return replace(whole, sent=int(len(whole.body) * share))

    return deed


def no_answer() -> Deed:
    """The connection is closed before a single byte was sent."""

    async def deed(_: Call, __: Forward) -> Answer:
        return NO_ANSWER

    return deed


def rewritten(change: Callable[[Call, Json], Json]) -> Deed:
    """The system answers with JSON, and `change` makes something else of it."""

    async def deed(call: Call, forward: Forward) -> Answer:
        whole = await forward()
        headers = tuple((name, value) for name, value in whole.headers if name != b"content-length")
        content = change(call, json.loads(whole.body))
        return replace(whole, headers=headers, body=to_json(content).encode())

    return deed


def meanwhile(happens: Callable[[], object]) -> Deed:
    """Somebody works in the system while the answer is on its way: `happens` is done right after it was written."""

    async def deed(_: Call, forward: Forward) -> Answer:
        whole = await forward()
        happens()
        return whole

    return deed


def refused(status: int = HTTPStatus.UNAUTHORIZED) -> Deed:
    """The credentials are refused: they were revoked, or never right."""
    return _refusal(status, {}, HTTPStatus(status).phrase)


def redirected(to: str) -> Deed:
    """The request is sent on to another address."""
    return _refusal(HTTPStatus.FOUND, {"Location": to}, "Found")


def web_page() -> Deed:
    """200 with a page for people, as a proxy or a login in between sends it."""

    async def deed(_: Call, __: Forward) -> Answer:
        html = b"<!doctype html><title>Log in</title><p>Please log in to continue.</p>"
        return Answer(HTTPStatus.OK, ((b"content-type", b"text/html;charset=UTF-8"),), html)

    return deed


def slow(seconds: float) -> Deed:
    """The answer takes its time: real time, not the agency's."""

    async def deed(_: Call, forward: Forward) -> Answer:
        await asyncio.sleep(seconds)
        return await forward()

    return deed


def _refusal(status: int, headers: dict[str, str], message: str) -> Deed:
    wire_headers = tuple((name.lower().encode(), value.encode()) for name, value in headers.items())
    answer = Answer(
        status, ((b"content-type", b"application/json"), *wire_headers), to_json({"errorMessages": [message]}).encode()
    )

    async def deed(_: Call, __: Forward) -> Answer:
        return answer

    return deed
