"""Looks up what formulas need beside the records: working time of a calendar, exchange rates of a day.

Each lookup is a LEFT JOIN on the relation that the records come from, whatever that is. The helper relations have one
row a key, so a join never multiplies records. Joins cost less than half of correlated subqueries, and engines such
as Spark have no correlated subqueries inside aggregates (`tests/benchmarks/business_hours.py`).

A lookup that finds nothing is not an unknown value, which aggregates would leave out in silence: it is counted, and a
value with such records is no value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
from pydantic import JsonValue
from sqlglot import exp
from sqlglot.expressions import DType

from okr_sync.formula import CompiledMetric
from okr_sync.formula.lookup import DEFAULT_CALENDAR, WORKED, lookups_in
from okr_sync.measure.rates import Rates
from okr_sync.measure.working_time import DAY_MICROSECONDS, WorkingHours, working_time


@dataclass(frozen=True)
class Joined:
    """An expression whose lookups are columns of `joins`, by their aliases; a later join may rest on an earlier one."""

    expression: exp.Expr
    joins: Mapping[str, exp.Join]
    missing: exp.Expr | None
    """The condition under which a record's lookups find nothing; `None` where there are none."""

    def unless_missing(self) -> exp.Expr:
        """A condition as it is, and kept where it cannot be judged, so that such records are counted as missing."""
        return self.expression if self.missing is None else exp.or_(self.expression, self.missing)


@dataclass(frozen=True)
class Lookups:
    """A project's calendars and rates; in the place of one that cannot be had, why."""

    calendars: Mapping[str, WorkingHours | str] = field(default_factory=dict)
    rates: Rates | str = "the project has no exchange rates"

    def join(self, expression: exp.Expr) -> Joined:
        """The lowered `expression` with a column in the place of each lookup. The given tree is used up."""
        root = exp.Paren(this=expression)
        joins: dict[str, exp.Join] = {}
        replaced: list[tuple[exp.Expr, exp.Expr]] = []
        for call in reversed(list(lookups_in(root))):  # those inside others first
            look_up = self._worked if call.name == WORKED else self._converted
            found = look_up(call.expressions)
            joins.setdefault(found.alias, found.join)
            call.replace(found.value)
            replaced.append((found.value, found.missing))
        missing = {part.sql(): part for part in (_when_reached(value, gap) for value, gap in replaced)}
        return Joined(root.this, joins, exp.or_(*missing.values()) if missing else None)

    def table(self, name: str) -> pa.Table:
        """The helper relation of that name."""
        kind, _, own = name.partition(" of ")
        if kind == _RATES:
            return (self.rates if isinstance(self.rates, Rates) else Rates(own, 0)).to(own)
        hours = self.calendars.get(own, "")
        return _NO_TIME if isinstance(hours, str) else working_time(hours).table

    def why_missing(self, metric: CompiledMetric) -> str:
        """What may keep the lookups of a metric from finding anything, for messages."""
        return "; ".join(
            [*map(self._why_no_time, sorted(metric.calendars)), *map(self._why_no_rate, sorted(metric.currencies))]
        )

    def content(self, metrics: Iterable[CompiledMetric]) -> dict[str, JsonValue]:
        """What these metrics rest on here, by name, for the definition of a number: its change is a change of that.

        Rates of other days are data, so of rates only the rules count.
        """
        used = list(metrics)
        calendars = {name: self.calendars.get(name, "") for metric in used for name in metric.calendars}
        found: dict[str, JsonValue] = {
            _time_of(name): hours if isinstance(hours, str) else hours.content()
            for name, hours in sorted(calendars.items())
        }
        if any(metric.currencies for metric in used):
            rates = self.rates
            found[_RATES] = rates if isinstance(rates, str) else {"base": rates.base, "gap_days": rates.gap_days}
        return found

    def _why_no_time(self, calendar: str) -> str:
        hours = self.calendars.get(calendar, "it is not there")
        name = f"calendar {calendar}" if calendar != DEFAULT_CALENDAR else "the calendar"
        return f"{name}: {hours}" if isinstance(hours, str) else f"{name} covers {hours.years[0]} to {hours.years[1]}"

    def _why_no_rate(self, currency: str) -> str:
        if isinstance(self.rates, str):
            return self.rates
        within = f"on their day or the {self.rates.gap_days} days before"
        return f"no currency or no rate into {currency} {within}; {self.rates.in_words()}"

    def _worked(self, arguments: list[exp.Expr]) -> _Found:
        time, calendar = arguments
        hours = self.calendars.get(calendar.name, "")
        width = 1 if isinstance(hours, str) else working_time(hours).width
        instant = exp.UnixMicros(this=time.copy())
        day = exp.Floor(this=exp.Div(this=exp.cast(instant, DType.DOUBLE), expression=_number(DAY_MICROSECONDS)))
        name = _time_of(calendar.name)
        alias = _alias("time", name, instant)
        on = exp.EQ(this=_column("_utc_day", alias), expression=exp.cast(day, DType.BIGINT, copy=False))
        worked: exp.Expr = _column("_before", alias)
        for n in range(1, width + 1):
            worked = exp.Add(this=worked, expression=_within(instant, alias, n))
        missing = exp.and_(_is_known(time), _is_unknown(_column("_utc_day", alias)))
        return _Found(alias, _left_join(name, alias, on), exp.paren(worked), missing)

    def _converted(self, arguments: list[exp.Expr]) -> _Found:
        amount, currency, day, target = arguments
        name = f"{_RATES} of {target.name}"
        alias = _alias("rate", name, currency, day)
        on = exp.and_(
            exp.EQ(this=_column("_currency", alias), expression=currency.copy()),
            exp.EQ(this=_column("_day", alias), expression=day.copy()),
        )
        is_same = exp.EQ(this=currency.copy(), expression=target.copy())
        one = exp.cast(exp.Literal.number(1), DType.DOUBLE)
        rate = exp.Case(ifs=[exp.If(this=is_same, true=one)], default=_column("_rate", alias))
        missing = exp.and_(_is_known(amount), _is_unknown(rate))
        return _Found(
            alias, _left_join(name, alias, on), exp.paren(exp.Mul(this=amount.copy(), expression=rate)), missing
        )


