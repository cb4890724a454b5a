"""The search of a data center: by offset into what is found at the moment, with the whole number of it.

Nothing is remembered between two pages. An issue that is deleted, or leaves the search, while somebody pages through it
moves all that follow one place up.
"""

from __future__ import annotations

from starlette.datastructures import QueryParams

from okr_sync.sandbox.http import to_json
from okr_sync.sandbox.records import Issue
from okr_sync.sandbox.systems.jira.changes import Changes
from okr_sync.sandbox.systems.jira.fields import CLOUD_ONLY, asked_fields
from okr_sync.sandbox.systems.jira.issues import IssueWriter
from okr_sync.sandbox.systems.jira.jql import Clause, JqlError, parse
from okr_sync.sandbox.systems.jira.search import JiraOptions, JiraSearch, jira_error, whole_number

_DEFAULT_PAGE = 50
_LARGEST_PAGE = 1000


class OffsetSearch:
    def __init__(self, searches: JiraSearch, writer: IssueWriter, changes: Changes, options: JiraOptions) -> None:
        self._searches = searches
        self._writer = writer
        self._changes = changes
        self._cap = min(_LARGEST_PAGE, options.page_cap)

    def page(self, query: QueryParams) -> str:
        """A page of results as JSON.

        Raises:
            RefusedError: the query or its numbers are not accepted.
        """
        start, size = whole_number(query, "startAt", 0), whole_number(query, "maxResults", _DEFAULT_PAGE)
        found = self._find(query)
        asked = [name.strip() for text in query.getlist("fields") for name in text.split(",")]
        fields = tuple(name for name in asked_fields(asked) if name not in CLOUD_ONLY)
        has_changes = "changelog" in query.get("expand", "").split(",")
        size = min(size, self._cap)
        issues = [self._write(one, fields, has_changes=has_changes) for one in found[start : start + size]]
        head = f'"startAt":{start},"maxResults":{size},"total":{len(found)}'
        return f'{{"expand":"schema,names",{head},"issues":[{",".join(issues)}]}}'

    def _find(self, query: QueryParams) -> list[Issue]:
        """Without validation, ids that are not there are passed over instead of refused."""
        jql = query.get("jql", "")
        if query.get("validateQuery", "true").lower() != "false":
            return self._searches.find(jql or "updated >= 0")
        try:
            condition = parse(jql).condition
        except JqlError as error:
            raise jira_error(400, str(error)) from error
        if not isinstance(condition, Clause) or condition.field.lower() not in ("id", "key"):
            return self._searches.find(jql)
        issues = map(self._searches.agency.find_issue, condition.values)
        return [one for one in issues if one is not None]

    def _write(self, issue: Issue, fields: tuple[str, ...], *, has_changes: bool) -> str:
        changes = f',"changelog":{to_json(self._changes.inside(issue))}' if has_changes else ""
        return self._writer.write(issue, fields, changes)
