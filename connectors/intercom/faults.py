"""What Intercom says differently: when to come back, and how many requests are left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from okr_sync.connector import Budget, SourceError
from okr_sync.http import Faults, server_time
from okr_sync.http.headers import request_budget

if TYPE_CHECKING:
    from okr_sync.http.client import Judge, Reply

REMEDY = (
    "check token and region of the source: a token is refused in every region but its own; tokens are in Intercom's"
    " Developer Hub under the app's Authentication, and the app must be allowed to read conversations, admins and teams"
)


def judge(faults: Faults) -> Judge:
    """429 comes with the second at which the limit begins anew instead of `Retry-After`."""

    def judged(request: str, reply: Reply) -> SourceError | None:
        resets_at = _resets_at(reply.headers)
        if reply.status != HTTPStatus.TOO_MANY_REQUESTS or resets_at is None or "Retry-After" in reply.headers:
            return None
        now = server_time(reply.headers) or faults.clock()
        wait = max(1, int((resets_at - now).total_seconds()))
        return faults.of_answer(request, reply.status, {"Retry-After": str(wait)}, reply.body)

    return judged


def budget(headers: Mapping[str, str]) -> Budget | None:
    found = request_budget(headers)
    return None if found is None else replace(found, resets_at=_resets_at(headers))


def _resets_at(headers: Mapping[str, str]) -> datetime | None:
    text = headers.get("X-RateLimit-Reset", "").strip()
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and len(text) <= 11 else None
