"""The requests made to one Jira site. What the cloud and a data center do differently is in modules of their own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import ClassVar, TypeVar

import requests
from jira import JIRAError
from requests.exceptions import ChunkedEncodingError, ContentDecodingError, JSONDecodeError, TooManyRedirects

from connectors.jira.answers import Found, IssueHistory, Json, Params, SignIn
from connectors.jira.client import Client
from okr_sync.connector import IncompleteError, SettingsError, SourceError, Vitals
from okr_sync.http import CONNECT_SECONDS, READ_SECONDS, Faults, PageGuard, is_json
from okr_sync.http.retry import retrying

_T = TypeVar("_T")
_AGILE_PAGE = 50


class Site(ABC):
    """One Jira site. Every call raises the errors of `okr_sync.connector`."""

    api: ClassVar[str]
    """The version of the platform's REST API: 3."""
    deployment: ClassVar[str]
    """As the site's own server info calls it."""

    def __init__(self, sign_in: SignIn, faults: Faults) -> None:
        self.request_count = 0
        self.where = f"source {faults.source}"
        self._url = sign_in.url
        self._faults = faults
        self._client = Client(sign_in, self.api, faults, self.deployment)

    @abstractmethod
    def search(self, jql: str, fields: Sequence[str], token: str | None, size: int) -> Found:
        """One page of at most `size` issues, in an order that no change of an issue upsets."""

    @abstractmethod
    def approximate_count(self, jql: str) -> int | None:
        """About how many issues a search would give, where one request tells and its pages do not."""

    @abstractmethod
    def issues(self, ids: Sequence[str], fields: Sequence[str]) -> list[Json]:
        """The issues with these ids that exist and may be seen; at most 100."""

    @abstractmethod
    def histories(self, ids: Sequence[str]) -> Iterator[list[IssueHistory]]:
        """The changes of the issues with these ids, page by page; at most 1000 ids."""

    @abstractmethod
    def projects(self) -> Iterator[list[Json]]:
        """Every project that is not deleted, archived ones included."""

    @property
    def server_time(self) -> datetime | None:
        """The site's own time when it last answered."""
        return self._client.answered_at

    @property
    def vitals(self) -> Vitals:
        return self._client.vitals

    def myself(self) -> Json:
        return self._retried("GET", self.path("myself"), self._client.myself)

    def fields(self) -> list[Json]:
        return self._retried("GET", self.path("field"), self._client.fields)

    def path(self, name: str) -> str:
        return f"/rest/api/{self.api}/{name}"

    def get(self, path: str, params: Params | None = None) -> Json:
        """The object that a GET answers with."""
        return self._get(path, params or {}, dict)

    def get_list(self, path: str, params: Params | None = None) -> list[Json]:
        """The list that a GET answers with."""
        return self._get(path, params or {}, list)

    def post(self, path: str, body: Json) -> Json:
        """The object that a POST answers with. Only for reads: it is repeated."""
        return self._post(path, body, dict)

    def post_list(self, path: str, body: Json) -> list[Json]:
        """The list that a POST answers with; again only for reads."""
        return self._post(path, body, list)

    def values(self, path: str, params: Params | None = None, size: int = _AGILE_PAGE) -> Iterator[list[Json]]:
        """The pages of a list that is read by offset and says which page is its last one."""
        guard, start = PageGuard(f"{self.where}: {path}"), 0
        while True:
            page = self.get(path, {**(params or {}), "startAt": start, "maxResults": size})
            values = page.get("values")
            if not isinstance(values, list) or not isinstance(page.get("isLast"), bool):
                raise self._faults.of_silence(f"GET {self._url}{path}", "the answer has no values or no isLast")
            yield values
            if page["isLast"]:
                return
            start += len(values)
            guard.check(str(start), len(values))

    def close(self) -> None:
        self._client.close()  # type: ignore[no-untyped-call]

    def _get(self, path: str, params: Params, expected: type[_T]) -> _T:
        return self._typed("GET", path, expected, lambda: self._client.get_any(self._url + path, params))

    def _post(self, path: str, body: Json, expected: type[_T]) -> _T:
        return self._typed("POST", path, expected, lambda: self._client.post_any(self._url + path, body))

    def _typed(self, method: str, path: str, expected: type[_T], call: Callable[[], object]) -> _T:
        answer = self._retried(method, path, call)
        if not isinstance(answer, expected):
            raise self._faults.of_content(f"{method} {self._url}{path}", f"a JSON {type(answer).__name__}", "another")
        return answer

    def _with_issues(self, path: str, answer: object) -> Json:
        """The answer of a search. One without issues is cut, not empty."""
        if not isinstance(answer, dict) or not isinstance(answer.get("issues"), list):
            raise self._faults.of_silence(f"GET {self._url}{path}", "the answer has no issues")
        return answer

    def _incomplete(self, path: str, what: str) -> IncompleteError:
        return IncompleteError(f"{self.where}: {self._url}{path}: {what}")

    def _retried(self, method: str, path: str, call: Callable[[], _T]) -> _T:
        return retrying(lambda: self._once(f"{method} {self._url}{path}", call))

    def _once(self, request: str, call: Callable[[], _T]) -> _T:
        self.request_count += 1
        try:
            return call()
        except JIRAError as error:
            raise self._refused(request, error.response) from None  # its text quotes the whole answer
        except TooManyRedirects as error:
            raise self._refused(request, error.response) from None
        except requests.Timeout as error:
            is_slow = isinstance(error, requests.ReadTimeout)
            detail = f"no answer in {READ_SECONDS:g} s" if is_slow else f"no connection in {CONNECT_SECONDS:g} s"
            raise self._faults.of_silence(request, detail, is_timeout=is_slow) from error
        except (ChunkedEncodingError, ContentDecodingError, JSONDecodeError) as error:
            raise self._faults.of_silence(request, "the answer was cut off") from error
        except requests.ConnectionError as error:
            raise self._faults.of_silence(request, f"no connection ({_cause(error)})") from error
        except (requests.RequestException, UnicodeError):
            # Its text may quote the header with the credentials.
            raise SettingsError(
                f"source {self._faults.source}: {request}: the request cannot be written;"
                " check address and credentials for line breaks and other characters that do not belong there"
            ) from None

    def _refused(self, request: str, response: requests.Response | None) -> SourceError:
        if response is None:
            return self._faults.of_silence(request, "no answer")
        try:
            body = response.json() if is_json(response.headers) else None
        except JSONDecodeError:
            body = None
        return self._faults.of_answer(request, response.status_code, response.headers, body)


def _cause(error: requests.ConnectionError) -> str:
    """What urllib3 met, without the address and its query, and without the name of the object that met it."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return str(reason or error).rpartition(">: ")[2]
