"""Which metrics share a query.

Metrics over one stream that differ only in the constants of equalities (`team = 'A'`, `team = 'B'`) have one shape:
one GROUP BY over those fields answers all of them in one scan. A wide SELECT of FILTER or CASE aggregates, the usual
way to share a scan, costs more than a query per metric once there are many (measured in `tests/benchmarks`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from okr_sync.formula import CompiledMetric, Moment, write_sql
from okr_sync.measure.instant import Given
from okr_sync.measure.lookups import NO_LOOKUPS, Joined, Lookups, missing_in
from okr_sync.project.window import Window


def parameters(metric: CompiledMetric) -> Moment:
    """A moment whose instants are parameters of the query, so that one text serves every day."""
    window = metric.window
    start = None if window.kind == "all" else Given.WINDOW_START.tree
    return Moment(Given.AS_OF.tree, start, Given.WINDOW_END.tree)


@dataclass(frozen=True, slots=True)
class Member:
    """A metric of a shape: the constants that make it differ from the others, and which value it takes."""

    name: str
    constants: tuple[object, ...]
    value: int
    missing: int | None = None
    """Which of the values counts the records whose lookups find nothing, if any may."""


@dataclass
class Shape:
    """Metrics that one query answers: `values` over the records that meet `condition`, per `fields`."""

    dialect: str
    stream: str
    window: Window
    fields: tuple[str, ...]
    condition: str
    joins: dict[str, exp.Join] = field(default_factory=dict)
    values: list[str] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)

    def add(self, metric: CompiledMetric, constants: tuple[object, ...], condition: Joined, value: Joined) -> None:
        gap, missing = missing_in(condition, value), None
        if gap is not None:
            missing = self._place(exp.Count(this=exp.Case(ifs=[exp.If(this=gap, true=exp.Literal.number(1))])))
        self.members.append(Member(metric.name, constants, self._place(value.expression), missing))
        self.joins.update({**condition.joins, **value.joins})

    def _place(self, value: exp.Expr) -> int:
        """Where the value stands among the others, once."""
        text = write_sql(value, self.dialect)
        if text not in self.values:
            self.values.append(text)
        return self.values.index(text)


def shapes(metrics: Iterable[CompiledMetric], dialect: str, lookups: Lookups = NO_LOOKUPS) -> list[Shape]:
    """The fewest queries that answer these metrics over streams, in the warehouse's dialect."""
    found: dict[tuple[object, ...], Shape] = {}
    for metric in metrics:
        moment = parameters(metric)
        constants, rest = split(metric.condition(moment))
        joined = lookups.join(rest)
        condition = write_sql(joined.unless_missing(), dialect)
        identity = (metric.stream, str(metric.window), tuple(constants), condition)
        new = Shape(dialect, metric.stream or "", metric.window, tuple(constants), condition)
        shape = found.setdefault(identity, new)
        shape.add(metric, tuple(constants.values()), joined, lookups.join(metric.value(moment)))
    return list(found.values())


def split(condition: exp.Expr) -> tuple[dict[str, object], exp.Expr]:
    """The equalities of a field and a constant that must hold, by field name, and what else must hold."""
    constants: dict[str, object] = {}
    rest: list[exp.Expr] = []
    for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
        equality = _equality(part)
        if equality is None or equality[0] in constants:
            rest.append(part)
        else:
            constants[equality[0]] = equality[1]
    return dict(sorted(constants.items())), exp.and_(*rest, copy=False) if rest else exp.true()


def _equality(part: exp.Expr) -> tuple[str, object] | None:
    bare = part.unnest()
    if not isinstance(bare, exp.EQ):
        return None
    sides: Sequence[exp.Expr] = (bare.left, bare.right)
    column = next((side for side in sides if isinstance(side, exp.Column)), None)
    constant = next((found for side in sides if (found := _constant(side)) is not None), None)
    return None if column is None or constant is None else (column.name, constant)


def _constant(side: exp.Expr) -> str | int | bool | None:
    """The value of a text, of a whole number, of true or false. Fractions are compared where they are stored."""
    if isinstance(side, exp.Boolean):
        return bool(side.this)
    if isinstance(side, exp.Neg) and side.this.is_int:
        return -int(side.this.name)
    if not isinstance(side, exp.Literal):
        return None
    return side.name if side.is_string else int(side.name) if side.is_int else None
