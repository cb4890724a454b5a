"""The ways in which HubSpot says no, beyond those that all say alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from okr_sync.connector import Budget, SourceError, UnavailableError
from okr_sync.http import BusyError, Faults
from okr_sync.http.headers import seconds_to_wait

if TYPE_CHECKING:
    from okr_sync.http.client import Judge, Reply

_TOO_MANY = 429
_BUSY = {423: "HubSpot has locked what was asked for", 477: "HubSpot is moving the account to another data centre"}
_ROLLING = "TEN_SECONDLY_ROLLING"
_ROLLING_SECONDS = 10.0
_DAILY = "DAILY"


def judge(faults: Faults, zone: Callable[[], str | None]) -> Judge:
    """`zone` gives the account's time zone, once it is known."""

    def judged(request: str, reply: Reply) -> SourceError | None:
        if reply.status in _BUSY:
            wait = seconds_to_wait(reply.headers, faults.clock())
            text = f"source {faults.source}: {request}: {reply.status}: {_BUSY[reply.status]}; try again later"
            return BusyError(text, wait_seconds=wait)
        if reply.status != _TOO_MANY or not isinstance(reply.body, Mapping):
            return None
        return _limited(faults, request, reply, zone())

    return judged


def _limited(faults: Faults, request: str, reply: Reply, zone: str | None) -> SourceError | None:
    """A 429 of the second is over soon; that of ten seconds is waited for; that of the day lasts until midnight."""
    policy = reply.body.get("policyName")
    if policy == _DAILY:
        where = "" if zone is None else f", {zone}"
        return UnavailableError(
            f"source {faults.source}: {request}: the requests that HubSpot allows the account in a day are used up;"
            f" it allows more after midnight in the time zone of the account{where}: sync again then, less often,"
            " or look for what else uses them up"
        )
    if policy != _ROLLING or "Retry-After" in reply.headers:
        return None
    error = faults.of_answer(request, reply.status, reply.headers, reply.body)
    if isinstance(error, BusyError):
        error.wait_seconds = _ROLLING_SECONDS
    return error


def budget(headers: Mapping[str, Any]) -> Budget | None:
    """The requests left of the day. Answers to a search do not say."""
    left, limit = (headers.get(f"X-HubSpot-RateLimit-Daily{end}", "") for end in ("-Remaining", ""))
    return Budget(int(left), int(limit) if limit.isdecimal() else None) if left.isdecimal() else None
