"""Jira Cloud: REST v3, searches by token, histories of many issues at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from connectors.jira.answers import Found, IssueHistory, Json
from connectors.jira.site import Site
from okr_sync.http import PageGuard

_ORDER = " ORDER BY created ASC, key ASC"
_MOST_HISTORIES = 10_000


class Cloud(Site):
    api = "3"
    deployment = "Cloud"

    def search(self, jql: str, fields: Sequence[str], token: str | None, size: int) -> Found:
        """By GET: the package's POST sends nulls, which Jira's description does not allow."""
        path = self.path("search/jql")

        def page() -> Json:
            answer: object = self._client.enhanced_search_issues(
                jql + _ORDER, nextPageToken=token, maxResults=size, fields=list(fields), json_result=True
            )
            return self._with_issues(path, answer)

        answer = self._retried("GET", path, page)
        self._refuse_partial(path, answer)
        return Found(answer["issues"], answer.get("nextPageToken") or None)

    def approximate_count(self, jql: str) -> int | None:
        path = self.path("search/approximate-count")
        return cast(int, self._retried("POST", path, lambda: self._client.approximate_issue_count(jql)))

    def issues(self, ids: Sequence[str], fields: Sequence[str]) -> list[Json]:
        path = self.path("issue/bulkfetch")
        answer = self.post(path, {"issueIdsOrKeys": list(ids), "fields": list(fields)})
        return cast(list[Json], self._with_issues(path, answer)["issues"])

    def histories(self, ids: Sequence[str]) -> Iterator[list[IssueHistory]]:
        """One issue's changes may be cut: the next page goes on with them."""
        path = self.path("changelog/bulkfetch")
        guard = PageGuard(f"{self.where}: {path}")
        body: dict[str, Any] = {"issueIdsOrKeys": list(ids), "maxResults": _MOST_HISTORIES}
        while True:
            answer = self.post(path, body)
            logs = answer.get("issueChangeLogs")
            if not isinstance(logs, list):
                raise self._incomplete(path, "the answer has no issueChangeLogs; the next run asks again")
            yield [IssueHistory(str(one["issueId"]), one.get("changeHistories") or []) for one in logs]
            token = answer.get("nextPageToken")
            if not token:
                return
            guard.check(token, len(logs))
            body["nextPageToken"] = token

    def projects(self) -> Iterator[list[Json]]:
        return self.values(self.path("project/search"), {"status": ["live", "archived"], "expand": "lead"}, size=100)

    def _refuse_partial(self, path: str, answer: Json) -> None:
        warnings = answer.get("warnings")
        if warnings:
            said = "; ".join(str(one.get("message") or one.get("type")) for one in warnings)
            remedy = "make select simpler, or split it into two sources"
            raise self._incomplete(path, f"Jira left issues out: {said}; {remedy}")
        if answer.get("isLast") is False and not answer.get("nextPageToken"):
            raise self._incomplete(path, "Jira says that more pages follow, but not where; the next run asks again")
