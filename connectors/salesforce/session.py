"""Signing in: a token for the client credentials. It has no known end; when Salesforce refuses it, a new one is had."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from connectors.salesforce.faults import REMEDY
from okr_sync.connector import AccessError, Budget, SourceError
from okr_sync.http import Faults

if TYPE_CHECKING:
    from okr_sync.http.client import Reply

_TOKENS = "/services/oauth2/token"
_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")


class Session:
    """`user_id` is known once somebody has asked for headers.

    The answer also names the instance behind the address; My Domain answers for it, and no other host gets the token.
    """

    def __init__(self, url: str, client_id: str, client_secret: str, faults: Faults) -> None:
        self.request_count = 0
        self.user_id = ""
        self._url = url
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        self._faults = faults

    def headers(self) -> Mapping[str, str]:
        """What every request carries, with a new token.

        Raises:
            AccessError: the credentials are refused, or the flow is not allowed.
        """
        from okr_sync.http.client import Client, Habits  # noqa: PLC0415 - slow to import, see okr_sync.http

        # A client of its own: a refused sign-in must not try to renew itself.
        client = Client(self._url, self._faults, habits=Habits(self._judged))
        try:
            answer = client.post_form(_TOKENS, self._form)
        finally:
            self.request_count += client.request_count
            client.close()
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise AccessError(f"source {self._faults.source}: Salesforce signed in without a token; {REMEDY}")
        self.user_id = str(answer.get("id", "")).rpartition("/")[2]
        return {"Authorization": f"Bearer {token}"}

    def _judged(self, request: str, reply: Reply) -> SourceError | None:
        """Refused credentials have status 400, and another form than Salesforce's other errors."""
        if reply.status != HTTPStatus.BAD_REQUEST or not isinstance(reply.body, dict):
            return None
        words = {"error": reply.body.get("error"), "description": reply.body.get("error_description")}
        text = self._faults.of_answer(request, reply.status, reply.headers, words)
        return AccessError(f"{text}; credentials refused; {REMEDY}")


def request_budget(headers: Mapping[str, str]) -> Budget | None:
    """`Sforce-Limit-Info: api-usage=18/5000` counts what is used, of all programs, in the last 24 hours."""
    found = _USAGE.search(headers.get("Sforce-Limit-Info", ""))
    if found is None:
        return None
    used, limit = map(int, found.groups())
    return Budget(max(0, limit - used), limit)