@dataclass(frozen=True)
class _Found:
    alias: str
    join: exp.Join
    value: exp.Expr
    missing: exp.Expr


NO_LOOKUPS = Lookups()
_TIME, _RATES = "working time", "rates"
_NO_TIME = pa.table({name: pa.array([], pa.int64()) for name in ("_utc_day", "_before", "_from1", "_length1")})


def _time_of(calendar: str) -> str:
    return _TIME if calendar == DEFAULT_CALENDAR else f"{_TIME} of {calendar}"


def missing_in(*parts: Joined) -> exp.Expr | None:
    """The condition under which a lookup of one of the parts finds nothing; `None` where they have none."""
    gaps = [part.missing for part in parts if part.missing is not None]
    return exp.or_(*gaps) if gaps else None


def tables_in(joins: Iterable[exp.Join]) -> set[str]:
    """The helper relations that joins read."""
    return {join.this.name for join in joins}


def _within(instant: exp.Expr, alias: str, n: int) -> exp.Expr:
    """How much of a span lies before the instant."""
    since = exp.Sub(this=instant.copy(), expression=_column(f"_from{n}", alias))
    not_before = exp.Greatest(this=since, expressions=[_number(0)], ignore_nulls=True)
    return exp.Least(this=not_before, expressions=[_column(f"_length{n}", alias)], ignore_nulls=True)


def _when_reached(value: exp.Expr, missing: exp.Expr) -> exp.Expr:
    """A lookup counts where it may decide: in a branch of a `case` that is taken, beside conditions that hold."""
    conditions, node = [missing], value
    while node.parent is not None:
        parent = node.parent
        if isinstance(parent, exp.If) and node.arg_key == "true":
            conditions.append(parent.this.copy())
        elif isinstance(parent, exp.And) and _is_wanted_true(parent):
            conditions.append((parent.left if node is parent.right else parent.right).copy())
        node = parent
    return exp.and_(*reversed(conditions))


def _is_wanted_true(condition: exp.Expr) -> bool:
    """Whether it only matters that a condition holds: unknown and false are alike."""
    node = condition
    while isinstance(node.parent, exp.And | exp.Or | exp.Paren):
        node = node.parent
    return node.parent is None or (isinstance(node.parent, exp.If) and node.arg_key == "this")


def _left_join(name: str, alias: str, on: exp.Expr) -> exp.Join:
    table = exp.Table(
        this=exp.to_identifier(name, quoted=True), alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True))
    )
    return exp.Join(this=table, side="LEFT", on=on)


def _alias(kind: str, *parts: str | exp.Expr) -> str:
    """The same for the same lookup, so that formulas that share records share it."""
    text = "\n".join(part if isinstance(part, str) else part.sql() for part in parts)
    return f"_{kind}_{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _column(name: str, alias: str) -> exp.Column:
    return exp.column(name, table=alias, quoted=True)


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _is_unknown(node: exp.Expr) -> exp.Expr:
    return exp.Is(this=node.copy(), expression=exp.Null())


def _is_known(node: exp.Expr) -> exp.Expr:
    return exp.Not(this=_is_unknown(node))
