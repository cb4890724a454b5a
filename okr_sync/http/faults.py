"""What went wrong with a request, as an error that says what the caller does next and holds no secret."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from textwrap import shorten
from urllib.parse import quote, urlsplit

from okr_sync.connector import AccessError, SettingsError, SourceError, UnavailableError, utc_now
from okr_sync.http.headers import seconds_to_wait

_CALM_DOWN = 420
"""Of no standard: some, such as Statuspage, say so for 429."""
_BUSY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS, _CALM_DOWN})
_OWN_WORDS = (
    "code", "error", "errors", "errorMessages", "title", "message", "description", "error_description", "detail",
)  # fmt: skip


class BusyError(UnavailableError):
    """Worth another try: no answer, a cut one, or one that says the source cannot answer now."""

    def __init__(self, text: str, *, wait_seconds: float | None = None, is_timeout: bool = False) -> None:
        super().__init__(text)
        self.wait_seconds = wait_seconds
        """How long the source asks to wait before the next request."""
        self.is_timeout = is_timeout
        """The answer took too long: asking for less may help, asking the same again may not."""


class ExpiredError(AccessError):
    """The credentials of a session ran out: new ones may be had with those that the project gives."""


class RefusedError(SettingsError):
    """The source refused the request itself: the answer's `status`, and `reason` in the source's own words."""

    def __init__(self, text: str, status: int, reason: str) -> None:
        super().__init__(text)
        self.status = status
        self.reason = reason


def secret_forms(user: str, password: str) -> tuple[str, ...]:
    """Every form in which HTTP Basic credentials could come back in a text."""
    return (b64encode(f"{user}:{password}".encode()).decode(), quote(password, safe=""), password)


def own_words(body: object) -> str:
    """The message in an error's body, in whichever of the usual members it is."""
    if isinstance(body, Mapping):
        known = {name: body[name] for name in _OWN_WORDS if name in body} or body
        return ": ".join(filter(None, map(own_words, known.values())))
    if isinstance(body, list):
        return ", ".join(filter(None, map(own_words, body)))
    return body.strip() if isinstance(body, str) else ""


@dataclass(frozen=True, slots=True)
class Faults:
    """Makes the errors of one source. `request` is always a method and an address, without its query."""

    source: str
    remedy: str
    """What a person does about refused credentials: where they are made, what they must allow."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    clock: Callable[[], datetime] = utc_now

    def of_answer(self, request: str, status: int, headers: Mapping[str, str], body: object) -> SourceError:
        """The error of an answer whose status is not 2xx; `body` is its JSON, if it had any."""
        reason = self._clean(own_words(body))
        what = f"{_title(status)}: {reason}" if reason else _title(status)
        if status in _BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return self._busy(request, status, headers, what)
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            verb = "credentials refused" if status == HTTPStatus.UNAUTHORIZED else "not allowed"
            return AccessError(self._text(request, f"{verb}, {what}; {self.remedy}"))
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            what += f" to {_host(headers.get('Location', ''))}, which is not followed; check the address of the source"
        elif status == HTTPStatus.NOT_FOUND:
            what += "; check the address of the source, and what its settings name"
        elif status == HTTPStatus.GONE:
            what += "; the vendor has removed this address: update okr-sync"
        return RefusedError(self._text(request, what), status, reason)

    def of_silence(self, request: str, detail: str, *, is_timeout: bool = False) -> BusyError:
        """The error of a request without a whole answer."""
        return BusyError(
            self._text(request, f"{detail}; check the address of the source and the network, or try again later"),
            is_timeout=is_timeout,
        )

    def of_content(self, request: str, seen: str, expected: str = "a JSON object") -> UnavailableError:
        """The error of a 2xx answer that is not what it should be."""
        return UnavailableError(
            self._text(
                request,
                f"answered with {seen} where {expected} was expected, as a log-in or maintenance page does;"
                " check the address of the source, or try again later",
            )
        )

    def _busy(self, request: str, status: int, headers: Mapping[str, str], what: str) -> BusyError:
        now = self.clock()
        wait = seconds_to_wait(headers, now)
        when = "later" if wait is None else f"after {now + timedelta(seconds=wait):%Y-%m-%d %H:%M:%S %Z}"
        return BusyError(
            self._text(request, f"{what}; try again {when}"),
            wait_seconds=wait,
            is_timeout=status == HTTPStatus.GATEWAY_TIMEOUT,
        )

    def _text(self, request: str, what: str) -> str:
        return self._clean(f"source {self.source}: {request}: {what}", 1000)

    def _clean(self, text: str, length: int = 300) -> str:
        for secret in filter(None, self.secrets):
            text = text.replace(secret, "***")
        return shorten(text, length, placeholder=" …")


def _host(location: str) -> str:
    """The host alone: an address may hold credentials before it and secrets behind it."""
    try:
        return urlsplit(location).hostname or "another address of the same host"
    except ValueError:
        return "something that is no address"


def _title(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
