"""The `jira` package's client. It signs in and knows the addresses of searches; all the rest is ours."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import requests
from jira import JIRA

from connectors.jira.answers import Json, Params, SignIn
from okr_sync.connector import Vitals
from okr_sync.http import CONNECT_SECONDS, READ_SECONDS, Faults, is_json, server_time
from okr_sync.http.headers import request_budget


class Client(JIRA):
    """The package's client, with a few of its habits changed."""

    def __init__(self, sign_in: SignIn, api: str, faults: Faults, deployment: str) -> None:
        super().__init__(
            options={"server": sign_in.url, "rest_api_version": api, "headers": {"User-Agent": "okr-sync"}},
            basic_auth=(sign_in.email, sign_in.token) if sign_in.email is not None else None,
            token_auth=sign_in.token if sign_in.email is None else None,
            get_server_info=False,
            max_retries=0,  # its waits end before the time that Retry-After asks for
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            logging=False,  # it writes whole answers into the log
        )
        self.deploymentType = deployment  # it would spend a request to find out
        self.answered_at: datetime | None = None
        self.vitals = Vitals()
        self._faults = faults
        self._session.max_redirects = 0
        self._session.hooks["response"].append(self._look_at)

    @property
    def _fields_cache(self) -> dict[str, str]:
        """Empty. The package would replace the ids we ask for by those of custom fields that are called like them."""
        return {}

    def get_any(self, url: str, params: Params) -> Any:
        return self._session.get(url, params=params).json()

    def post_any(self, url: str, body: Json) -> Any:
        return self._session.post(url, data=json.dumps(body)).json()

    def _look_at(self, response: requests.Response, **_: object) -> None:
        time, budget = server_time(response.headers), request_budget(response.headers)
        self.answered_at = time or self.answered_at
        difference = self.vitals.clock_difference if time is None else time - self._faults.clock()
        self.vitals = Vitals(difference, budget or self.vitals.budget)
        if response.status_code == requests.codes.ok and not is_json(response.headers):
            seen = response.headers.get("Content-Type") or "nothing"
            response.close()
            raise self._faults.of_content(f"GET {response.url.partition('?')[0]}", seen)
