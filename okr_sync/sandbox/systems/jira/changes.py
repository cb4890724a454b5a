"""What changed: histories of issues, and worklogs that were written or deleted since a moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import MEMBERS
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.records import Issue, Worklog
from okr_sync.sandbox.systems.jira.histories import History, histories_of
from okr_sync.sandbox.systems.jira.issues import jira_time
from okr_sync.sandbox.systems.jira.objects import JiraObjects
from okr_sync.sandbox.systems.jira.search import JiraOptions, jira_error
from okr_sync.sandbox.systems.jira.slas import moment_ms

MOST_ISSUES = 1000
MOST_FIELDS = 10
MOST_HISTORIES = 10_000
_KNOWN_AFTER = timedelta(minutes=1)
_MEMBERS = {one.handle: one for one in MEMBERS}
_BODY = frozenset({"issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken"})


class Changes:
    def __init__(self, agency: Agency, objects: JiraObjects, url: str, options: JiraOptions) -> None:
        self._agency = agency
        self._objects = objects
        self._options = options
        self._url = url
        self._api = f"{url}/rest/api/{2 if options.is_data_center else 3}"

    def bulk(self, body: Json) -> Json:
        """Histories of many issues, the oldest first; a page may end among those of one issue."""
        issues, size, start = self._asked(body)
        wanted = body.get("fieldIds")
        found = [one for issue in issues for one in self._wanted(issue, wanted)]
        found.sort(key=lambda one: (one.at, one.id))
        page = found[start : start + min(size, self._options.list_cap)]
        by_issue: dict[int, list[Json]] = {}
        for one in page:
            by_issue.setdefault(one.issue.id, []).append(self.history(one))
        logs = [{"issueId": str(issue_id), "changeHistories": ones} for issue_id, ones in by_issue.items()]
        end = start + len(page)
        return {"issueChangeLogs": logs, **({"nextPageToken": str(end)} if end < len(found) else {})}

    def of_issue(self, issue: Issue, start: int, size: int) -> Json:
        found = list(histories_of(self._agency, issue.id))
        page = found[start : start + min(size, 100)]
        return {
            "self": f"{self._api}/issue/{issue.id}/changelog?startAt={start}&maxResults={size}",
            "startAt": start,
            "maxResults": size,
            "total": len(found),
            "isLast": start + len(page) >= len(found),
            "values": [self.history(one) for one in page],
        }

    def inside(self, issue: Issue) -> Json:
        """As an expanded search of a data center shows them."""
        found = list(histories_of(self._agency, issue.id))
        shown = found[: self._options.history_cap]
        histories = [self.history(one) for one in shown]
        return {"startAt": 0, "maxResults": len(shown), "total": len(found), "histories": histories}

    def history(self, one: History) -> Json:
        items = [dict(item) for item in one.items]
        for item in items if self._options.is_data_center else ():
            del item["fieldId"]
        author = self._objects.member(_MEMBERS[one.author])
        return {"id": str(one.id), "author": author, "created": self._time(one.at), "items": items}

    def updated(self, since_ms: int) -> Json:
        there = [one for one in self._agency.worklogs.all if self._agency.issue_by_id(one.issue_id) is not None]
        return self._feed("updated", since_ms, ((one.id, one.updated_at) for one in there))

    def deleted(self, since_ms: int) -> Json:
        return self._feed("deleted", since_ms, ((key, gone.at) for key, gone in self._agency.worklogs.gone.items()))

    def worklogs(self, ids: Sequence[object]) -> list[Json]:
        """Those that are still there, in the order of their ids."""
        wanted = {one for one in ids if isinstance(one, int)}
        if len(wanted) != len(ids) or len(ids) > MOST_ISSUES:
            raise jira_error(400, f"Between 1 and {MOST_ISSUES} worklog ids are required, each a number, each once.")
        shelf = self._agency.worklogs
        found = [shelf[one] for one in sorted(wanted) if one in shelf]
        return [self._worklog(one) for one in found if self._agency.issue_by_id(one.issue_id) is not None]

    def _feed(self, what: str, since_ms: int, known: Iterable[tuple[int, datetime]]) -> Json:
        """What is younger than `since`, but for the last minute: the oldest first."""
        until = self._agency.clock.now() - _KNOWN_AFTER
        found = sorted((moment_ms(at), key) for key, at in known if at <= until and moment_ms(at) > since_ms)
        page = found[: self._options.list_cap]
        is_last = len(page) == len(found)
        address = f"{self._api}/worklog/{what}?since="
        reached = page[-1][0] if page else since_ms
        answer: Json = {
            "values": [{"worklogId": key, "updatedTime": at, "properties": []} for at, key in page],
            "since": since_ms,
            "until": reached,
            "self": f"{address}{since_ms}",
            "lastPage": is_last,
        }
        return answer if is_last else {**answer, "nextPage": f"{address}{reached}"}

    def _worklog(self, one: Worklog) -> Json:
        author, zone = self._objects.member(_MEMBERS[one.author]), self._options.zone
        return {
            "self": f"{self._api}/issue/{one.issue_id}/worklog/{one.id}",
            "id": str(one.id),
            "issueId": str(one.issue_id),
            "author": author,
            "updateAuthor": author,
            "created": jira_time(one.created_at, zone),
            "updated": jira_time(one.updated_at, zone),
            "started": jira_time(one.started_at, zone),
            "timeSpent": f"{one.seconds // 3600}h {one.seconds % 3600 // 60}m",
            "timeSpentSeconds": one.seconds,
        }

    def _asked(self, body: Json) -> tuple[list[Issue], int, int]:
        keys, size, token = body.get("issueIdsOrKeys"), body.get("maxResults", 1000), body.get("nextPageToken", "0")
        if not isinstance(keys, list) or not 1 <= len(keys) <= MOST_ISSUES:
            raise jira_error(400, f"Between 1 and {MOST_ISSUES} issue IDs or keys are required.")
        fields = body.get("fieldIds", [])
        if set(body) - _BODY or not isinstance(fields, list) or len(fields) > MOST_FIELDS:
            raise jira_error(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        if not isinstance(size, int) or not 1 <= size <= MOST_HISTORIES or not str(token).isdigit():
            raise jira_error(400, "maxResults or nextPageToken is not valid.")
        found = {one.id: one for one in map(self._agency.find_issue, map(str, keys)) if one is not None}
        return list(found.values()), size, int(str(token))

    def _wanted(self, issue: Issue, fields: object) -> Iterable[History]:
        histories = histories_of(self._agency, issue.id)
        if not isinstance(fields, list) or not fields:
            return histories
        return (one for one in histories if any(item["fieldId"] in fields for item in one.items))

    def _time(self, moment: datetime) -> str | int:
        if self._options.history_times == "text":
            return jira_time(moment, self._options.zone)
        is_seconds = self._options.history_times == "seconds"
        return int(moment.astimezone(UTC).timestamp()) if is_seconds else moment_ms(moment)
