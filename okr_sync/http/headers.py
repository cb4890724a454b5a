"""How long to wait for an answer, and what its headers say where servers differ in how they say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from okr_sync.connector import Budget

_LEFT = ("X-RateLimit-Remaining", "X-Rate-Limit-Remaining", "RateLimit-Remaining")
_LIMIT = ("X-RateLimit-Limit", "X-Rate-Limit", "RateLimit-Limit")
CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
"""How long a client waits for a connection, and for the next part of an answer."""
_SECONDS = re.compile(r"\d+(\.\d+)?")
_SHORTEST_WAIT = 1.0
"""For `Retry-After: 0`, which some servers send while they go on refusing."""
_LONGEST_WAIT = 365 * 86400.0
"""For numbers that no calendar holds."""


def is_json(headers: Mapping[str, str]) -> bool:
    return "json" in headers.get("Content-Type", "").lower()


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """The server's own time, from `Date`."""
    return _http_date(headers.get("Date", ""))


def seconds_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long `Retry-After` asks to wait: given in seconds, or as a date (RFC 9110, 10.2.3); `None` without one.

    A date is compared with the server's own time where it gives it, and with `now` otherwise.
    """
    raw = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(raw):
        return _sane(float(raw))
    until = _http_date(raw)
    if until is None:
        return None
    return _sane((until - (server_time(headers) or now)).total_seconds())


def request_budget(headers: Mapping[str, str]) -> Budget | None:
    """How many requests are left, by the names that most vendors use; `None` where they are not there."""
    left = _whole(headers, _LEFT)
    return None if left is None else Budget(left, _whole(headers, _LIMIT))


def _whole(headers: Mapping[str, str], names: tuple[str, ...]) -> int | None:
    found = next((headers[name] for name in names if name in headers), "").strip()
    return int(found) if found.isdecimal() else None


def _sane(seconds: float) -> float:
    return min(_LONGEST_WAIT, max(_SHORTEST_WAIT, seconds))


def _http_date(raw: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(raw)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
