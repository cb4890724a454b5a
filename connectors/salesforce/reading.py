"""One read of one stream: by a query, or by a bulk job where there is much to come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.salesforce.faults import StaleQueryError
from connectors.salesforce.fields import Raw
from connectors.salesforce.past import Pasts
from connectors.salesforce.querying import Desk, batches, refuse_fewer
from connectors.salesforce.resolving import Plan
from connectors.salesforce.soql import behind, changed, select
from connectors.salesforce.window import LAG, Job, Window
from okr_sync.connector import IncompleteError, Page
from okr_sync.http import RefusedError
from okr_sync.http.values import to_timestamp


class Read:
    """Goes through `window` once.

    A query gives records by cursor and id, so a read that breaks off goes on behind the last one that landed. The
    results of a job come in any order: a read that breaks off goes on with the same job, which says what was when it
    began.
    """

    def __init__(self, desk: Desk, plan: Plan, window: Window, bulk_above: int) -> None:
        after = None if window.since is None else window.since + LAG  # what a read may have seen is not rebuilt
        self._pasts = None if plan.history is None else Pasts(desk, plan, after)
        self._desk = desk
        self._plan = plan
        self._window = window
        self._bulk_above: float = bulk_above

    def pages(self) -> Iterator[Page]:
        if self._window.job is not None:
            try:
                yield from self._readable_results(self._window.job)
            except (RefusedError, IncompleteError):
                self._window = replace(self._window, job=None)  # gone, failed or of no use: all is asked anew
            else:
                return
        yield from self._asked()

    def _readable_results(self, job: Job) -> Iterator[Page]:
        """Those of an earlier job, as long as they can be read: what could not may have been corrected since."""
        for page in self._results(job):
            if page.rejected:
                raise IncompleteError(f"{self._desk.where}: {page.rejected[0].record}: {page.rejected[0].reason}")
            yield page

    def _asked(self) -> Iterator[Page]:
        """Asks anew where Salesforce has forgotten a query, as long as that leads on."""
        while True:
            last = self._window.last
            try:
                yield from self._batches()
            except StaleQueryError:
                if self._window.last == last:
                    raise
            else:
                return

    def _batches(self) -> Iterator[Page]:
        """A query that finds too much is handed to a job: its first answer says how much that is."""
        for batch in batches(self._desk, "queryAll", self._soql(is_ordered=True)):
            job = self._started() if (batch.total or 0) > self._bulk_above else None
            if job is not None:
                self._window = replace(self._window, job=job)
                yield Page([], self._window.checkpoint, batch.total)
                yield from self._results(job)
                return
            self._window = replace(self._window, last=self._place(batch.raws) or self._window.last)
            yield self._page(batch.raws, batch.total, is_last=batch.next_url is None)

    def _started(self) -> Job | None:
        """`None` where Salesforce has no jobs for such a query: some objects are not in the Bulk API."""
        from connectors.salesforce import bulk  # noqa: PLC0415 - slow to import, see okr_sync.http

        try:
            return bulk.start(self._desk, self._soql(is_ordered=False))
        except RefusedError:
            self._bulk_above = float("inf")
            return None

    def _results(self, job: Job) -> Iterator[Page]:
        from connectors.salesforce import bulk  # noqa: PLC0415 - slow to import, see okr_sync.http

        total = bulk.wait(self._desk, job)
        for raws, now in bulk.results(self._desk, job):
            if now.locator is None:
                refuse_fewer(self._desk.where, now.received_count, total)
            self._window = replace(self._window, job=now)
            yield self._page(raws, total, is_last=now.locator is None)

    def _page(self, raws: Sequence[Raw], total: int | None, *, is_last: bool) -> Page:
        records, rejected = self._plan.reading.records(raws)
        readable = {one.fields["id"] for one in records if not one.is_deleted}
        past = self._pasts.records([one for one in raws if one.get("Id") in readable]) if self._pasts else []
        return Page([*past, *records], self._window.completed if is_last else self._window.checkpoint, total, rejected)

    def _place(self, raws: Sequence[Raw]) -> tuple[datetime, str] | None:
        """Cursor and id of the last of them."""
        try:
            return (to_timestamp(raws[-1][self._plan.declared.cursor]), str(raws[-1]["Id"])) if raws else None
        except (KeyError, ValueError):
            return None  # the page's rejections tell of it

    def _soql(self, *, is_ordered: bool) -> str:
        plan, window = self._plan, self._window
        cursor = plan.declared.cursor
        conditions = (
            plan.settings.where,
            changed(cursor, None if plan.is_computed else window.since, plan.declared.reread),
            None if window.last is None else behind(cursor, *window.last),
        )
        return select(plan.paths, plan.declared.object, conditions, (cursor, "Id") if is_ordered else ())
