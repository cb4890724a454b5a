"""A small HTTP client for JSON: retries, no redirects, no other host, errors that say what to do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from http import HTTPStatus
from ssl import SSLContext
from typing import Any

import httpx

from okr_sync.connector import Budget, SettingsError, SourceError, UnavailableError, Vitals
from okr_sync.http.faults import BusyError, ExpiredError, Faults
from okr_sync.http.headers import CONNECT_SECONDS, READ_SECONDS, is_json, request_budget, server_time
from okr_sync.http.retry import always, retrying

_HEADERS = {"User-Agent": "okr-sync", "Accept": "application/json"}

Json = Any
"""A value parsed from JSON: nothing is known of it before a connector looks."""
Params = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was taken: `body` is its JSON, or its text where a text was asked for."""

    status: int
    headers: Mapping[str, str]
    body: Json


Judge = Callable[[str, Reply], SourceError | None]
"""What a vendor's own way to say no means: given the request, without its query, and the answer, whatever its status.

`None` leaves the answer to the usual rules.
"""


@dataclass(frozen=True, slots=True)
class Habits:
    """What one vendor does differently."""

    judge: Judge = lambda _request, _reply: None
    renew: Callable[[], Mapping[str, str]] | None = None
    """Gives new headers to sign in with, once a request, after a 401 or an `ExpiredError` of the judge."""
    budget: Callable[[Mapping[str, str]], Budget | None] = request_budget
    """How its headers say how many requests are left."""


