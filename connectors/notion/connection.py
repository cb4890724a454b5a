"""The requests made to Notion, through the `notion-client` package.

The package signs in, names its version of the API and knows the addresses; retries, errors and counts are those of
`okr_sync.http`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import httpx
from notion_client import Client
from notion_client.errors import HTTPResponseError, InvalidPathParameterError, RequestTimeoutError

from okr_sync.connector import SettingsError, SourceError, Vitals
from okr_sync.http import CONNECT_SECONDS, READ_SECONDS, Faults, is_json, server_time
from okr_sync.http.headers import request_budget
from okr_sync.http.retry import retrying

VERSION = "2025-09-03"
"""The first one in which a database holds data sources."""
_ITEMS = 100
"""The most items of a property that Notion gives at a time."""


def _silent() -> logging.Logger:
    """A logger that nobody hears: the package's own prints, and repeats what an answer says."""
    logger = logging.Logger("notion")
    logger.addHandler(logging.NullHandler())
    return logger


class Connection:
    """One integration of one workspace. Every call raises the errors of `okr_sync.connector`."""

    def __init__(self, url: str, token: str, faults: Faults) -> None:
        self.request_count = 0
        self.server_time: datetime | None = None
        """Notion's own time when it last answered."""
        self.vitals = Vitals()
        self._url = url
        self._faults = faults
        self._http = httpx.Client(event_hooks={"response": [self._look_at]})
        self._client = Client(
            client=self._http,
            auth=token,
            base_url=url,
            notion_version=VERSION,
            retry=False,  # its waits end after a minute, whatever Retry-After asks for, and it never repeats a query
            logger=_silent(),
            log_level=logging.CRITICAL,
        )
        self._http.timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        self._http.headers["User-Agent"] = "okr-sync"

    def me(self) -> dict[str, Any]:
        return self._retried("GET users/me", self._client.users.me)

    def database(self, database: str) -> dict[str, Any]:
        return self._retried(f"GET databases/{database}", lambda: self._client.databases.retrieve(database))

    def data_source(self, data_source: str) -> dict[str, Any]:
        return self._retried(f"GET data_sources/{data_source}", lambda: self._client.data_sources.retrieve(data_source))

    def query(
        self, data_source: str, body: dict[str, Any], properties: Sequence[str], cursor: str | None
    ) -> dict[str, Any]:
        """One page of rows; `properties` are decoded ids, since httpx encodes them."""
        narrowed = {"filter_properties": list(properties)} if properties else {}
        return self._retried(
            f"POST data_sources/{data_source}/query",
            lambda: self._client.data_sources.query(data_source, **body, **narrowed, start_cursor=cursor),
        )

    def property_item(self, page: str, encoded_id: str, cursor: str | None) -> dict[str, Any]:
        """One property of one row, or a page of its items; the id is encoded, as Notion gives it."""
        return self._retried(
            f"GET pages/{page}/properties/{encoded_id}",
            lambda: self._client.pages.properties.retrieve(page, encoded_id, start_cursor=cursor, page_size=_ITEMS),
        )

    def close(self) -> None:
        self._client.close()

    def _look_at(self, response: httpx.Response) -> None:
        time, budget = server_time(response.headers), request_budget(response.headers)
        self.server_time = time or self.server_time
        difference = self.vitals.clock_difference if time is None else time - self._faults.clock()
        self.vitals = Vitals(difference, budget or self.vitals.budget)
        if response.is_success and not is_json(response.headers):
            request = f"{response.request.method} {response.request.url.copy_with(query=None)}"
            raise self._faults.of_content(request, response.headers.get("Content-Type") or "nothing")

    def _retried(self, request: str, call: Callable[[], Any]) -> dict[str, Any]:
        method, _, path = request.partition(" ")
        return retrying(lambda: self._once(f"{method} {self._url}/v1/{path}", call))

    def _once(self, request: str, call: Callable[[], Any]) -> dict[str, Any]:
        self.request_count += 1
        try:
            answer = call()
        except HTTPResponseError as error:
            raise self._refused(request, error) from None  # it holds the whole answer
        except RequestTimeoutError as error:
            is_slow = isinstance(error.__context__, httpx.ReadTimeout)
            detail = f"no answer in {READ_SECONDS:g} s" if is_slow else f"no connection in {CONNECT_SECONDS:g} s"
            raise self._faults.of_silence(request, detail, is_timeout=is_slow) from error
        except (InvalidPathParameterError, httpx.LocalProtocolError, httpx.UnsupportedProtocol):
            # Its text may quote the header with the credentials.
            raise SettingsError(
                f"source {self._faults.source}: {request}: the request cannot be written;"
                " check address and token for line breaks and other characters that do not belong there"
            ) from None
        except httpx.RemoteProtocolError as error:
            raise self._faults.of_silence(request, "the connection was closed before the whole answer came") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._faults.of_silence(request, f"no connection ({error})") from error
        except ValueError as error:
            raise self._faults.of_silence(request, "the answer was cut off") from error
        if not isinstance(answer, dict):
            raise self._faults.of_content(request, f"a JSON {type(answer).__name__}")
        return answer

    def _refused(self, request: str, error: HTTPResponseError) -> SourceError:
        try:
            body = json.loads(error.body) if is_json(error.headers) else None
        except ValueError:
            body = None
        return self._faults.of_answer(request, error.status, error.headers, body)
