"""A stream as a table of columns: each a field, and how it is read from what the source sends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from okr_sync.connector import Field, FieldType, Record, Rejection, Value
from okr_sync.http.values import Readers, member, read_value

Raw = TypeVar("Raw")


@dataclass(frozen=True)  # without slots: `Column[Ticket](...)` needs room for its type
class Column(Generic[Raw]):
    """One field of a stream; `read` raises ValueError where what came cannot be read as its type."""

    field: Field
    read: Callable[[Raw], Value]


def column(
    name: str, kind: FieldType, path: str, description: str = "", readers: Readers | None = None
) -> Column[dict[str, Any]]:
    """The value at `path` inside the object of a record (`status.name`), by the readers of a connector or the usual."""
    return Column(Field(name, kind, description), lambda raw: read_value(kind, member(raw, path), readers))


def never(_: Any) -> bool:
    """No record that comes is deleted."""
    return False


def forgiving(columns: Iterable[Column[Raw]]) -> list[Column[Raw]]:
    """The same columns for versions of long ago: what cannot be read as the type that its field has now is missing."""
    return [Column(one.field, _or_missing(one.read)) for one in columns]


def _or_missing(read: Callable[[Raw], Value]) -> Callable[[Raw], Value]:
    def read_or_miss(raw: Raw) -> Value:
        try:
            return read(raw)
        except (ValueError, OverflowError):
            return None

    return read_or_miss


@dataclass(frozen=True)
class Reading(Generic[Raw]):
    """How the records of a stream are read."""

    columns: Sequence[Column[Raw]]
    name_of: Callable[[Raw], str]
    """Which record it is, as a person finds it: `ticket 4711`."""
    is_deleted: Callable[[Raw], bool] = never

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(one.field for one in self.columns)

    def records(self, raws: Iterable[Raw]) -> tuple[list[Record], list[Rejection]]:
        """The records, and those that cannot be read as declared."""
        records: list[Record] = []
        rejected: list[Rejection] = []
        for raw in raws:
            one = self._record(raw)
            if isinstance(one, Record):
                records.append(one)
            else:
                rejected.append(one)
        return records, rejected

    def _record(self, raw: Raw) -> Record | Rejection:
        values: dict[str, Value] = {}
        for one in self.columns:
            try:
                values[one.field.name] = one.read(raw)
            except (ValueError, OverflowError) as error:
                return Rejection(
                    self.name_of(raw), f"{one.field.name} cannot be read as {one.field.type}: it is {error}"
                )
        return Record(values, is_deleted=self.is_deleted(raw))
