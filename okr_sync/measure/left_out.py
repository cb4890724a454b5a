"""The records that did not count, and why; and what is odd about those that did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlglot import exp

from okr_sync.connector import Stream
from okr_sync.formula import KNOWN_COLUMN, CompiledMetric, figures_of, versions_below, write_sql, written
from okr_sync.measure.as_of import AsOf
from okr_sync.measure.counted import Counted, counted, is_not_true, moment_of
from okr_sync.measure.evidence import links_of, listed_fields, page_of
from okr_sync.measure.instant import instant
from okr_sync.measure.lookups import NO_LOOKUPS, Lookups
from okr_sync.warehouse import History
from okr_sync.warehouse.place import quoted


class Reason(StrEnum):
    """Why a record did not count, in the order in which it is asked: it has the first that applies."""

    FILTER = "filter"
    """A condition of `where` does not hold, or cannot be judged because a value is missing."""
    NO_TIME = "no-time"
    """What places it in the window is missing."""
    BEFORE = "before"
    """Its time lies before the window."""
    AFTER = "after"
    """Its time lies after the window."""
    DELETED = "deleted"
    """It ended before the day did; as it was last, it would count."""
    NOTHING = "nothing"
    """It counts as a record, and gives nothing to a sum or a mean: the value is missing."""
    LOOKUP = "lookup"
    """It counts, and what is looked up beside it is missing: there is no value because of it."""
    ASSUMED = "assumed"
    """It counts, and was first seen later: it is assumed to have been so already."""

    @property
    def is_out(self) -> bool:
        """Whether such records hold on the day and do not count."""
        return self in (Reason.FILTER, Reason.NO_TIME, Reason.BEFORE, Reason.AFTER)


@dataclass(frozen=True, slots=True)
class Group:
    """Records with one reason: for a condition of `where`, which; for nothing, which figure."""

    reason: Reason
    detail: str
    count: int
    fields: tuple[str, ...] = ()
    """The fields that decide."""


@dataclass(frozen=True, slots=True)
class ToList:
    """Which records to list: those with these reasons, a page of them: how many, and how many to pass over."""

    reasons: tuple[Reason, ...]
    page: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """Records with a reason, in the order of their keys, with what `explain` lists of those that count."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    links: tuple[str, ...]
    groups: tuple[Group, ...]
    """The group of each row."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Every reason that there is, with how many records have it."""

    groups: tuple[Group, ...]
    listed: Listed | None = None

    @property
    def out_count(self) -> int:
        """Records that hold on the day and do not count."""
        return sum(group.count for group in self.groups if group.reason.is_out)


@dataclass(frozen=True, slots=True)
class _Case:
    """A reason with the condition under which a record has it, unless one before applies."""

    group: Group
    condition: exp.Expr = field(repr=False)


def left_out(
    metric: CompiledMetric,
    stream: Stream,
    history: History,
    day: AsOf,
    lookups: Lookups = NO_LOOKUPS,
    to_list: ToList | None = None,
) -> LeftOut:
    """The records of the relation of `metric` on `day` that do not count, by reason, and those of `to_list`."""
    cases, notes = list(_cases(metric, day)), list(_notes(metric, day))
    found = counted(metric, history, day, lookups, [one.condition for one in (*cases, *notes)])
    places = _placed(found, cases, notes, day)
    groups = _summary(found, places) + _deleted_summary(metric, found, day)
    if to_list is None:
        return LeftOut(groups)
    selects = [
        _select(found, condition, place, listed_fields(metric, stream))
        for place, (group, condition) in enumerate(places)
        if group.reason in to_list.reasons
    ]
    if Reason.DELETED in to_list.reasons and has_versions(metric):
        columns = _named(listed_fields(metric, stream))
        selects.append(_deleted(metric, found, day, f"SELECT _key AS _of_key, -1 AS _place, {columns}"))
    by_place = [*(group for group, _ in places), _DELETED]  # the last one by its place -1
    return LeftOut(groups, _listed(found, selects, to_list.page, by_place, (metric, stream)))


def _listed(
    found: Counted,
    selects: Sequence[str],
    page: tuple[int, int] | None,
    by_place: Sequence[Group],
    listing: tuple[CompiledMetric, Stream],
) -> Listed:
    columns = listed_fields(*listing)
    rows = found.query(f"{' UNION ALL '.join(selects)} ORDER BY 1, 2{page_of(page)}") if selects else []
    values = [row[2:] for row in rows]
    return Listed(columns, values, links_of(listing[1], columns, values), tuple(by_place[row[1]] for row in rows))


def out_groups(metric: CompiledMetric, day: AsOf) -> list[tuple[Group, exp.Expr]]:
    """Every reason why a record may not count, with its condition; a record has the first whose condition holds."""
    return [(case.group, case.condition) for case in _cases(metric, day)]


