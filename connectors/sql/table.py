"""One stream as the database has it, and the reading of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.sql.cursor import Cursor
from connectors.sql.database import Session
from connectors.sql.records import Records
from connectors.sql.selection import Condition, Selection
from okr_sync.connector import Checkpoint, DataError, Page, Record, Rejection, Stream


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a read stands: what it reads since, and how far it came if it was cut."""

    since: datetime | None = None
    next_since: datetime | None = None
    """Where the next read begins, once this one is complete."""
    place: tuple[str, ...] | None = None
    """The cursor and the key of the last row of a read that was cut."""

    def until(self, seen_until: datetime | None, lag: timedelta) -> Progress:
        """The beginning of a read. Where nobody knows what the database shows, the next one begins where this did."""
        return replace(self, next_since=self.since if seen_until is None else seen_until - lag)

    @classmethod
    def of(cls, checkpoint: Checkpoint | None) -> Progress:
        held = checkpoint or {}
        place = held.get("place")
        return cls(_moment(held.get("since")), _moment(held.get("next_since")), None if place is None else tuple(place))

    @property
    def checkpoint(self) -> Checkpoint:
        held = {"since": _text(self.since), "next_since": _text(self.next_since), "place": self.place}
        return {name: value for name, value in held.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Table:
    """A stream that was found and fits its settings."""

    stream: Stream
    selection: Selection
    records: Records
    cursor: Cursor | None
    lag: timedelta

    def everything(self, session: Session) -> Iterator[Page]:
        for rows in session.pages(self.selection.everything()):
            records, rejected = self.records.read(rows)
            yield Page(records, {}, rejected=rejected)

    def changes(self, session: Session, cursor: Cursor, progress: Progress) -> Iterator[Page]:
        """What changed since the last read, and where the next one begins."""
        lost = self._without_cursor(session, cursor)
        if lost is not None:
            yield Page((), progress.checkpoint, rejected=[lost])
        width = len(self.selection.columns)
        for rows in session.pages(self.selection.changes(cursor, self._since(cursor, progress))):
            records, rejected = self.records.read(rows)
            at, *key = rows[-1][width:]
            if None not in key:  # such a row is rejected, and the checkpoint held
                progress = replace(progress, place=(cursor.saved(at), *key))
            yield Page(records, progress.checkpoint, rejected=rejected)
        yield Page((), Progress(since=progress.next_since).checkpoint)

    def keys(self, session: Session) -> Iterator[Sequence[str]]:
        return (self.records.keys(rows) for rows in session.pages(self.selection.keys()))

    def with_keys(self, session: Session, keys: Sequence[str]) -> Iterator[Sequence[Record]]:
        """The records with these keys, looked for among all: a key that became a text need not become the key again.

        Raises:
            DataError: one of them cannot be read, so that it would be missing without anybody knowing.
        """
        wanted = set(keys)
        for rows in session.pages(self.selection.everything()):
            found, rejected = self.records.read([row for row in rows if self.records.key_of(row) in wanted])
            if found:
                yield found
            if rejected:
                raise DataError(
                    f"a record that only the census found cannot be read: {rejected[0].record}: {rejected[0].reason}"
                )

    def count(self, session: Session) -> int:
        """How many records there are, without those that are deleted."""
        if self.records.deleted is None:
            return int(session.one(self.selection.count())[0])
        groups = (row for rows in session.pages(self.selection.count_by(self.records.deleted)) for row in rows)
        return sum(int(row[1]) for row in groups if not self.records.is_deleted(row[0]))

    def _since(self, cursor: Cursor, progress: Progress) -> Condition | None:
        if progress.place is not None:
            return self.selection.not_before(cursor, progress.place)
        return None if progress.since is None else cursor.expression >= cursor.at(progress.since)

    def _without_cursor(self, session: Session, cursor: Cursor) -> Rejection | None:
        """Rows that no read by the cursor would ever give."""
        count, *key = session.one(self.selection.without(cursor))
        if not count:
            return None
        name = cursor.column.name
        shown = ", ".join(f"{field} {value}" for field, value in zip(self.stream.key, key, strict=True))
        return Rejection(
            f"{count} {'row' if count == 1 else 'rows'}, one of them {shown}",
            f"{name} is empty or no time, so their changes would never be seen; fill it in, or write a query with"
            f" coalesce({name}, another time) as the cursor, or `cursor: null` to read everything each time",
        )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
