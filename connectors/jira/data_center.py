"""Jira Data Center: REST v2, searches by offset, histories inside the issues.

An offset counts from the beginning of a list that shrinks when issues before it are deleted or leave the search, and
what follows moves up over it. So each page begins with the last issue of the page before. Where it does not, and begins
after it, something may have been passed by: the reading goes back until a page begins at or before that issue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from connectors.jira.answers import Found, IssueHistory, Json
from connectors.jira.site import Site
from okr_sync.http import RefusedError
from okr_sync.http.values import to_timestamp

_ORDER = " ORDER BY created ASC, key ASC"
_LARGEST_PAGE = 1000
_HISTORIES_PAGE = 50
"""Issues with all their changes are large."""


class DataCenter(Site):
    api = "2"
    deployment = "Server"

    def search(self, jql: str, fields: Sequence[str], token: str | None, size: int) -> Found:
        asked = [*fields, *({"created"} - set(fields))]
        start, last_id, last_created = _read_token(token)
        while True:
            answer = self._page(jql + _ORDER, asked, start, min(size, _LARGEST_PAGE))
            issues: list[Json] = answer["issues"]
            if start == 0 or _continues(issues, last_id, last_created):
                return Found(issues, _next_token(start, answer), answer["total"])
            start = max(0, start - (answer.get("maxResults") or _LARGEST_PAGE))  # as large as the site's pages are

    def approximate_count(self, jql: str) -> int | None:
        return None

    def issues(self, ids: Sequence[str], fields: Sequence[str]) -> list[Json]:
        """Ids that are no longer there are left out, as the query is not validated."""
        return cast(list[Json], self._page(_with_ids(ids), fields, 0, len(ids), is_strict=False)["issues"])

    def histories(self, ids: Sequence[str]) -> Iterator[list[IssueHistory]]:
        for start in range(0, len(ids), _HISTORIES_PAGE):
            chunk = ids[start : start + _HISTORIES_PAGE]
            page = self._page(_with_ids(chunk), ["created"], 0, len(chunk), expand="changelog", is_strict=False)
            yield [IssueHistory(str(one["id"]), self._whole(one)) for one in page["issues"]]

    def projects(self) -> Iterator[list[Json]]:
        yield self.get_list(self.path("project"), {"includeArchived": "true", "expand": "lead"})

    def _page(
        self,
        jql: str,
        fields: Sequence[str],
        start: int,
        size: int,
        *,
        expand: str | None = None,
        is_strict: bool = True,
    ) -> Json:
        path = self.path("search")

        def page() -> Json:
            answer: object = self._client.search_issues(
                jql, start, size, validate_query=is_strict, fields=list(fields), expand=expand, json_result=True
            )
            return self._with_issues(path, answer)

        answer = self._retried("GET", path, page)
        if not isinstance(answer.get("total"), int):
            raise self._incomplete(path, "the answer does not say how many issues there are; the next run asks again")
        return answer

    def _whole(self, issue: Json) -> list[Json]:
        """All changes of an issue: a search of newer versions cuts long histories off."""
        log: dict[str, Any] = issue.get("changelog") or {}
        histories: list[Json] = log.get("histories") or []
        total = int(log.get("total") or 0)
        if len(histories) >= total:
            return histories
        path = self.path(f"issue/{issue['id']}/changelog")
        try:
            return [one for values in self.values(path, size=100) for one in values]
        except RefusedError as error:
            gave = f"Jira gave {len(histories)} of the {total} changes of issue {issue.get('key')} and refused the rest"
            raise self._incomplete(path, f"{gave} ({error.reason or error.status})") from error


def _with_ids(ids: Sequence[str]) -> str:
    return f"id in ({', '.join(ids)})"


def _next_token(start: int, answer: Json) -> str | None:
    """Where the next page begins, and the last issue of this one; none where there is no more."""
    issues = answer["issues"]
    end = start + len(issues)
    if not issues or end >= answer["total"]:
        return None
    return f"{end - 1}:{issues[-1]['id']}:{issues[-1]['fields'].get('created')}"


def _read_token(token: str | None) -> tuple[int, str, str]:
    if token is None:
        return 0, "", ""
    start, last_id, created = token.split(":", 2)
    return int(start), last_id, created


def _continues(issues: Sequence[Json], last_id: str, last_created: str) -> bool:
    """True if a page leaves nothing out after the issue that was read last."""
    if not issues:
        return False
    first = issues[0]
    if str(first["id"]) == last_id:
        return True
    try:
        return to_timestamp(first["fields"].get("created")) < to_timestamp(last_created)
    except ValueError:
        return False