class Client:
    """Reads below `base_url`. Paths begin with `/`; a link of the same host may stand for one."""

    def __init__(
        self,
        base_url: str,
        faults: Faults,
        *,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        read_seconds: float = READ_SECONDS,
        habits: Habits | None = None,
    ) -> None:
        self.request_count = 0
        self.server_time: datetime | None = None
        """The server's time when it last answered."""
        self.vitals = Vitals()
        self._faults = faults
        self._read_seconds = read_seconds
        self._habits = habits or Habits()
        self._http = httpx.Client(
            base_url=base_url,
            auth=auth,
            headers={**_HEADERS, **(headers or {})},
            verify=_trusted(),
            timeout=httpx.Timeout(read_seconds, connect=CONNECT_SECONDS),
            follow_redirects=False,
        )

    def get_json(
        self, path: str, params: Params | None = None, is_worth_it: Callable[[BusyError], bool] = always
    ) -> dict[str, Json]:
        """The object that a GET answers with.

        Raises:
            SourceError: its subclass says what to do; retries are over, or `is_worth_it` refused one.
        """
        answer: dict[str, Json] = self.get(path, params, is_worth_it).body
        return answer

    def get(self, path: str, params: Params | None = None, is_worth_it: Callable[[BusyError], bool] = always) -> Reply:
        """The same with its headers."""
        return retrying(lambda: self._object("GET", path, params=params), is_worth_it)

    def get_any(self, path: str, params: Params | None = None) -> Reply:
        """The JSON that a GET answers with, whatever it is."""
        return retrying(lambda: self._json("GET", path, object, params=params))

    def get_list(self, path: str, params: Params | None = None) -> Reply:
        """The list that a GET answers with, and its headers, which often say where the next one is."""
        return retrying(lambda: self._json("GET", path, list, params=params))

    def get_text(self, path: str, params: Params | None = None, *, kinds: Collection[str]) -> Reply:
        """The text that a GET answers with; its content type must be one of `kinds`, such as `text/csv`."""
        return retrying(lambda: self._text(path, params, kinds))

    def post(self, path: str, body: Json, params: Params | None = None) -> Reply:
        """The JSON that a POST answers with, whatever it is. Only for reads, such as searches: it is repeated."""
        return retrying(lambda: self._json("POST", path, object, params=params, json=body))

    def post_json(self, path: str, body: Json, params: Params | None = None) -> dict[str, Json]:
        """The object that a POST answers with; again only for reads."""
        answer: dict[str, Json] = retrying(lambda: self._object("POST", path, params=params, json=body)).body
        return answer

    def post_form(self, path: str, form: Mapping[str, str]) -> dict[str, Json]:
        """The object that a POST of a form answers with, such as a token."""
        answer: dict[str, Json] = retrying(lambda: self._object("POST", path, data=form)).body
        return answer

    def url_of(self, path: str) -> httpx.URL:
        """The whole address that `path` stands for."""
        return self._http.build_request("GET", path).url

    def same_host(self, url: str) -> bool:
        """True if `url` leads to where this client's credentials belong."""
        there, here = httpx.URL(url), self._http.base_url
        return (there.scheme, there.host, there.port) == (here.scheme, here.host, here.port)

    def close(self) -> None:
        self._http.close()

    def _object(self, method: str, path: str, **parts: Any) -> Reply:
        return self._json(method, path, dict, **parts)

    def _json(self, method: str, path: str, expected: type, **parts: Any) -> Reply:
        where, reply, _ = self._taken(method, path, **parts)
        if not is_json(reply.headers):
            raise self._faults.of_content(where, reply.headers.get("Content-Type") or "nothing")
        if reply.body is None:
            raise self._faults.of_silence(where, "the answer was cut off")
        if not isinstance(reply.body, expected):
            raise self._faults.of_content(where, f"a JSON {type(reply.body).__name__}")
        return reply

    def _text(self, path: str, params: Params | None, kinds: Collection[str]) -> Reply:
        where, reply, response = self._taken("GET", path, params=params, headers={"Accept": ", ".join(kinds)})
        seen = reply.headers.get("Content-Type") or "nothing"
        if not any(kind in seen.lower() for kind in kinds):
            raise self._faults.of_content(where, seen, " or ".join(kinds))
        return replace(reply, body=response.text)

    def _taken(self, method: str, path: str, **parts: Any) -> tuple[str, Reply, httpx.Response]:
        """The answer, if it is one to take; where credentials ran out, they are renewed and it is asked for again.

        The body of a `Reply` is its JSON, parsed this one time, and `None` where it is none.
        """
        request = self._request(method, path, parts)
        where = f"{method} {request.url.copy_with(userinfo=b'', query=None, fragment=None)}"
        try:
            response = self._send(where, request)
            return where, self._judged(where, response), response
        except ExpiredError:
            if self._habits.renew is None:
                raise
            self._sign_in_with(self._habits.renew())
        response = self._send(where, self._request(method, path, parts))
        return where, self._judged(where, response), response

    def _sign_in_with(self, headers: Mapping[str, str]) -> None:
        """From now on; what is new in them is as secret as what it takes the place of."""
        self._http.headers.update(headers)
        tokens = tuple(one.rpartition(" ")[2] for one in headers.values())
        self._faults = replace(self._faults, secrets=(*self._faults.secrets, *tokens))

    def _judged(self, where: str, response: httpx.Response) -> Reply:
        self._note(response)
        body = _parsed(response) if is_json(response.headers) else None
        reply = Reply(response.status_code, response.headers, body)
        error = self._habits.judge(where, reply)
        if error is not None:
            raise error
        if response.is_success:
            return reply
        refusal = self._faults.of_answer(where, reply.status, reply.headers, body)
        if reply.status == HTTPStatus.UNAUTHORIZED and self._habits.renew is not None:
            raise ExpiredError(str(refusal))
        raise refusal

    def _note(self, response: httpx.Response) -> None:
        time, budget = server_time(response.headers), self._habits.budget(response.headers)
        self.server_time = time or self.server_time
        difference = self.vitals.clock_difference if time is None else time - self._faults.clock()
        self.vitals = Vitals(difference, budget or self.vitals.budget)

    def _request(self, method: str, path: str, parts: Mapping[str, Any]) -> httpx.Request:
        """Parameters join those that a path or a link has already; httpx by itself would drop the latter."""
        try:
            url = httpx.URL(path)
            url = url.copy_merge_params(parts["params"]) if parts.get("params") else url
        except httpx.InvalidURL:
            raise UnavailableError(
                f"source {self._faults.source}: {self._http.base_url.host} sent a link that is no address"
            ) from None
        if url.is_absolute_url and not self.same_host(path):
            raise UnavailableError(
                f"source {self._faults.source}: {self._origin(self._http.base_url)} sent a link to another host,"
                f" {self._origin(url)}, which is not followed"
            )
        return self._http.build_request(method, url, **{name: one for name, one in parts.items() if name != "params"})

    @staticmethod
    def _origin(url: httpx.URL) -> str:
        return f"{url.scheme}://{url.netloc.decode()}"

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
