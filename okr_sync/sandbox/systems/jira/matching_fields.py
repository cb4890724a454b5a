"""The fields one can search issues by: their names, their values, and how a query writes those values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import (
    CATEGORIES,
    CATEGORY_OF,
    CLIENTS,
    ISSUE_TYPES,
    MEMBERS,
    PRIORITIES,
    PROJECTS,
    RESOLUTIONS,
    STATUSES,
    Choice,
)
from okr_sync.sandbox.records import Issue
from okr_sync.sandbox.systems.jira.jql import SLA_FUNCTIONS, JqlError
from okr_sync.sandbox.systems.jira.slas import SLAS, Sla, states_of

# Values of one field compare with each other, those of two fields never meet; the type system cannot say that.
Comparable = Any

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
_PERIOD = re.compile(r"([+-]?)((?:\d+[wdhm]\s*)+)")
_DATE_FORMATS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")


@dataclass(frozen=True, slots=True)
class SearchField:
    """A field as JQL sees it."""

    name: str
    values: Callable[[Issue], tuple[Comparable, ...]]
    """The issue's values, none where the field is empty."""
    read: Callable[[str], Comparable]
    """A value from a query's text, `None` for emptiness. Raises `JqlError` where there is no such value."""
    is_ordered: bool = False
    """Whether `<` and `>` mean something."""


def search_fields(agency: Agency, zone: ZoneInfo) -> dict[str, SearchField]:
    """Every field by each of its names in lower case. A day or a minute without a zone is one of `zone`."""
    categories = {name: key for key, one in CATEGORIES.items() for name in (key, one.id, one.name)}
    clients = {name: one.name for one in CLIENTS for name in (one.option_id, one.name)}
    people = {name: one.handle for one in MEMBERS for name in (one.account_id, one.name, one.email)}
    projects = {name: one.key for one in PROJECTS for name in (one.id, one.key, one.name)}
    resolutions = {**_by_name(RESOLUTIONS), "Unresolved": None}
    moments = _Moments(agency, zone)
    keys = _Keys(agency)
    table: list[tuple[tuple[str, ...], SearchField]] = [
        (("project",), _choice("project", projects, lambda issue: issue.project)),
        (("issuetype", "type"), _choice("issuetype", _by_name(ISSUE_TYPES), lambda issue: issue.issue_type)),
        (("status",), _choice("status", _by_name(STATUSES), lambda issue: issue.status)),
        (("statusCategory",), _choice("statusCategory", categories, lambda issue: CATEGORY_OF[issue.status])),
        (("resolution",), _choice("resolution", resolutions, lambda issue: issue.resolution)),
        (("priority",), _choice("priority", _by_name(PRIORITIES), lambda issue: issue.priority)),
        (("assignee",), _choice("assignee", people, lambda issue: issue.assignee)),
        (("reporter",), _choice("reporter", people, lambda issue: issue.reporter)),
        (("Client", "cf[10044]"), _choice("Client", clients, lambda issue: issue.client)),
        (("labels",), SearchField("labels", lambda issue: issue.labels, str)),
        (("Story Points", "cf[10016]"), _ordered("Story Points", lambda issue: issue.story_points, _number)),
        (("key", "issuekey", "issue", "id"), keys.field("key", lambda issue: issue.key)),
        (("parent",), keys.field("parent", lambda issue: issue.parent)),
        (("created", "createdDate"), moments.field("created", lambda issue: issue.created_at)),
        (("updated", "updatedDate"), moments.field("updated", lambda issue: issue.updated_at)),
        (("resolved", "resolutiondate"), moments.field("resolved", lambda issue: issue.resolved_at)),
        (("duedate", "due"), _ordered("duedate", lambda issue: issue.due_on, moments.read_day)),
    ]
    table += [((sla.name, f"cf[{sla.field_id[12:]}]"), _sla(agency, sla)) for sla in SLAS]
    return {name.lower(): field for names, field in table for name in names}


def _optional(value: Comparable | None) -> tuple[Comparable, ...]:
    return () if value is None else (value,)


def _ordered(
    name: str, value_of: Callable[[Issue], Comparable | None], read: Callable[[str], Comparable]
) -> SearchField:
    return SearchField(name, lambda issue: _optional(value_of(issue)), read, is_ordered=True)


def _by_name(choices: Iterable[Choice]) -> dict[str, str | None]:
    return {name: choice.name for choice in choices for name in (choice.id, choice.name)}


def _choice(name: str, known: Mapping[str, str | None], value_of: Callable[[Issue], str | None]) -> SearchField:
    """A field with a list of known values, each with several names, in any case of letters."""
    by_lower = {text.lower(): value for text, value in known.items()}

    def read(text: str) -> str | None:
        if text.lower() not in by_lower:
            raise JqlError(f"The value '{text}' does not exist for the field '{name}'.")
        return by_lower[text.lower()]

    return SearchField(name, lambda issue: _optional(value_of(issue)), read)


def _sla(agency: Agency, sla: Sla) -> SearchField:
    """What the functions say of it: an issue without a cycle has no value, and equals none of them."""
    known = {f"{name}()": name for name in SLA_FUNCTIONS}

    def read(text: str) -> str:
        if text not in known:
            raise JqlError(f"The value '{text}' is not supported by the '{sla.name}' field.")
        return known[text]

    return SearchField(sla.name, lambda issue: states_of(agency, issue, sla), read)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise JqlError(f"Value '{text}' is not a number.") from None


@dataclass(frozen=True, slots=True)
class _Keys:
    """Keys of issues, in the order of project and number, so that WEB-9 comes before WEB-10."""

    agency: Agency

    def field(self, name: str, key_of: Callable[[Issue], str | None]) -> SearchField:
        def read(text: str) -> tuple[str, int]:
            issue = self.agency.find_issue(text)
            if issue is None:
                raise JqlError(f"An issue with key '{text}' does not exist for field '{name}'.")
            return _split(issue.key)

        def value(issue: Issue) -> tuple[str, int] | None:
            key = key_of(issue)
            return None if key is None else _split(key)

        return _ordered(name, value, read)


def _split(key: str) -> tuple[str, int]:
    project, _, number = key.rpartition("-")
    return project, int(number)


@dataclass(frozen=True, slots=True)
class _Moments:
    """Points in time as a query writes them."""

    agency: Agency
    zone: ZoneInfo

    def field(self, name: str, time_of: Callable[[Issue], datetime | None]) -> SearchField:
        return _ordered(name, time_of, lambda text: self._read(name, text))

    def read_day(self, text: str) -> date:
        return self._read("duedate", text).astimezone(self.zone).date()

    def _read(self, field: str, text: str) -> datetime:
        """Milliseconds since 1970, a period such as -30m, or a day with or without a minute."""
        if text.isdigit():
            return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(text))
        period = _PERIOD.fullmatch(text.strip())
        if period is not None:
            sign = -1 if period[1] == "-" else 1
            return self.agency.clock.now() + sign * _span(period[2])
        for date_format in _DATE_FORMATS:
            try:
                return datetime.strptime(text, date_format).replace(tzinfo=self.zone)
            except ValueError:
                continue
        raise JqlError(
            f"Date value '{text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm',"
            " 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
        )


def _span(text: str) -> timedelta:
    parts = re.findall(r"(\d+)([wdhm])", text)
    return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())
