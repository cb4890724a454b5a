"""The functions of the formula language: one table, one row a function. A new function is a new row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.formula import lookup, write
from okr_sync.formula.alike import expect_alike
from okr_sync.formula.function import Choice, Function, Parameter
from okr_sync.formula.kinds import (
    ANY,
    CONDITIONS,
    LISTS,
    NUMBERS,
    ORDERED,
    TEXTS,
    TIMES,
    Kind,
    kind_of,
)
from okr_sync.project.units import PERCENT, is_currency

Arguments = Sequence[exp.Expr]


def _always(type_: FieldType, unit: str | None = None) -> Callable[[Arguments], Kind]:
    return lambda _: Kind(type_, unit)


def _as_first(arguments: Arguments) -> Kind:
    return kind_of(arguments[0])


def _number_as_first(arguments: Arguments) -> Kind:
    return replace(kind_of(arguments[0]), type=FieldType.NUMBER)


def _alike(function: str) -> Callable[[Arguments], Kind]:
    return lambda arguments: expect_alike(arguments, function)


_FRACTION = Choice(
    "a number from 0 to 1, such as 0.9",
    lambda node: isinstance(node, exp.Literal) and node.is_number and float(node.name) <= 1,
)
_WHOLE = Choice("a whole number, such as 2", lambda node: node.is_int)
_SPANS = ("hour", "day", "week", "month", "quarter", "year")
_SPAN = Choice(
    "one of " + ", ".join(f"'{span}'" for span in _SPANS), lambda node: node.is_string and node.name in _SPANS
)

_CALENDAR = Choice("the name of a calendar, such as 'support'", lambda node: node.is_string)
_CURRENCY = Choice("three capital letters, such as 'VND'", lambda node: node.is_string and is_currency(node.name))

_HINTS = {FieldType.BOOLEAN: "for conditions there are count_if(condition) and share(condition)"}
_NUMBER = Parameter("x", NUMBERS, _HINTS)
_COMPARED = Parameter("x", ORDERED, _HINTS)
_ORDER = Parameter("order", ORDERED)
_CONDITION = Parameter("condition", CONDITIONS)
_TEXT = Parameter("x", TEXTS)
_FROM, _TO = Parameter("a", TIMES), Parameter("b", TIMES)
_NO_DAY = "date_trunc('day', a) is its beginning; counted to its end, the other way round, business_hours is negative"
_INSTANT = Parameter("a", (FieldType.TIMESTAMP,), {FieldType.DATE: _NO_DAY})
_FIRST, _OTHERS = Parameter("x", ANY), Parameter("y", ANY, is_repeated=True)

_AGGREGATES = (
    Function(
        name="count",
        parameters=(Parameter("* | x | distinct x", ANY),),
        gives=_always(FieldType.INTEGER),
        lower=write.count,
        doc="How many records; how many where x is known; how many different values x has",
        example="count(distinct assignee)",
        is_aggregate=True,
    ),
    Function(
        name="count_if",
        parameters=(_CONDITION,),
        gives=_always(FieldType.INTEGER),
        lower=write.count_if,
        doc="How many records fulfil the condition",
        example="count_if(status = 'Done')",
        is_aggregate=True,
    ),
    Function(
        name="share",
        parameters=(_CONDITION,),
        gives=_always(FieldType.NUMBER, PERCENT),
        lower=write.share,
        doc="Which part of the records, from 0 to 1, fulfils the condition; unknown ones count neither way",
        example="share(resolved_at <= due_on)",
        is_aggregate=True,
    ),
    Function(
        name="sum",
        parameters=(_NUMBER,),
        gives=_as_first,
        lower=write.aggregate(exp.Sum),
        doc="The sum; of no records no data, not 0",
        example="sum(points)",
        is_aggregate=True,
    ),
    Function(
        name="avg",
        parameters=(_NUMBER,),
        gives=_number_as_first,
        lower=write.aggregate(exp.Avg),
        doc="The mean of the known values",
        example="avg(hours(created_at, resolved_at))",
        is_aggregate=True,
    ),
    Function(
        name="min",
        parameters=(_COMPARED,),
        gives=_as_first,
        lower=write.aggregate(exp.Min),
        doc="The least known value",
        example="min(points)",
        is_aggregate=True,
    ),
    Function(
        name="max",
        parameters=(_COMPARED,),
        gives=_as_first,
        lower=write.aggregate(exp.Max),
        doc="The greatest known value",
        example="days(max(created_at), as_of())",
        is_aggregate=True,
    ),
    Function(
        name="median",
        parameters=(_NUMBER,),
        gives=_number_as_first,
        lower=write.aggregate(exp.Median),
        doc="The value in the middle, or half-way between the two in the middle",
        example="median(days(created_at, resolved_at))",
        is_aggregate=True,
    ),
    Function(
        name="quantile",
        parameters=(_NUMBER, Parameter("q", NUMBERS, choice=_FRACTION)),
        gives=_number_as_first,
        lower=write.quantile,
        doc="The value that the part q of the values does not exceed, interpolated between neighbours",
        example="quantile(hours(created_at, resolved_at), 0.9)",
        is_aggregate=True,
    ),
    Function(
        name="first",
        parameters=(_FIRST, _ORDER),
        gives=_as_first,
        lower=write.pick(exp.ArgMin),
        doc="x of the record with the least order; where x or order is unknown the record is left out",
        example="first(points, created_at)",
        is_aggregate=True,
    ),
    Function(
        name="last",
        parameters=(_FIRST, _ORDER),
        gives=_as_first,
        lower=write.pick(exp.ArgMax),
        doc="x of the record with the greatest order; where x or order is unknown the record is left out",
        example="last(points, created_at)",
        is_aggregate=True,
    ),
)

_SCALARS = (
    Function(
        name="coalesce",
        parameters=(_FIRST, _OTHERS),
        gives=_alike("coalesce"),
        lower=write.coalesce,
        doc="The first of the values that is known",
        example="sum(coalesce(points, 1))",
    ),
    Function(
        name="nullif",
        parameters=(_FIRST, Parameter("y", ANY)),
        gives=_alike("nullif"),
        lower=write.nullif,
        doc="x, or unknown where x equals y",
        example="avg(nullif(points, 0))",
    ),
    Function(
        name="greatest",
        parameters=(_COMPARED, Parameter("y", ORDERED, is_repeated=True)),
        gives=_alike("greatest"),
        lower=write.extreme(exp.Greatest),
        doc="The greatest of the known values; unknown only if all are",
        example="sum(greatest(points, 1))",
    ),
    Function(
        name="least",
        parameters=(_COMPARED, Parameter("y", ORDERED, is_repeated=True)),
        gives=_alike("least"),
        lower=write.extreme(exp.Least),
        doc="The least of the known values; unknown only if all are",
        example="avg(least(points, 8))",
    ),
    Function(
        name="abs",
        parameters=(_NUMBER,),
        gives=_as_first,
        lower=write.scalar(exp.Abs),
        doc="The number without its sign",
        example="avg(abs(days(due_on, resolved_at)))",
    ),
    Function(
        name="round",
        parameters=(_NUMBER, Parameter("n", NUMBERS, choice=_WHOLE, is_optional=True)),
        gives=_as_first,
        lower=write.round_,
        doc="The number rounded to n digits after the point, or to a whole one; halves away from 0",
        example="round(avg(points), 1)",
    ),
    Function(
        name="lower",
        parameters=(_TEXT,),
        gives=_always(FieldType.TEXT),
        lower=write.scalar(exp.Lower),
        doc="The text in small letters",
        example="count_if(lower(status) = 'done')",
    ),
    Function(
        name="upper",
        parameters=(_TEXT,),
        gives=_always(FieldType.TEXT),
        lower=write.scalar(exp.Upper),
        doc="The text in capital letters",
        example="count_if(upper(status) like 'DONE%')",
    ),
    Function(
        name="contains",
        parameters=(Parameter("list", LISTS), Parameter("text", TEXTS)),
        gives=_always(FieldType.BOOLEAN),
        lower=write.contains,
        doc="Whether the list holds the text",
        example="count_if(contains(labels, 'seo'))",
    ),
    Function(
        name="hours",
        parameters=(_FROM, _TO),
        gives=_always(FieldType.NUMBER, "hours"),
        lower=write.elapsed(3_600),
        doc="Hours from a to b, negative if b is before a; 24 for each whole day where either is a date",
        example="avg(hours(created_at, resolved_at))",
    ),
    Function(
        name="days",
        parameters=(_FROM, _TO),
        gives=_always(FieldType.NUMBER, "days"),
        lower=write.elapsed(86_400),
        doc="Days from a to b, with their fraction; whole days where either is a date",
        example="avg(days(created_at, due_on))",
    ),
    Function(
        name="business_hours",
        parameters=(_INSTANT, _TO, Parameter("calendar", TEXTS, choice=_CALENDAR, is_optional=True)),
        gives=_always(FieldType.NUMBER, "hours"),
        lower=lookup.business_hours,
        doc=(
            "Hours of working time from a to b, negative if b is before a; a date as b lasts until its end;"
            " by the project's calendar, or by another one"
        ),
        example="avg(business_hours(created_at, resolved_at))",
        is_lookup=True,
    ),
    Function(
        name="convert",
        parameters=(
            Parameter("amount", NUMBERS),
            Parameter("currency", TEXTS),
            Parameter("target", TEXTS, choice=_CURRENCY),
            Parameter("at", TIMES),
        ),
        gives=lambda arguments: Kind(FieldType.NUMBER, arguments[2].name),
        lower=lookup.convert,
        doc="The amount in the target currency, by the exchange rate of the day of at",
        example="sum(convert(points, 'USD', 'VND', resolved_at))",
        is_lookup=True,
    ),
    Function(
        name="date_trunc",
        parameters=(Parameter("span", TEXTS, choice=_SPAN), Parameter("t", TIMES)),
        gives=_always(FieldType.TIMESTAMP),
        lower=write.date_trunc,
        doc="The instant at which the hour, day, week (from Monday), month, quarter or year of t began",
        example="count_if(created_at >= date_trunc('month', as_of()))",
    ),
    Function(
        name="as_of",
        parameters=(),
        gives=_always(FieldType.TIMESTAMP),
        lower=write.as_of,
        doc="The instant for which the value is computed",
        example="avg(hours(created_at, coalesce(resolved_at, as_of())))",
    ),
)

FUNCTIONS: Mapping[str, Function] = {row.name: row for row in (*_AGGREGATES, *_SCALARS)}

INSTEAD: Mapping[str, str] = {
    **dict.fromkeys(("now", "current_date", "current_timestamp", "today", "getdate", "sysdate"), "write as_of()"),
    **dict.fromkeys(("datediff", "date_diff", "timestampdiff", "age"), "write hours(a, b) or days(a, b)"),
    **dict.fromkeys(("if", "iff"), "write case when condition then x else y end"),
    **dict.fromkeys(("ifnull", "isnull", "nvl"), "write coalesce(x, y)"),
    **dict.fromkeys(("percentile_cont", "percentile", "quantile_cont"), "write quantile(x, 0.9)"),
    **dict.fromkeys(("working_hours", "work_hours", "business_time"), "write business_hours(a, b)"),
    **dict.fromkeys(("array_contains", "list_contains"), "write contains(list, 'text')"),
}
"""What to write for names that people know from SQL dialects and that are none here."""


def enclosing_aggregate(node: exp.Expr) -> exp.Anonymous | None:
    """The call of an aggregate that `node` is an argument of, however deep."""
    call = node.find_ancestor(exp.Anonymous)
    while call is not None and not FUNCTIONS[call.name.lower()].is_aggregate:
        call = call.find_ancestor(exp.Anonymous)
    return call
