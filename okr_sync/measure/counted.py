"""The records of a metric on a day as the parts of a query: where they are, which of them hold, and which count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlglot import exp

from okr_sync.formula import CompiledMetric, Moment, write_sql
from okr_sync.measure.as_of import AsOf
from okr_sync.measure.instant import instant
from okr_sync.measure.lookups import Lookups, missing_in
from okr_sync.measure.relation import rows_of, with_views
from okr_sync.measure.values import provide
from okr_sync.warehouse import History


@dataclass(frozen=True, slots=True)
class Counted:
    """A query over the records of one metric on one day, part by part.

    `columns` are expressions that were asked for, over `source`, as SQL.
    """

    history: History
    below: str
    source: str
    held: str
    counts: str
    """Records that cannot be judged because a lookup finds nothing count too: they must not vanish in silence."""
    missing: str
    columns: tuple[str, ...]

    @property
    def where(self) -> str:
        return f"FROM {self.source}\nWHERE {self.held}\n  AND {self.counts}"

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.history.query(f"{self.below}{sql}").rows


def counted(
    metric: CompiledMetric, history: History, day: AsOf, lookups: Lookups, columns: Iterable[exp.Expr] = ()
) -> Counted:
    """The records of `metric` on `day`; `columns` are lowered expressions over them, or aggregates of them."""
    views = {view.name: view for view in metric.views}
    rows = rows_of(metric.stream or "", history, instant(day.held_until), views)
    moment = moment_of(metric, day)
    condition = lookups.join(metric.condition(moment))
    value = lookups.join(metric.value(moment))
    joined = [lookups.join(one) for one in columns]
    joins = {name: join for part in (condition, value, *joined) for name, join in part.joins.items()}
    provide(history, joins, lookups)
    sql = partial(write_sql, dialect=history.dialect)
    gap = missing_in(condition, value)
    return Counted(
        history=history,
        below=with_views(metric, history, day),
        source="".join([rows.relation, *(f"\n{sql(join)}" for join in joins.values())]),
        held=rows.condition,
        counts=sql(condition.unless_missing()),
        missing="FALSE" if gap is None else sql(gap),
        columns=tuple(sql(one.expression) for one in joined),
    )


def moment_of(metric: CompiledMetric, day: AsOf) -> Moment:
    """The day as constants of a query."""
    start, end = day.bounds(metric.window)
    return Moment(instant(day.as_of), None if start is None else instant(start), instant(end))


def is_true(condition: exp.Expr) -> exp.Expr:
    """Whether a condition holds: false and unknown are alike."""
    return exp.Is(this=exp.paren(condition, copy=False), expression=exp.true())


def is_not_true(condition: exp.Expr) -> exp.Expr:
    return exp.Not(this=is_true(condition))
