"""The issues that changed since the last read, in the order of their creation, and where the next read goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.jira.answers import Found, Json
from okr_sync.connector import Checkpoint, IncompleteError, SourceError
from okr_sync.http import PageGuard, RefusedError

if TYPE_CHECKING:
    from connectors.jira.site import Site

LAG_MS = timedelta(minutes=5) // timedelta(milliseconds=1)
"""How far Jira's search index may be behind its issues."""
OVERLAP_MS = timedelta(minutes=10) // timedelta(milliseconds=1)
"""How far the next read goes back before the end of the last one, for issues that were indexed even later."""
EVERYTHING = "updated >= 0"
"""A search must have a bound; this one leaves nothing out."""
_MOST = 5000
"""The most Jira gives, of ids alone; it sends fewer issues a page the more fields are asked for."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One read of one stream: `where` is how messages begin, `now` the site's own time, for another clock may be wrong.

    The checkpoint of a read is `since_ms`, up to which all was read.
    """

    site: Site
    where: str
    now: datetime

    @property
    def until_ms(self) -> int:
        """Up to when a read that begins now has seen everything."""
        return int(self.now.timestamp() * 1000) - LAG_MS

    def guard(self) -> PageGuard:
        return PageGuard(self.where)


@dataclass(frozen=True, slots=True)
class Wish:
    """What to search for: `also` is JQL of issues that are wanted whether they changed or not.

    Where each issue is a record, `is_counted` asks how many a first read is likely to give.
    """

    select: str | None
    fields: Sequence[str]
    size: int = _MOST
    also: str | None = None
    is_counted: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """One page of issues, and the checkpoints that hold before and after all of it has landed."""

    issues: list[Json]
    before: Checkpoint
    after: Checkpoint
    expected_count: int | None


@dataclass(frozen=True, slots=True)
class _Window:
    """One search from its first page to its last: every page needs the same JQL."""

    jql: str
    since_ms: int
    next_since_ms: int
    token: str | None = None

    @property
    def checkpoint(self) -> Checkpoint:
        """While a search is under way also where it stands."""
        if self.token is None:
            return {"since_ms": self.since_ms}
        return {
            "since_ms": self.since_ms,
            "next_since_ms": self.next_since_ms,
            "jql": self.jql,
            "token": self.token,
        }


def read_changed(desk: Desk, wish: Wish, checkpoint: Checkpoint | None) -> Iterator[Batch]:
    """A search that was interrupted goes on at its token; then what changed since it had begun is read as well."""
    since_ms = 0 if checkpoint is None else int(checkpoint["since_ms"])
    if checkpoint is not None and "token" in checkpoint:
        try:
            yield from _batches(desk, wish, _Window(**checkpoint))
            since_ms = int(checkpoint["next_since_ms"])
        except (RefusedError, IncompleteError):
            pass  # a token lives seven days, or led nowhere; the search starts again
    yield from _batches(desk, wish, _Window(_jql(wish, since_ms), since_ms, desk.until_ms))


def every(desk: Desk, search: Callable[[str | None], Found], token: str | None = None) -> Iterator[Found]:
    """The pages of a search from `token` to the end."""
    guard = desk.guard()
    while True:
        found = search(token)
        if found.token is not None:
            guard.check(found.token, len(found.issues))
        yield found
        token = found.token
        if token is None:
            return


def census(desk: Desk, select: str | None) -> Iterator[Sequence[str]]:
    """The ids of every issue that `select` finds: a few requests, since ids alone come in large pages."""
    for found in every(desk, lambda token: desk.site.search(select or EVERYTHING, ["id"], token, _MOST)):
        yield [str(one["id"]) for one in found.issues]


def count(desk: Desk, select: str | None) -> int | None:
    """How many issues `select` finds, where a first page tells: Jira's own count of them is approximate."""
    found = desk.site.search(select or EVERYTHING, ["id"], None, _MOST)
    if found.total is None and found.token is None:
        return len(found.issues)
    return found.total


def _jql(wish: Wish, since_ms: int) -> str:
    # A bare number is milliseconds since 1970; a text would be read in the zone of the token's user.
    changed = f"updated >= {max(0, since_ms - OVERLAP_MS)}"
    wanted = f"({changed} OR {wish.also})" if wish.also and since_ms else changed
    return f"({wish.select}) AND {wanted}" if wish.select else wanted


def _batches(desk: Desk, wish: Wish, window: _Window) -> Iterator[Batch]:
    is_counted = wish.is_counted and not window.since_ms and window.token is None
    expected_count = _expected_count(desk.site, window) if is_counted else None
    pages = every(desk, lambda token: desk.site.search(window.jql, wish.fields, token, wish.size), window.token)
    for found in pages:
        before = window.checkpoint
        window = replace(window, token=found.token)
        after = window.checkpoint if found.token is not None else {"since_ms": window.next_since_ms}
        yield Batch(found.issues, before, after, expected_count or (found.total if is_counted else None))


def _expected_count(site: Site, window: _Window) -> int | None:
    """For the progress bar of a first read, which may take an hour; without it the read goes on all the same."""
    try:
        return site.approximate_count(window.jql)
    except SourceError:
        return None
