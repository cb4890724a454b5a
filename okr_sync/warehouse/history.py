"""The reading side: every version of the records of a stream, with the span of time for which it held.

An engine opens streams as temporary relations of one session; what runs over them is written in its dialect.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, Self

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Answer:
    """The columns and rows of a query."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class History(ABC):
    """Streams opened for reading: each is a relation named `source.stream` with the fields asked for and `_key`.

    A version holds from `_valid_from` (inclusive) to `_valid_to` (exclusive); open ends are infinite. The first known
    version of a record holds from its creation, or from the beginning where that is not known, although it was not
    known before `_known_from`. Deleted records have no version after their deletion. All streams are as they were at
    one moment.
    """

    dialect: str
    """In which SQL is written that runs here, one of `okr_sync.formula.DIALECTS`."""

    def __init__(self, fields: Mapping[str, Collection[str]]) -> None:
        self._fields = fields
        self._added: set[str] = set()

    def holds(self, stream: str, fields: Collection[str]) -> bool:
        """Whether the stream was opened with all of these fields."""
        return stream in self._fields and set(fields) <= set(self._fields[stream])

    def fields(self, stream: str) -> Collection[str]:
        """The fields that the stream was opened with; none where it was not."""
        return self._fields.get(stream, ())

    def only(self, fields: Mapping[str, Collection[str]]) -> Self:
        """The same as if it had been opened with `fields`, all of which it was opened with."""
        history = copy(self)
        history._fields = fields
        return history

    def add(self, name: str, make: Callable[[], pa.Table]) -> None:
        """Put a relation beside the streams, to be joined with them; what is there already stays."""
        if name not in self._added:
            self._put(name, make())
            self._added.add(name)

    @abstractmethod
    def keep(self, name: str, select: str) -> None:
        """Make the rows of a query a relation, in the place of the one of that name."""

    @abstractmethod
    def query(self, sql: str, parameters: Mapping[int, object] | None = None) -> Answer:
        """Run compiled SQL. Times in the answer are in the project's zone, whole numbers are int, others float.

        `parameters` are the values of `$1` and so on, without a gap; they may be more than the statement names.
        """

    @abstractmethod
    def _put(self, name: str, rows: pa.Table) -> None:
        """Make a temporary relation of these rows."""
