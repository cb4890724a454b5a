"""What Asana's refusals mean beyond their status."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from okr_sync.connector import AccessError, IncompleteError, SourceError
from okr_sync.http import Faults

if TYPE_CHECKING:
    from okr_sync.http.client import Judge, Reply

REMEDY = (
    "check token of the source, and what its person may see in Asana; personal access tokens are made at"
    " https://app.asana.com/0/my-apps"
)
_PLAN = (
    "the plan of the workspace does not include this: leave the stream, or its custom fields, out of the project,"
    " or ask whoever runs the workspace for another plan"
)


class PlanError(AccessError):
    """Asked for something that the workspace does not pay for."""


class StaleOffsetError(IncompleteError):
    """Asana has forgotten where a list stood, as it does after some minutes: the list must be read anew."""


def judge(faults: Faults) -> Judge:
    """Tells apart what a person must do something about and what only has to be asked anew."""

    def judged(request: str, reply: Reply) -> SourceError | None:
        if reply.status not in (HTTPStatus.BAD_REQUEST, HTTPStatus.PAYMENT_REQUIRED):
            return None
        error = faults.of_answer(request, reply.status, reply.headers, reply.body)
        if reply.status == HTTPStatus.PAYMENT_REQUIRED:
            return PlanError(f"{error}; {_PLAN}")
        return StaleOffsetError(str(error)) if "pagination token" in str(error) else None

    return judged
