"""Sign in as an app, and say what the vendor's codes mean: an answer is a success where its `code` is 0, whatever its
HTTP status; failures come with 200, 400 and others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from okr_sync.connector import IncompleteError, SourceError
from okr_sync.http import ExpiredError, Faults

if TYPE_CHECKING:
    from okr_sync.http.client import Client, Reply

_TOKEN = "/open-apis/auth/v3/tenant_access_token/internal"  # noqa: S105 - a path
REMEDY = (
    "check domain, app_id and app_secret of the source; in the developer console the app needs a released version with"
    " the scopes of what is read (bitable:app:readonly for a Base, okr:okr:readonly for OKR), and in the Base itself"
    " it must be added under ... > More > Add document app"
)

_STATUSES: Mapping[int, HTTPStatus] = {
    **dict.fromkeys((99991400, 1254290), HTTPStatus.TOO_MANY_REQUESTS),
    # Being copied, written by somebody at the same time, not computed yet, internal errors: all pass.
    **dict.fromkeys(
        (1254036, 1254291, 1254607, 1255001, 1255002, 1255003, 1255004, 1255005), HTTPStatus.SERVICE_UNAVAILABLE
    ),
    1255040: HTTPStatus.GATEWAY_TIMEOUT,
    # Token missing, invalid, expired, malformed; app id or secret wrong.
    **dict.fromkeys((99991661, 99991663, 99991664, 99991668, 99991671, 99991677), HTTPStatus.UNAUTHORIZED),
    **dict.fromkeys((10003, 10014, 99991543), HTTPStatus.UNAUTHORIZED),
    # App switched off or not installed, scope not granted, no role in the Base, no right to the wiki page or to OKR.
    **dict.fromkeys((99991662, 99991672, 99991673, 99991676, 99991679), HTTPStatus.FORBIDDEN),
    **dict.fromkeys((91403, 1254302, 1254304, 1254306, 131006, 1001002), HTTPStatus.FORBIDDEN),
}
"""The HTTP statuses that the vendor's codes amount to. Other codes are refusals of the request itself."""
_ADVICE = {
    91402: "check app in the stream's settings",
    1254003: "check app in the stream's settings",
    1254040: "check app in the stream's settings",
    1254004: "check table in the stream's settings",
    1254041: "check table in the stream's settings",
    1254030: "set a smaller page_size for the stream",
}


class Session:
    """Gets tokens with a client of its own, so that what goes wrong with one never asks for another."""

    def __init__(self, client: Client, faults: Faults, app_id: str, app_secret: str) -> None:
        self.client = client
        self._faults = faults
        self._secrets = faults.secrets
        self._credentials = {"app_id": app_id, "app_secret": app_secret}

    def headers(self) -> Mapping[str, str]:
        """Those that a token of the tenant signs in with. It lives for half an hour at least, two at most.

        Raises:
            AccessError: app id or secret are refused.
        """
        token = self.client.post_json(_TOKEN, self._credentials).get("tenant_access_token")
        if not isinstance(token, str) or not token:
            raise self._faults.of_content(f"POST {_TOKEN}", "no tenant_access_token", "one")
        self._faults = replace(self._faults, secrets=(*self._secrets, token))
        return {"Authorization": f"Bearer {token}"}

    def judge(self, request: str, reply: Reply) -> SourceError | None:
        """The error that an answer's `code` means; without one, the usual rules hold."""
        error = judged(self._faults, request, reply)
        is_expired = error is not None and _status(reply) == HTTPStatus.UNAUTHORIZED
        return ExpiredError(str(error)) if is_expired else error


def judged(faults: Faults, request: str, reply: Reply) -> SourceError | None:
    """The error that an answer's `code` means, or `None`."""
    body = reply.body if isinstance(reply.body, dict) else {}
    code = body.get("code")
    if code == 0 and reply.status < HTTPStatus.BAD_REQUEST:
        return None
    if not isinstance(code, int):
        is_strange = reply.status < HTTPStatus.MULTIPLE_CHOICES and isinstance(reply.body, dict)
        return faults.of_content(request, "JSON without a code", "one of Lark's answers") if is_strange else None
    wait = reply.headers.get("x-ogw-ratelimit-reset") or reply.headers.get("Retry-After") or ""
    return faults.of_answer(request, _status(reply), {"Retry-After": wait}, _in_words(code, body))


def data_of(where: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The `data` of an answer.

    Raises:
        IncompleteError: it has none.
    """
    data = answer.get("data")
    if not isinstance(data, dict):
        raise IncompleteError(f"{where}: an answer without data; the next run reads it again")
    return data


def _status(reply: Reply) -> int:
    """A code that is not known, under a 2xx, is a refusal all the same."""
    code = reply.body.get("code") if isinstance(reply.body, dict) else None
    known = _STATUSES.get(code) if isinstance(code, int) else None
    return known or max(reply.status, HTTPStatus.BAD_REQUEST)


def _in_words(code: int, body: Mapping[str, Any]) -> dict[str, Any]:
    """What an error's body says, by the names that `Faults` looks for."""
    error = body.get("error")
    details: Mapping[str, Any] = error if isinstance(error, dict) else {}
    log_id = details.get("log_id")
    missing = [one.get("subject") for one in details.get("permission_violations") or [] if isinstance(one, dict)]
    return {
        "code": str(code),
        "message": body.get("msg"),
        "description": [*missing, _ADVICE.get(code, "")],
        "detail": f"log id {log_id}" if log_id else "",
    }
