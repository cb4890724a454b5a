"""The stream of SLA results: one record for each instance of a metric that a policy applied to.

The events of one result come over many nights, and Zendesk lists events by their time only, never by ticket. So the
checkpoint is a time to read from, and carries a limited number of unfinished results whole:

- what is open, or had an event in the last days, may still change; everything else is final;
- of these the oldest are carried, so that a ticket left lying for a year does not make each night read a year;
- the others are read anew, from the beginning of the oldest: no result is ever built from a part of its events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.zendesk.events import Instance, read_event
from connectors.zendesk.results import SlaResult, read_result
from connectors.zendesk.starting import LAG, epoch
from okr_sync.connector import Checkpoint, Field, FieldType, Page, Rejection, Stream
from okr_sync.http.columns import Column, Reading

PATH = "/api/v2/incremental/ticket_metric_events"
MOST_CARRIED = 500


def _policy(name: str) -> Any:
    return lambda one: None if one.policy is None else getattr(one.policy, name)


def _column(name: str, kind: FieldType, read: Any, description: str) -> Column[SlaResult]:
    return Column(Field(name, kind, description), read)


_TEXT, _TIMESTAMP, _BOOLEAN = FieldType.TEXT, FieldType.TIMESTAMP, FieldType.BOOLEAN
_COLUMNS = (
    _column("ticket_id", _TEXT, lambda one: one.instance[0], "The ticket"),
    _column(
        "metric",
        _TEXT,
        lambda one: one.instance[1],
        "What is measured: reply_time (first and later replies), requester_wait_time, agent_work_time, resolution_time,"
        " periodic_update_time, pausable_update_time or group_ownership_time",
    ),
    _column("instance", _TEXT, lambda one: one.instance[2], "Which one: the metric of a ticket may start anew"),
    _column("policy", _TEXT, _policy("title"), "The title of the policy that was applied last"),
    Column(
        Field("goal_hours", FieldType.NUMBER, "The hours that the policy allows", unit="hours"), _policy("goal_hours")
    ),
    _column(
        "is_goal_in_business_hours",
        _BOOLEAN,
        _policy("is_in_business_hours"),
        "True where goal_hours are hours of Zendesk's schedule, false where they are calendar hours",
    ),
    _column("applied_at", _TIMESTAMP, lambda one: one.applied_at, "When the policy was applied, or last changed"),
    _column(
        "breached_at", _TIMESTAMP, lambda one: one.breached_at, "When the goal was missed; none for a revoked breach"
    ),
    _column("fulfilled_at", _TIMESTAMP, lambda one: one.fulfilled_at, "When it was fulfilled, in time or late"),
    _column(
        "is_breached", _BOOLEAN, lambda one: bool(one.breaches), "The goal was missed; revoked breaches do not count"
    ),
    _column("is_open", _BOOLEAN, lambda one: one.is_open, "Not fulfilled yet"),
    _column("changed_at", _TIMESTAMP, lambda one: one.changed_at, "When the last of its events happened"),
)  # fmt: skip
_READING: Reading[SlaResult] = Reading(
    _COLUMNS, lambda one: f"SLA of ticket {one.instance[0]}", lambda one: one.policy is None
)


def sla_stream(site_url: str) -> Stream:
    return Stream(
        name="sla_results",
        fields=_READING.fields,
        key=("ticket_id", "metric", "instance"),
        is_extra=True,
        version_at="changed_at",
        created_at="applied_at",
        link=f"{site_url}/agent/tickets/{{ticket_id}}",
        description="Results of SLA policies: applied, breached, fulfilled, for each ticket and metric",
    )


class SlaResults:
    """The results of one read that ends at `now`. `revocable` is how long a breach may be taken back."""

    def __init__(self, checkpoint: Checkpoint | None, now: datetime, revocable: timedelta) -> None:
        self._checkpoint = checkpoint or {}
        self._now = now
        self._read_to = now - LAG
        self._revocable = revocable
        carried = map(read_result, self._checkpoint.get("carried", ()))
        self._results: dict[Instance, SlaResult] = {one.instance: one for one in carried}
        self._touched: dict[Instance, SlaResult] = {}
        known_to = datetime.fromtimestamp(self._checkpoint.get("read_to", 0), UTC)
        self._known_to = min(known_to, self._read_to)

    def pages(self, batches: Iterator[list[dict[str, Any]]]) -> Iterator[Page]:
        """Zendesk lists events in the order of their time, so that each page may move the checkpoint."""
        for raws in batches:
            yield self._page(raws, min(self._read_to, _last_time(raws) or self._known_to))
        yield self._page([], self._read_to)

    def _page(self, raws: Iterable[Mapping[str, Any]], read_to: datetime) -> Page:
        """The results that events up to `read_to` touch.

        While events come that an earlier read has had, nothing is told: half of them make a result of the past.
        """
        rejected = [one for one in map(self._take, raws) if one is not None]
        if read_to < self._known_to:
            return Page([], self._checkpoint, rejected=rejected)
        final_before = self._known_to - self._revocable
        told = [one for one in self._touched.values() if one.applied_at is not None and one.changed_at >= final_before]
        self._touched.clear()
        self._checkpoint = self._carry(read_to)
        return Page(_READING.records(told)[0], self._checkpoint, rejected=rejected)

    def _take(self, raw: Mapping[str, Any]) -> Rejection | None:
        try:
            event = read_event(raw)
        except ValueError as error:
            return Rejection(f"metric event {raw.get('id')}", f"it cannot be read: {error}")
        if event.at <= self._now:  # a breach may be told before it happens
            result = self._results.setdefault(event.instance, SlaResult.begun(event))
            result.take(event)
            self._touched[event.instance] = result
        return None

    def _carry(self, read_to: datetime) -> Checkpoint:
        """Forgets what is final, and says from where the rest can be built."""
        final_before = read_to - self._revocable
        self._results = {
            key: one for key, one in self._results.items() if one.is_open or one.changed_at >= final_before
        }
        unfinished = sorted(
            (one for one in self._results.values() if one.applied_at is not None), key=lambda one: one.begun_at
        )
        since = min([final_before, *(one.begun_at for one in unfinished[MOST_CARRIED:][:1])])
        carried = [one.written() for one in unfinished[:MOST_CARRIED]]
        return {"since": epoch(since), "read_to": epoch(read_to), "carried": carried}


def _last_time(raws: list[dict[str, Any]]) -> datetime | None:
    for raw in reversed(raws):
        try:
            return read_event(raw).at
        except ValueError:
            continue
    return None