_DELETED = Group(Reason.DELETED, "", 0)


def _cases(metric: CompiledMetric, day: AsOf) -> Iterator[_Case]:
    moment = moment_of(metric, day)
    conditions = metric.conditions(moment)
    for part, condition in zip(metric.where_parts, conditions, strict=False):
        names = tuple(dict.fromkeys(column.name for column in part.find_all(exp.Column)))
        yield _Case(Group(Reason.FILTER, written(part), 0, names), is_not_true(condition))
    time = metric.time(moment)
    if time is None or metric.metric.time is None:
        return
    text = metric.metric.time
    names = tuple(dict.fromkeys(column.name for column in (metric.time_tree or time).find_all(exp.Column)))
    yield _Case(Group(Reason.NO_TIME, text, 0, names), exp.Is(this=time, expression=exp.Null()))
    for side, condition in metric.window_conditions(moment).items():
        reason = Reason.BEFORE if side == "start" else Reason.AFTER
        yield _Case(Group(reason, text, 0, names), is_not_true(condition))


def _notes(metric: CompiledMetric, day: AsOf) -> Iterator[_Case]:
    moment = moment_of(metric, day)
    for figure in figures_of(metric).each:
        condition = figure.gives_nothing(moment)
        if condition is not None:
            names = tuple(dict.fromkeys(column.name for column in figure.tree.find_all(exp.Column)))
            yield _Case(Group(Reason.NOTHING, figure.name, 0, names), condition)


def _placed(found: Counted, cases: Sequence[_Case], notes: Sequence[_Case], day: AsOf) -> list[tuple[Group, str]]:
    """Every group with the condition, as SQL, under which a record that holds on the day belongs to it."""
    counts = f"({found.counts}) IS TRUE"
    places: list[tuple[Group, str]] = []
    before = [f"NOT {counts}"]
    for case, condition in zip(cases, found.columns, strict=False):
        places.append((case.group, " AND ".join([*before, f"({condition})"])))
        before.append(f"NOT ({condition})")
    for note, condition in zip(notes, found.columns[len(cases) :], strict=True):
        places.append((note.group, f"{counts} AND ({condition}) IS TRUE"))
    places.append((Group(Reason.LOOKUP, "", 0), f"{counts} AND ({found.missing}) IS TRUE"))
    places.append((Group(Reason.ASSUMED, "", 0), f"{counts} AND {KNOWN_COLUMN} >= {until(day, found.history.dialect)}"))
    return places


def _summary(found: Counted, places: Sequence[tuple[Group, str]]) -> tuple[Group, ...]:
    """One scan: a count a group."""
    counts = ", ".join(f"count(CASE WHEN {condition} THEN 1 END)" for _, condition in places)
    (row,) = found.query(f"SELECT {counts} FROM {found.source} WHERE {found.held}")
    return tuple(
        Group(group.reason, group.detail, int(count), group.fields)
        for (group, _), count in zip(places, row, strict=True)
        if count
    )


def _select(found: Counted, condition: str, place: int, columns: Sequence[str]) -> str:
    return (
        f"SELECT _key AS _of_key, {place} AS _place, {_named(columns)}"
        f" FROM {found.source} WHERE {found.held} AND {condition}"
    )


def _named(columns: Sequence[str]) -> str:
    return ", ".join(map(quoted, columns))


def has_versions(metric: CompiledMetric) -> bool:
    """Whether it runs over the records of a source, of which every version is at hand."""
    return not metric.views and versions_below(metric.stream or "") is None


def _deleted_summary(metric: CompiledMetric, found: Counted, day: AsOf) -> tuple[Group, ...]:
    if not has_versions(metric):
        return ()
    ((count,),) = found.query(_deleted(metric, found, day, "SELECT count(*)"))
    return (Group(Reason.DELETED, "", int(count)),) if count else ()


def _deleted(metric: CompiledMetric, found: Counted, day: AsOf, select: str) -> str:
    """The last versions of records that had ended by the day's end, of those that would count."""
    name, end = quoted(metric.stream or ""), until(day, found.history.dialect)
    last = f"(SELECT _key AS _last_key, max(_valid_to) AS _last FROM {name} WHERE _valid_from < {end} GROUP BY 1)"
    source = f"{found.source} JOIN {last} AS _ended ON _last_key = {name}._key AND _last = {name}._valid_to"
    return f"{select} FROM {source} WHERE _last < {end} AND ({found.counts})"


def until(day: AsOf, dialect: str) -> str:
    """The end of the day, as SQL."""
    return write_sql(instant(day.held_until), dialect)
