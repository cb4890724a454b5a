"""Faults as a person writes them for `okr-sync sandbox --fault`: `503@jira`, `429@hubspot/crm/v3#2,3`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from okr_sync.errors import OkrSyncError, nearest
from okr_sync.sandbox.faults import (
    Deed,
    Fault,
    cut_body,
    no_answer,
    refused,
    server_error,
    slow,
    too_many_requests,
    web_page,
)
from okr_sync.sandbox.systems import SYSTEMS

DEEDS: Mapping[str, Callable[[], Deed]] = {
    "401": refused,
    "429": lambda: too_many_requests(retry_after=5),
    "500": lambda: server_error(500),
    "502": lambda: server_error(502),
    "503": lambda: server_error(503),
    "504": lambda: server_error(504),
    "cut": cut_body,
    "silent": no_answer,
    "page": web_page,
    "slow": lambda: slow(5),
}
"""What can be done to requests: a status, an answer cut in the middle or none, a web page, five seconds of waiting."""
_FAULT = re.compile(r"(?P<deed>\w+)(@(?P<system>\w*)(?P<path>/[^#]*)?)?(#(?P<requests>\d+(,\d+)*))?")


def fault_of(text: str) -> Fault:
    """`DEED@SYSTEM/PATH#REQUESTS`, all but the deed optional: which system, how its paths begin, which of its requests.

    Raises:
        OkrSyncError: it is none.
    """
    found = _FAULT.fullmatch(text)
    if found is None or found["deed"] not in DEEDS:
        known = ", ".join(DEEDS)
        raise OkrSyncError(f"fault {text!r}: write one of {known}, and where: 503@jira/rest/api/3/search#2,3")
    system = found["system"] or ""
    if system and system not in SYSTEMS:
        raise OkrSyncError(f"fault {text!r}: there is no system {system!r}{nearest(system, SYSTEMS)}")
    requests = None if found["requests"] is None else [int(one) for one in found["requests"].split(",")]
    return Fault(DEEDS[found["deed"]](), found["path"] or "", requests, system)
