"""A small HTTP client for JSON: retries, no redirects, no other host, errors that say what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from ssl import SSLContext
from typing import Any

import httpx

from okr_sync.connector import SettingsError, UnavailableError
from okr_sync.http.faults import BusyError, Faults
from okr_sync.http.headers import CONNECT_SECONDS, READ_SECONDS, is_json, server_time
from okr_sync.http.retry import always, retrying

_HEADERS = {"User-Agent": "okr-sync", "Accept": "application/json"}

Json = Any
"""A value parsed from JSON: nothing is known of it before a connector looks."""


class Client:
    """Reads JSON objects below `base_url`. Paths begin with `/`; a link of the same host may stand for one."""

    def __init__(
        self,
        base_url: str,
        faults: Faults,
        *,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self.request_count = 0
        self.server_time: datetime | None = None
        """The server's time when it last answered."""
        self._faults = faults
        self._read_seconds = read_seconds
        self._http = httpx.Client(
            base_url=base_url,
            auth=auth,
            headers={**_HEADERS, **(headers or {})},
            verify=_trusted(),
            timeout=httpx.Timeout(read_seconds, connect=CONNECT_SECONDS),
            follow_redirects=False,
        )

    def get_json(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        is_worth_it: Callable[[BusyError], bool] = always,
    ) -> dict[str, Json]:
        """The object that a GET answers with.

        Raises:
            SourceError: its subclass says what to do; retries are over, or `is_worth_it` refused one.
        """
        return retrying(lambda: self._answer("GET", path, params=params), is_worth_it)

    def post_json(self, path: str, body: Json) -> dict[str, Json]:
        """The object that a POST answers with. Only for reads, such as searches: it is repeated like a GET."""
        return retrying(lambda: self._answer("POST", path, body=body))

    def same_host(self, url: str) -> bool:
        """True if `url` leads to where this client's credentials belong."""
        there, here = httpx.URL(url), self._http.base_url
        return (there.scheme, there.host, there.port) == (here.scheme, here.host, here.port)

    def close(self) -> None:
        self._http.close()

    def _answer(
        self, method: str, path: str, *, params: Mapping[str, str | int] | None = None, body: Json = None
    ) -> dict[str, Json]:
        request = self._request(method, path, params, body)
        where = f"{method} {request.url.copy_with(query=None, fragment=None)}"
        response = self._send(where, request)
        self.server_time = server_time(response.headers) or self.server_time
        if not response.is_success:
            error_body = _parsed(response) if is_json(response.headers) else None
            raise self._faults.of_answer(where, response.status_code, response.headers, error_body)
        if not is_json(response.headers):
            raise self._faults.of_content(where, response.headers.get("Content-Type") or "nothing")
        answer = _parsed(response)
        if answer is None:
            raise self._faults.of_silence(where, "the answer was cut off")
        if not isinstance(answer, dict):
            raise self._faults.of_content(where, f"a JSON {type(answer).__name__}")
        return answer

    def _request(self, method: str, path: str, params: Mapping[str, str | int] | None, body: Json) -> httpx.Request:
        if httpx.URL(path).is_absolute_url and not self.same_host(path):
            raise UnavailableError(
                f"source {self._faults.source}: {self._http.base_url.host} sent a link to another host,"
                f" {httpx.URL(path).host!r}, which is not followed"
            )
        return self._http.build_request(method, path, params=params, json=body)

    def _send(self, where: str, request: httpx.Request) -> httpx.Response:
        self.request_count += 1
        try:
            return self._http.send(request)
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol):
            # Its text may quote the header with the credentials.
            raise SettingsError(
                f"source {self._faults.source}: {where}: the request cannot be written;"
                " check address and credentials for line breaks and other characters that do not belong there"
            ) from None
        except httpx.TimeoutException as error:
            is_slow = isinstance(error, httpx.ReadTimeout)
            detail = f"no answer in {self._read_seconds:g} s" if is_slow else f"no connection in {CONNECT_SECONDS:g} s"
            raise self._faults.of_silence(where, detail, is_timeout=is_slow) from error
        except httpx.RemoteProtocolError as error:
            raise self._faults.of_silence(where, "the connection was closed before the whole answer came") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._faults.of_silence(where, f"no connection ({error})") from error


@cache
def _trusted() -> SSLContext:
    """The certificates to trust, read once: it takes longer than making all the rest of a client."""
    return httpx.create_ssl_context()


def _parsed(response: httpx.Response) -> Json:
    try:
        return response.json()
    except ValueError:
        return None
