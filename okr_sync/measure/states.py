"""What single records give to a metric on a day, and how they stand: counting, left out with the reason, or not there.

For whoever compares two days. A row of a view is known by the view's key where it has one, since the key of the rows
below may be another one each day.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import pyarrow as pa
from sqlglot import exp

from okr_sync.connector import Stream
from okr_sync.formula import CompiledMetric, Moment, figures_of
from okr_sync.measure.as_of import AsOf
from okr_sync.measure.counted import counted, moment_of
from okr_sync.measure.evidence import links_of, listed_fields
from okr_sync.measure.instant import instant
from okr_sync.measure.left_out import Group, has_versions, out_groups, until
from okr_sync.measure.lookups import Lookups
from okr_sync.warehouse import History
from okr_sync.warehouse.place import quoted

Key = Hashable
Given = tuple[Any, ...]
"""What a record gives to each figure of a formula, one after the other."""
_numbers = count()


@dataclass(frozen=True, slots=True)
class Sight:
    """The records of a metric as they were on a day, as far as `history` knows."""

    metric: CompiledMetric
    stream: Stream
    history: History
    day: AsOf
    lookups: Lookups

    @property
    def key(self) -> tuple[str, ...]:
        """The columns by which a record is known."""
        return self.stream.key if self.metric.views and self.stream.key else ("_key",)


@dataclass(frozen=True, slots=True)
class State:
    """A record that holds on the day: its listed fields, its page, and why it does not count; `None` where it does."""

    fields: Mapping[str, Any]
    link: str | None
    group: Group | None


def given(sight: Sight) -> dict[Key, Given]:
    """By record that counts, what it gives."""
    moment = moment_of(sight.metric, sight.day)
    columns = [one for figure in figures_of(sight.metric).each for one in figure.gives(moment)]
    found = counted(sight.metric, sight.history, sight.day, sight.lookups, columns)
    key = ", ".join(map(quoted, sight.key))
    width = len(sight.key)
    rows = found.query(f"SELECT {', '.join([key, *found.columns])} {found.where}")
    return {row[:width]: _hashable(row[width:]) for row in rows}


def states(sight: Sight, keys: Collection[Key]) -> dict[Key, State]:
    """How these records stand on the day; those that do not hold are absent."""
    groups = out_groups(sight.metric, sight.day)
    found = counted(sight.metric, sight.history, sight.day, sight.lookups, [condition for _, condition in groups])
    fails = (f"WHEN {condition} THEN {place}" for place, condition in enumerate(found.columns))
    standing = " ".join([f"CASE WHEN ({found.counts}) IS TRUE THEN -1", *fails, "END"])
    fields = listed_fields(sight.metric, sight.stream)
    columns = ", ".join([*map(quoted, (*sight.key, *fields)), standing])
    width = len(sight.key)
    rows = found.query(f"SELECT {columns} FROM {found.source} WHERE {found.held}{_only(sight, keys)}")
    rows = [row for row in rows if row[:width] in keys]
    values = [row[width:-1] for row in rows]
    links = links_of(sight.stream, fields, values) or [None] * len(rows)
    return {
        row[:width]: State(dict(zip(fields, one, strict=True)), link, None if row[-1] == -1 else groups[row[-1]][0])
        for row, one, link in zip(rows, values, links, strict=True)
    }


def counted_before(sight: Sight, keys: Collection[Key], day: AsOf) -> set[Key]:
    """Those of these records of which a version that ended before `day` did would count on the day of `sight`, and did
    by the time that it held."""
    if not has_versions(sight.metric) or not keys:
        return set()
    found = counted(sight.metric, sight.history, sight.day, sight.lookups, _had_come(sight))
    held = [f"({one}) IS TRUE" for one in (found.counts, *found.columns)]
    where = " AND ".join([f"_valid_to < {until(day, sight.history.dialect)}", *held])
    return set(found.query(f"SELECT DISTINCT _key FROM {found.source} WHERE {where}{_only(sight, keys)}"))


def _had_come(sight: Sight) -> list[exp.Expr]:
    """That the time of a version had come while it held: a contract that ends next month does not count this month."""
    ended = exp.column("_valid_to")
    ended.type = exp.DType.TIMESTAMPTZ
    moment = Moment(instant(sight.day.as_of), None, ended)
    return list(sight.metric.window_conditions(moment).values())


def _only(sight: Sight, keys: Collection[Key]) -> str:
    """A condition that leaves other records out, for relations that may be large: those of a source."""
    if sight.key != ("_key",):
        return ""
    name = f"_keys {next(_numbers)}"
    sight.history.add(name, lambda: pa.table({"_wanted": pa.array(list(_texts(keys)), pa.string())}))
    return f" AND _key IN (SELECT _wanted FROM {quoted(name)})"


def _texts(keys: Collection[Key]) -> Iterator[str]:
    for key in keys:
        if isinstance(key, tuple):
            yield str(key[0])


def _hashable(row: tuple[Any, ...]) -> Given:
    return tuple(tuple(one) if isinstance(one, list) else one for one in row)
