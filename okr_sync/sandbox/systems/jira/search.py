"""Jira's search, page by page.

Where the vendor's documentation is silent (issues that change while somebody pages through them), the list of issues is
fixed with the first page, and each issue is shown as it is when its page is read. So an issue that is edited after its
page was read is not shown again: a reader that trusts the latest `updated` it has seen loses it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Self
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.http import RefusedError, to_json
from okr_sync.sandbox.records import Issue
from okr_sync.sandbox.systems.jira.fields import asked_fields, find_fields
from okr_sync.sandbox.systems.jira.issues import IssueWriter
from okr_sync.sandbox.systems.jira.jql import JqlError, parse
from okr_sync.sandbox.systems.jira.matching import Search

BERLIN = ZoneInfo("Europe/Berlin")
DEFAULT_PAGE = 50
LARGEST_PAGE = 5000
_SEARCHES_KEPT = 64
_BODY_FIELDS: Mapping[str, type] = {
    "jql": str,
    "fields": list,
    "maxResults": int,
    "nextPageToken": str,
    "expand": str,
    "properties": list,
    "fieldsByKeys": bool,
    "reconcileIssues": list,
}


@dataclass(frozen=True, slots=True)
class JiraOptions:
    """What differs between Jira sites, and between the days of one."""

    page_cap: int = 100
    """How many issues a page holds at most when fields are asked for, whatever the request says."""
    index_lag: timedelta = timedelta(0)
    """How long a change takes until a search knows of it."""
    zone: ZoneInfo = BERLIN
    """The zone in the user's profile: not the agency's, so that mixing them up shows."""
    is_data_center: bool = False
    """A site of one's own: REST v2, searches by offset, a personal access token."""
    list_cap: int = 1000
    """How many changes of issues, or worklogs, a page holds at most."""
    board_cap: int = 50
    """How many boards, sprints or projects a page holds at most."""
    history_times: Literal["text", "seconds", "milliseconds"] = "text"
    """How a change's time is written: Jira's own description shows two ways."""
    history_cap: int | None = None
    """How many changes of an issue a data center's search shows; newer versions cut them off."""
    is_admin: bool = False


def jira_error(status: int, *messages: str) -> RefusedError:
    return RefusedError(status, {"errorMessages": list(messages), "errors": {}})


