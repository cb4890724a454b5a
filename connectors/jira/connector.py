"""The connector: which issues are read, in which order, and from where the next run goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.jira.custom_fields import find_fields
from connectors.jira.fields import STANDARD, IssueField, issue_stream
from connectors.jira.issues import to_record
from connectors.jira.settings import JiraSettings
from okr_sync.connector import (
    AccessError,
    Checkpoint,
    Connector,
    Context,
    Field,
    FieldType,
    IncompleteError,
    Page,
    Record,
    SourceError,
    Stream,
)
from okr_sync.http import Faults, PageGuard, RefusedError, checked_address, secret_forms

if TYPE_CHECKING:
    from connectors.jira.site import Site

_LAG_MS = timedelta(minutes=5) // timedelta(milliseconds=1)
"""How far Jira's search index may be behind its issues."""
_OVERLAP_MS = timedelta(minutes=10) // timedelta(milliseconds=1)
"""How far the next read goes back before the end of the last one, for issues that were indexed even later."""
_FETCH_SIZE = 100
"""The most issues that Jira gives by id in one request."""
_ORDER = " ORDER BY created ASC, key ASC"
"""An order that no change of an issue upsets while its search is read."""
_REMEDY = (
    "check email and token of the source; tokens are made at"
    " https://id.atlassian.com/manage-profile/security/api-tokens, and see what their account may see"
)


@dataclass(frozen=True, slots=True)
class _Window:
    """One search from its first page to its last: every page needs the same JQL."""

    jql: str
    since_ms: int
    next_since_ms: int
    token: str | None = None

    @property
    def checkpoint(self) -> Checkpoint:
        if self.token is None:
            return {"since_ms": self.next_since_ms}
        return {
            "since_ms": self.since_ms,
            "next_since_ms": self.next_since_ms,
            "jql": self.jql,
            "token": self.token,
        }


class Jira(Connector):
    """Reads the issues of one Jira Cloud site. Deleted issues are not reported by Jira: a census of ids finds them."""

    Settings = JiraSettings
    description = "Jira Cloud: issues, with custom fields"

    settings: JiraSettings

    def __init__(self, settings: JiraSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._site: Site | None = None
        self._fields: tuple[IssueField, ...] = STANDARD

    def declared_streams(self) -> Sequence[Stream]:
        declared = self.settings.streams.issues.custom_fields.items()
        return [
            issue_stream(
                self.settings.url, [Field(name, one.field_type or FieldType.UNKNOWN) for name, one in declared]
            )
        ]

    def connect(self) -> Sequence[Stream]:
        from connectors.jira.site import Site  # noqa: PLC0415 - slow to import, see okr_sync.http

        url = checked_address(self.context.source, self.settings.url, "https://agency.atlassian.net")
        email, token = self.settings.email, self.settings.token.get_secret_value()
        faults = Faults(self.context.source, _REMEDY, secret_forms(email, token), self.context.clock)
        self._site = Site(url, email, token, faults)
        if not self._site.myself().get("accountId"):
            raise AccessError(f"source {self.context.source}: {url} took the request as anonymous; {_REMEDY}")
        wanted = self.settings.streams.issues.custom_fields
        custom = find_fields(self.context.source, wanted, self._site.fields()) if wanted else ()
        self._fields = (*STANDARD, *custom)
        return [issue_stream(url, [one.field for one in custom])]

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """Issues changed since the last read, in the order of their creation.

        The checkpoint is `since_ms`, up to which all was read; while a search is under way also where it stands.
        """
        since_ms = 0 if checkpoint is None else int(checkpoint["since_ms"])
        if checkpoint is not None and "token" in checkpoint:
            try:
                yield from self._pages(_Window(**checkpoint))
                since_ms = int(checkpoint["next_since_ms"])
            except (RefusedError, IncompleteError):
                pass  # a token lives seven days, or led nowhere; the search starts again
        yield from self._pages(self._window(since_ms))

    def census(self, stream: Stream) -> Iterator[Sequence[str]]:
        """The ids of every issue that `select` finds: a few requests, since ids alone come in large pages."""
        where = f"source {self.context.source}: census of issues"
        guard = PageGuard(where)
        jql = self.settings.streams.issues.select or "updated >= 0"
        token = None
        while True:
            answer = self._connected.search(jql + _ORDER, ["id"], token)
            _refuse_partial(where, answer)
            yield [str(one["id"]) for one in answer["issues"]]
            token = answer.get("nextPageToken") or None
            if token is None:
                return
            guard.check(token, len(answer["issues"]))

    def fetch(self, stream: Stream, keys: Sequence[str]) -> Iterator[Sequence[Record]]:
        ids = sorted({one.source_id for one in self._fields})
        for start in range(0, len(keys), _FETCH_SIZE):
            issues = self._connected.bulk_fetch(keys[start : start + _FETCH_SIZE], ids)
            yield [to_record(self.context.source, one, self._fields, self.context.timezone) for one in issues]

    @property
    def request_count(self) -> int:
        return 0 if self._site is None else self._site.request_count

    def close(self) -> None:
        if self._site is not None:
            self._site.close()

    def _window(self, since_ms: int) -> _Window:
        """The search for all that changed since, as of the site's own time: another clock may be wrong."""
        now = self._connected.server_time or self.context.clock()
        select = self.settings.streams.issues.select
        # A bare number is milliseconds since 1970; a text would be read in the zone of the token's user.
        changed = f"updated >= {max(0, since_ms - _OVERLAP_MS)}"
        jql = f"({select}) AND {changed}" if select else changed
        return _Window(jql, since_ms, int(now.timestamp() * 1000) - _LAG_MS)

    def _pages(self, window: _Window) -> Iterator[Page]:
        where = f"source {self.context.source}: stream issues"
        guard = PageGuard(where)
        ids = sorted({one.source_id for one in self._fields})
        expected_count = self._expected_count(window)
        while True:
            answer = self._connected.search(window.jql + _ORDER, ids, window.token)
            _refuse_partial(where, answer)
            window = replace(window, token=answer.get("nextPageToken") or None)
            issues: list[dict[str, Any]] = answer["issues"]
            if window.token is not None:
                guard.check(window.token, len(issues))
            records = [to_record(self.context.source, one, self._fields, self.context.timezone) for one in issues]
            yield Page(records, window.checkpoint, expected_count)
            if window.token is None:
                return

    def _expected_count(self, window: _Window) -> int | None:
        """For the progress bar of a first read, which may take an hour; without it the read goes on all the same."""
        if window.since_ms or window.token:
            return None
        try:
            return self._connected.approximate_count(window.jql)
        except SourceError:
            return None

    @property
    def _connected(self) -> Site:
        if self._site is None:
            raise RuntimeError("connect() comes before read()")
        return self._site


def _refuse_partial(where: str, answer: dict[str, Any]) -> None:
    warnings = answer.get("warnings")
    if warnings:
        said = "; ".join(str(one.get("message") or one.get("type")) for one in warnings)
        raise IncompleteError(
            f"{where}: Jira left issues out: {said}; make select simpler, or split it into two sources"
        )
    if answer.get("isLast") is False and not answer.get("nextPageToken"):
        raise IncompleteError(
            f"{where}: Jira says that more pages follow, but not where; the next run reads them again"
        )
