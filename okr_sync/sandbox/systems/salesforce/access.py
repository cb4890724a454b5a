"""Who may ask, and how much: tokens that end, and an allowance of requests for 24 hours."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from okr_sync.sandbox.clock import Clock
from okr_sync.sandbox.http import RefusedError, answer, basic_credentials
from okr_sync.sandbox.systems.salesforce.answers import SalesforceError
from okr_sync.sandbox.systems.salesforce.company import BOT_ID
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id

CLIENT_ID, CLIENT_SECRET = "3MVG9-sandbox-okr-sync", "sandbox-salesforce"
ORG_ID = salesforce_id("Organization", 1)
_DAY = timedelta(hours=24)


class Access:
    def __init__(self, clock: Clock, url: str, lifetime: timedelta, daily_requests: int) -> None:
        self._clock = clock
        self._url = url
        self._lifetime = lifetime
        self._daily_requests = daily_requests
        self._tokens: dict[str, datetime] = {}
        self._calls: deque[datetime] = deque()

    @property
    def used_count(self) -> int:
        return len(self._calls)

    async def token(self, request: Request) -> Response:
        """Its errors are objects, unlike all others."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        client_id, secret = form.get("client_id"), form.get("client_secret")
        if request.headers.get("authorization", "").startswith("Basic "):
            client_id, secret = basic_credentials(request) or ("", "")
        if form.get("grant_type") != "client_credentials":
            raise _sign_in_error("unsupported_grant_type", "grant type not supported")
        if client_id != CLIENT_ID:
            raise _sign_in_error("invalid_client_id", "client identifier invalid")
        if secret != CLIENT_SECRET:
            raise _sign_in_error("invalid_client", "invalid client credentials")
        token = f"{ORG_ID[:15]}!sandbox.session.{len(self._tokens) + 1}"
        self._tokens[token] = now = self._clock.now()
        return answer(
            {
                "access_token": token,
                "signature": "c2FuZGJveA==",
                "scope": "api",
                "instance_url": self._url,
                "id": f"https://login.salesforce.com/id/{ORG_ID}/{BOT_ID}",
                "token_type": "Bearer",
                "issued_at": str(int(now.timestamp() * 1000)),
            }
        )

    def enter(self, request: Request) -> None:
        """Counts a request.

        Raises:
            RefusedError: its token is none, or has ended, or the allowance is used up.
        """
        now = self._clock.now()
        issued_at = self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if issued_at is None or now - issued_at >= self._lifetime:
            raise SalesforceError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        while self._calls and self._calls[0] <= now - _DAY:
            self._calls.popleft()
        if len(self._calls) >= self._daily_requests:
            raise SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self.count()

    def count(self) -> None:
        self._calls.append(self._clock.now())


def _sign_in_error(error: str, description: str) -> RefusedError:
    return RefusedError(400, {"error": error, "error_description": description})