def whole_number(query: QueryParams, name: str, default: int) -> int:
    """A number that the address of a request has, or leaves out.

    Raises:
        RefusedError: it is none.
    """
    text = query.get(name, str(default))
    if not text.isdigit():
        raise jira_error(400, f"The value '{text}' is not a number for {name}.")
    return int(text)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What a request to /search/jql asks for. A GET says it in its address, a POST in its body."""

    jql: str
    fields: tuple[str, ...]
    max_results: int
    token: str | None
    expand: str

    @classmethod
    def from_query(cls, query: QueryParams) -> Self:
        size = query.get("maxResults", str(DEFAULT_PAGE))
        if not size.lstrip("-").isdigit():
            raise jira_error(400, f"The value '{size}' is not a number for maxResults.")
        fields = tuple(name.strip() for text in query.getlist("fields") for name in text.split(","))
        return cls(query.get("jql", ""), fields, int(size), query.get("nextPageToken") or None, query.get("expand", ""))

    @classmethod
    def from_body(cls, body: Mapping[str, object]) -> Self:
        for name, value in body.items():
            wanted = _BODY_FIELDS.get(name)
            if wanted is None or not (value is None or type(value) is wanted):
                raise jira_error(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        size, fields, token = body.get("maxResults"), body.get("fields"), body.get("nextPageToken")
        return cls(
            str(body.get("jql") or ""),
            tuple(map(str, fields)) if isinstance(fields, list) else (),
            size if isinstance(size, int) else DEFAULT_PAGE,
            str(token) if token else None,
            str(body.get("expand") or ""),
        )

    @property
    def digest(self) -> str:
        """What must stay the same from page to page."""
        return hashlib.sha256(to_json([self.jql, self.fields]).encode()).hexdigest()[:16]


class JiraSearch:
    def __init__(self, agency: Agency, writer: IssueWriter, options: JiraOptions) -> None:
        self.agency = agency
        self._writer = writer
        self._options = options
        self._search = Search(agency, options.zone)
        self._found: OrderedDict[int, tuple[str, list[int]]] = OrderedDict()
        self._search_count = 0

    def page(self, request: SearchRequest) -> str:
        """A page of results as JSON.

        Raises:
            RefusedError: the query, its size or its token is not accepted.
        """
        number, start = self._place(request)
        if not 1 <= request.max_results <= LARGEST_PAGE:
            raise jira_error(400, f"The value of maxResults must be between 1 and {LARGEST_PAGE}.")
        if number is None:
            number = self._remember(request.digest, [issue.id for issue in self.find(request.jql)])
        ids = self._found[number][1]
        fields = asked_fields(request.fields) if set(request.fields) - {"id", "key"} else ()
        end = start + min(request.max_results, self._options.page_cap if fields else LARGEST_PAGE)
        token = None if end >= len(ids) else _token(number, end)
        issues = [issue for issue in map(self.agency.issue_by_id, ids[start:end]) if issue is not None]
        texts = [self._text(issue, request.fields, fields) for issue in issues]
        return _written_page(texts, token, _explained(request.expand, fields))

    def find(self, jql: str) -> list[Issue]:
        """Every issue that `jql` finds, as the index knows it by now.

        Raises:
            RefusedError: the query is not accepted.
        """
        lag = self._options.index_lag
        issues = self.agency.issues_at(self.agency.clock.now() - lag) if lag else self.agency.issues
        try:
            return self._search.find(parse(jql), issues)
        except JqlError as error:
            raise jira_error(400, str(error)) from error

    def _text(self, issue: Issue, asked: Sequence[str], fields: Sequence[str]) -> str:
        if fields:
            return self._writer.write(issue, fields)
        return self._writer.write_reference(issue) if "key" in asked else f'{{"id":"{issue.id}"}}'

    def _place(self, request: SearchRequest) -> tuple[int | None, int]:
        """Which search a token goes on with, and from where; a request without one begins a search."""
        if request.token is None:
            return None, 0
        number, start = _read_token(request.token)
        if number not in self._found:
            raise jira_error(400, "The nextPageToken is invalid or has expired.")
        if self._found[number][0] != request.digest:
            raise jira_error(400, "The nextPageToken belongs to a search with another jql or other fields.")
        return number, start

    def _remember(self, digest: str, ids: list[int]) -> int:
        self._search_count += 1
        self._found[self._search_count] = digest, ids
        if len(self._found) > _SEARCHES_KEPT:
            self._found.popitem(last=False)
        return self._search_count


def _token(number: int, start: int) -> str:
    return base64.urlsafe_b64encode(f"{number}:{start}".encode()).decode()


def _read_token(token: str) -> tuple[int, int]:
    try:
        number, start = base64.urlsafe_b64decode(token).decode().split(":")
        return int(number), int(start)
    except (binascii.Error, ValueError):
        raise jira_error(400, "The nextPageToken is invalid or has expired.") from None


def _explained(expand: str, fields: Sequence[str]) -> str:
    """The optional parts of an answer that say what its fields are."""
    wanted, explained = expand.split(","), find_fields(fields)
    names = f',"names":{to_json({field.id: field.name for field in explained})}' if "names" in wanted else ""
    schema = f',"schema":{to_json({field.id: field.schema for field in explained})}' if "schema" in wanted else ""
    return names + schema


def _written_page(issues: Sequence[str], token: str | None, explained: str) -> str:
    """The last page has no `nextPageToken`: the key is absent, not null."""
    end = '"isLast":true' if token is None else f'"nextPageToken":"{token}","isLast":false'
    return f'{{"issues":[{",".join(issues)}],{end}{explained}}}'
