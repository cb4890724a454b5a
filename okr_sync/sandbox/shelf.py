"""Records of one kind, and what people do with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from okr_sync.sandbox.clock import Clock


class Kept(Protocol):
    """A record that a shelf can hold: a frozen dataclass with these two."""

    @property
    def id(self) -> Any: ...

    @property
    def updated_at(self) -> datetime: ...


R = TypeVar("R", bound=Kept)


@dataclass(frozen=True, slots=True)
class Gone(Generic[R]):
    """A record that was deleted, as it was last, and when that was."""

    record: R
    at: datetime


class Shelf(Generic[R]):
    """The present state of every record, by id and in the order of creation. Each change stamps `updated_at`."""

    def __init__(
        self, clock: Callable[[], Clock], records: Iterable[R] = (), changed: Callable[[], object] = int
    ) -> None:
        self._clock = clock
        self._changed = changed
        self._records: dict[Any, R] = {one.id: one for one in records}
        self._gone: dict[Any, Gone[R]] = {}
        self._earlier: dict[Any, list[R]] = {}

    @property
    def all(self) -> tuple[R, ...]:
        return tuple(self._records.values())

    @property
    def gone(self) -> Mapping[Any, Gone[R]]:
        """What was deleted, by id."""
        return self._gone

    def earlier(self, record_id: Any) -> tuple[R, ...]:
        """What a record was before its last change, from the first that is remembered on."""
        return tuple(self._earlier.get(record_id, ()))

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._records

    def __getitem__(self, record_id: Any) -> R:
        return self._records[record_id]

    def add(self, record: R) -> R:
        """A new record, with the times it brings."""
        self._records[record.id] = record
        self._changed()
        return record

    def edit(self, record_id: Any, **changes: Any) -> R:
        """Change fields; `updated_at` is now, to the millisecond, unless it is among them."""
        before = self._records[record_id]
        self._earlier.setdefault(record_id, []).append(before)
        edited: R = replace(before, **{"updated_at": self._now(), **changes})  # type: ignore[type-var]
        return self.add(edited)

    def delete(self, record_id: Any) -> None:
        self._gone[record_id] = Gone(self._records.pop(record_id), self._now())
        self._changed()

    def restore(self, record_id: Any) -> R:
        """Take a deleted record back; it is changed by that."""
        back = self._gone.pop(record_id).record
        self._records[record_id] = back
        return self.edit(record_id)

    def _now(self) -> datetime:
        now = self._clock().now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)
