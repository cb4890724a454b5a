"""The requests made to one Jira site, through the `jira` package.

The package signs in and knows the addresses; retries, errors and counts are those of `okr_sync.http`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

import requests
from jira import JIRA, JIRAError
from requests.exceptions import ChunkedEncodingError, ContentDecodingError, JSONDecodeError, TooManyRedirects

from okr_sync.connector import SettingsError, SourceError
from okr_sync.http import CONNECT_SECONDS, READ_SECONDS, Faults, is_json, server_time
from okr_sync.http.retry import retrying

_T = TypeVar("_T")
_API = "/rest/api/3/"
_PAGE_SIZE = 5000
"""The most Jira gives, of ids alone; it sends fewer issues a page the more fields are asked for."""


class _Client(JIRA):
    """The package's client, with a few of its habits changed."""

    def __init__(self, url: str, email: str, token: str, faults: Faults) -> None:
        super().__init__(
            options={"server": url, "rest_api_version": "3", "headers": {"User-Agent": "okr-sync"}},
            basic_auth=(email, token),
            get_server_info=False,
            max_retries=0,  # its waits end before the time that Retry-After asks for
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            logging=False,  # it writes whole answers into the log
        )
        self.deploymentType = "Cloud"  # it would spend a request to find out
        self.answered_at: datetime | None = None
        self._faults = faults
        self._session.max_redirects = 0
        self._session.hooks["response"].append(self._look_at)

    @property
    def _fields_cache(self) -> dict[str, str]:
        """Empty. The package would replace the ids we ask for by those of custom fields that are called like them."""
        return {}

    def post_json(self, url: str, body: dict[str, Any]) -> dict[str, Any]:
        return cast(dict[str, Any], self._session.post(url, data=json.dumps(body)).json())

    def _look_at(self, response: requests.Response, **_: object) -> None:
        self.answered_at = server_time(response.headers) or self.answered_at
        if response.status_code == requests.codes.ok and not is_json(response.headers):
            seen = response.headers.get("Content-Type") or "nothing"
            response.close()
            raise self._faults.of_content(f"GET {response.url.partition('?')[0]}", seen)


class Site:
    """One Jira site. Every call raises the errors of `okr_sync.connector`."""

    def __init__(self, url: str, email: str, token: str, faults: Faults) -> None:
        self.request_count = 0
        self._url = url
        self._faults = faults
        self._client = _Client(url, email, token, faults)

    @property
    def server_time(self) -> datetime | None:
        """The site's own time when it last answered."""
        return self._client.answered_at

    def myself(self) -> dict[str, Any]:
        return self._retried("myself", self._client.myself)

    def fields(self) -> list[dict[str, Any]]:
        return self._retried("field", self._client.fields)

    def search(self, jql: str, fields: Sequence[str], token: str | None) -> dict[str, Any]:
        """One page of issues. By GET: the package's POST sends nulls, which Jira's description does not allow."""

        def page() -> dict[str, Any]:
            answer = self._client.enhanced_search_issues(
                jql, nextPageToken=token, maxResults=_PAGE_SIZE, fields=list(fields), json_result=True
            )
            if not isinstance(answer, dict) or "issues" not in answer:
                raise self._faults.of_silence(f"GET {self._url}{_API}search/jql", "the answer has no issues")
            return answer

        return self._retried("search/jql", page)

    def approximate_count(self, jql: str) -> int:
        """About how many issues a search would give."""
        count = self._retried("search/approximate-count", lambda: self._client.approximate_issue_count(jql), "POST")
        return cast(int, count)

    def bulk_fetch(self, ids: Sequence[str], fields: Sequence[str]) -> list[dict[str, Any]]:
        """The issues with these ids that exist and may be seen; at most 100. The package does not know this address."""
        body = {"issueIdsOrKeys": list(ids), "fields": list(fields)}
        url = f"{self._url}{_API}issue/bulkfetch"

        def issues() -> list[dict[str, Any]]:
            answer = self._client.post_json(url, body)
            if "issues" not in answer:
                raise self._faults.of_silence(f"POST {url}", "the answer has no issues")
            return cast(list[dict[str, Any]], answer["issues"])

        return self._retried("issue/bulkfetch", issues, "POST")

    def close(self) -> None:
        self._client.close()  # type: ignore[no-untyped-call]

    def _retried(self, path: str, call: Callable[[], _T], method: str = "GET") -> _T:
        return retrying(lambda: self._once(f"{method} {self._url}{_API}{path}", call))

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
