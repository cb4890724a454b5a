"""A connector whose source is a script: the pages it gives, and where it breaks. The engine's tests sync it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from okr_sync.connector import (
    Checkpoint,
    Connector,
    Context,
    Field,
    FieldType,
    Identity,
    Page,
    Record,
    Rejection,
    SourceSettings,
    Stream,
    Vitals,
)

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

ISSUES = Stream(
    name="issues",
    fields=(
        Field("id", FieldType.TEXT),
        Field("status", FieldType.TEXT),
        Field("points", FieldType.NUMBER),
        Field("created_at", FieldType.TIMESTAMP),
        Field("updated_at", FieldType.TIMESTAMP),
    ),
    key=("id",),
    version_at="updated_at",
    created_at="created_at",
)
"""A stream read by changes, with times of its own."""

CONTRACTS = Stream(
    name="contracts",
    fields=(Field("id", FieldType.TEXT), Field("amount", FieldType.NUMBER)),
    key=("id",),
    is_full_read=True,
)
"""A stream read whole every time, without times."""


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """An instant of October 2026, in UTC."""
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)


def issue(key: str, status: str, updated_at: datetime, points: float | None = None) -> Record:
    return Record({"id": key, "status": status, "points": points, "created_at": at(1), "updated_at": updated_at})


def contract(key: str, amount: float | None) -> Record:
    return Record({"id": key, "amount": amount})


@dataclass
class Script:
    """What the source answers: for each stream its pages of records; an exception in their place is raised."""

    streams: Sequence[Stream]
    pages: dict[str, list[Sequence[Record | Rejection] | Exception]]
    sign_in: Exception | None = None
    checkpoints_seen: list[Checkpoint | None] = field(default_factory=list)
    exists: list[Record] = field(default_factory=list)
    """What a census lists and what can be fetched by key, of streams with one."""
    identity: Identity | None = None
    counts: dict[str, int | Exception] = field(default_factory=dict)
    vitals: Vitals = field(default_factory=Vitals)


class Scripted(Connector):
    Settings = SourceSettings
    description: ClassVar[str] = "a source that follows a script"

    def __init__(self, script: Script) -> None:
        super().__init__(SourceSettings(connector="scripted"), Context("scripted", Path(), HANOI))
        self.script = script
        self._request_count = 0

    @property
    def request_count(self) -> int:
        return self._request_count

    def declared_streams(self) -> Sequence[Stream]:
        return self.script.streams

    def connect(self) -> Sequence[Stream]:
        if self.script.sign_in is not None:
            raise self.script.sign_in
        return self.script.streams

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        self.script.checkpoints_seen.append(checkpoint)
        first = checkpoint["page"] if checkpoint else 0
        for number, records in enumerate(self.script.pages[stream.name]):
            if isinstance(records, Exception):
                raise records
            if number < first:
                continue
            self._request_count += 1
            whole = [one for one in records if isinstance(one, Record)]
            yield Page(whole, {"page": number + 1}, rejected=[one for one in records if isinstance(one, Rejection)])

    def identity(self) -> Identity | None:
        return self.script.identity

    def count(self, stream: Stream) -> int | None:
        count = self.script.counts.get(stream.name)
        if isinstance(count, Exception):
            raise count
        return count

    @property
    def vitals(self) -> Vitals:
        return self.script.vitals

    def census(self, stream: Stream) -> Iterator[Sequence[str]]:
        yield [str(record.fields["id"]) for record in self.script.exists]

    def fetch(self, stream: Stream, keys: Sequence[str]) -> Iterator[Sequence[Record]]:
        yield [record for record in self.script.exists if record.fields["id"] in keys]
