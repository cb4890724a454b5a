"""The export of what changed in tickets: the changes of all of them in the order of time, 1,000 updates a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connectors.zendesk.starting import asked_from, epoch
from okr_sync.connector import IncompleteError
from okr_sync.http.changes import UNKNOWN, Change
from okr_sync.http.values import to_number, to_text

if TYPE_CHECKING:
    from okr_sync.http.client import Client

PATH = "/api/v2/incremental/ticket_events.json"
COMMENT = "comment"
"""Stands for a public comment among the names of fields."""
_CUSTOM = "custom_ticket_fields"
_REMEDY = "history: false under streams.tickets reads tickets without their past"
_BESIDE = frozenset({"id", "via", "via_reference_id", "event_type", "previous_value", "added_tags", "removed_tags"})


@dataclass
class TicketChanges:
    """The changes of all tickets since `since`, read only as far as they are asked for."""

    client: Client
    where: str
    since: datetime
    _reached: datetime | None = field(default=None, init=False)
    _known: dict[str, list[Change]] = field(default_factory=dict, init=False)
    _pages: Iterator[list[dict[str, Any]]] | None = field(default=None, init=False)

    def read_until(self, moment: datetime) -> None:
        """Read on until every change up to `moment` is known."""
        if self._pages is None:
            self._pages = self._all()
        while self._reached is None or self._reached <= moment:
            page = next(self._pages, None)
            if page is None:
                return
            for update in page:
                self._note(update)

    def take(self, ticket_id: str, until: datetime) -> list[Change]:
        """The changes of a ticket up to `until`, oldest first. They are then forgotten, to hold no more than is needed.

        What came later belongs to a later state of the ticket, which the export of tickets gives later on.
        """
        known = self._known.pop(ticket_id, [])
        later = [one for one in known if one.at > until]
        if later:
            self._known[ticket_id] = later
        return [one for one in known if one.at <= until]

    def _note(self, update: Mapping[str, Any]) -> None:
        try:
            at = datetime.fromtimestamp(to_number(update.get("timestamp")), UTC)
            found = [one for child in update.get("child_events") or [] for one in _changes(at, child)]
        except (ValueError, OverflowError, TypeError, AttributeError) as error:
            raise IncompleteError(
                f"{self.where}: update {update.get('id')} of ticket {update.get('ticket_id')} cannot be read: it is"
                f" {error}; {_REMEDY}"
            ) from error
        self._reached = at
        if found:
            self._known.setdefault(to_text(update.get("ticket_id")), []).extend(found)

    def _all(self) -> Iterator[list[dict[str, Any]]]:
        """Each update once: the last ones of a page come again on the next."""
        link, last = "", frozenset[object]()
        answer = asked_from(epoch(self.since), lambda start: self.client.get_json(PATH, {"start_time": start}))
        while True:
            updates, is_last = answer.get("ticket_events"), answer.get("end_of_stream")
            if not isinstance(updates, list) or not isinstance(is_last, bool):
                raise IncompleteError(f"{self.where}: an answer without ticket_events or end_of_stream; {_REMEDY}")
            yield [one for one in updates if one.get("id") not in last]
            if is_last:
                return
            link = self._next(answer, link)
            last = frozenset(one.get("id") for one in updates)
            answer = self.client.get_json(link)

    def _next(self, answer: Mapping[str, Any], before: str) -> str:
        link = answer.get("next_page")
        if not link:
            raise IncompleteError(
                f"{self.where}: Zendesk says that more ticket events follow, but not where; {_REMEDY}"
            )
        if link == before:
            raise IncompleteError(
                f"{self.where}: Zendesk gives the same page of ticket events again: more updates than a page holds came"
                f" in one second; {_REMEDY}"
            )
        return str(link)


def _changes(at: datetime, child: Mapping[str, Any]) -> Iterator[Change]:
    kind = child.get("event_type")
    if kind == "Comment" and child.get("comment_public") is not False:
        yield Change(at, COMMENT, None, None)
    if kind not in ("Create", "Change"):
        return
    before = child.get("previous_value", UNKNOWN) if kind == "Change" else UNKNOWN
    for name, value in child.items():
        if name == _CUSTOM and isinstance(value, Mapping):
            yield from (Change(at, str(one), before, after) for one, after in value.items())
        elif name not in _BESIDE:
            yield Change(at, name, before, value)
