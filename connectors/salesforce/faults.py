"""What Salesforce's errors mean. They come as a list of `{errorCode, message}`, whatever the status."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from okr_sync.connector import IncompleteError, SettingsError, SourceError, UnavailableError
from okr_sync.http import BusyError, Faults

if TYPE_CHECKING:
    from okr_sync.http.client import Judge, Reply

REMEDY = (
    "check domain, client_id and client_secret of the source, and in Salesforce that the external client app allows the"
    " client credentials flow with the scope api, and that the user it runs as may read the objects"
)
_USED_UP = (
    "the org has used up the API requests of its last 24 hours, which Salesforce counts for all programs together:"
    " see Setup > Company Information; the next run goes on"
)
_NO_SUCH = "correct the settings of the stream; the account may also lack the right to see it (field-level security)"
_TRY_AGAIN = frozenset({"QUERY_TIMEOUT", "SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW"})


class StaleQueryError(IncompleteError):
    """The place where a query stood is forgotten: it must be asked anew."""


def error_code(body: Any) -> str:
    """The first code of an error's body, or nothing."""
    first = body[0] if isinstance(body, list) and body else body
    return str(first.get("errorCode", "")) if isinstance(first, dict) else ""


def judge(faults: Faults) -> Judge:
    """Tells apart what has the same status."""
    used_up = replace(faults, remedy=_USED_UP)

    def judged(request: str, reply: Reply) -> SourceError | None:
        code = error_code(reply.body) if reply.status >= HTTPStatus.BAD_REQUEST else ""
        text = str(faults.of_answer(request, reply.status, reply.headers, reply.body)) if code else ""
        if code == "REQUEST_LIMIT_EXCEEDED":
            if "concurrent" in text.lower():
                return BusyError(text)
            return UnavailableError(str(used_up.of_answer(request, reply.status, reply.headers, reply.body)))
        if code in _TRY_AGAIN:
            return BusyError(text)
        if code == "INVALID_QUERY_LOCATOR":
            return StaleQueryError(text)
        return SettingsError(f"{text}; {_NO_SUCH}") if code in ("INVALID_FIELD", "INVALID_TYPE") else None

    return judged
