"""Random records and random formulas over them, as terms of `naive`.

Numbers are halves and denominators powers of two, so that no sum depends on its order; times that are subtracted stand
on half hours.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

from okr_sync.connector import FieldType
from tests.formula.naive import (
    COMPARISONS,
    ZONE,
    Term,
    aggregate,
    applied,
    between,
    choose,
    coalesce,
    combine,
    compare,
    connect,
    constant,
    contains,
    count_distinct,
    elapsed,
    extreme,
    field,
    is_null,
    like,
    negate,
    nullif,
    of_any,
    one_of,
    pick,
    quantile,
    quoted,
    rounded,
    share,
    truncated,
)

Terms = st.SearchStrategy[Term]

AS_OF = datetime(2026, 10, 5, 9, tzinfo=ZONE)
FIELDS = {
    "a": FieldType.INTEGER,
    "b": FieldType.NUMBER,
    "p": FieldType.BOOLEAN,
    "s": FieldType.TEXT,
    "w": FieldType.TEXT,
    "tags": FieldType.LIST,
    "d": FieldType.DATE,
    "e": FieldType.DATE,
    "t": FieldType.TIMESTAMP,
    "u": FieldType.TIMESTAMP,
    "v": FieldType.TIMESTAMP,
}
TEXTS = ("", "x", "Huế", "huế", "Đà Nẵng", "ưu tiên", "Zung", "a%b", "a\\b", "it's")
DAYS = tuple(
    map(date.fromisoformat, ("2026-09-30", "2026-10-01", "2026-10-04", "2026-10-05", "2026-12-31", "2027-01-01"))
)
HALF_HOURS = tuple(
    datetime.fromisoformat(f"{text}+07:00")
    for text in ("2026-09-30 23:30", "2026-10-01 00:00", "2026-10-04 12:30", "2026-10-05 00:00", "2026-12-31 23:30")
)
MOMENTS = (
    *HALF_HOURS,
    datetime.fromisoformat("2026-09-30 16:59:59.999999+00:00"),
    datetime.fromisoformat("2026-10-04 17:00:00.000001+00:00"),
)


def _or_none(values: Any) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


records = st.lists(
    st.tuples(
        st.none() | st.integers(-3, 3),
        _or_none([-2.0, -0.5, -0.0, 0.0, 0.5, 4.0]),
        st.none() | st.booleans(),
        _or_none(TEXTS),
        _or_none(TEXTS),
        st.none() | st.lists(_or_none(TEXTS), max_size=3),
        _or_none(DAYS),
        _or_none(DAYS),
        _or_none(HALF_HOURS),
        _or_none(HALF_HOURS),
        _or_none(MOMENTS),
    ),
    max_size=8,
)

spans = st.sampled_from(["hour", "day", "week", "month", "quarter", "year"])
extremes = st.sampled_from(["greatest", "least"])
signs = st.sampled_from([*COMPARISONS])
divisors = st.sampled_from([field("b"), constant(0), constant(2), constant(-0.5)])
patterns = st.sampled_from(["%", "_", "H%", "hu_", "%ế", "%n%", "a\\%", "a_b", "%'%", ""])


def _mixed(flat: Terms, condition: Terms) -> Terms:
    """What may be made of values of any one type."""
    return st.one_of(
        flat,
        st.builds(coalesce, flat, flat),
        st.builds(nullif, flat, flat),
        st.builds(extreme, extremes, flat, flat),
        st.builds(choose, condition, flat, flat),
    )


_flag = st.just(field("p"))
_text = st.sampled_from([field("s"), field("w")])
texts = st.one_of(
    _mixed(_text | st.sampled_from([quoted(text) for text in TEXTS]), _flag),
    st.builds(applied, st.just("lower"), st.just(str.lower), _text),
    st.builds(applied, st.just("upper"), st.just(str.upper), _text),
)
days = _mixed(st.sampled_from([field("d"), field("e")]), _flag)
half_hours = st.sampled_from([field("t"), field("u"), ("as_of()", lambda _: AS_OF)])
instants = st.one_of(
    _mixed(half_hours | st.just(field("v")), _flag),
    st.builds(truncated, spans, days),
    st.builds(truncated, spans, half_hours | st.just(field("v"))),
)
times = days | instants
written_times = st.sampled_from([quoted(day) for day in DAYS] + [quoted(moment) for moment in MOMENTS])


def _unitless(terms: Terms) -> Terms:
    """Hours, days and percent as plain numbers, which go with each other."""
    return terms.map(lambda term: combine("*", constant(1), term))


spells = _unitless(
    st.one_of(
        st.builds(elapsed, st.sampled_from(["hours", "days"]), days, days),
        st.builds(elapsed, st.sampled_from(["hours", "days"]), days, half_hours),
        st.builds(elapsed, st.sampled_from(["hours", "days"]), half_hours, days),
        st.builds(elapsed, st.just("hours"), half_hours, half_hours),
    )
)


def conditions_to(depth: int) -> Terms:
    """Conditions nested up to `depth` deep: bounded, so that generating them never runs out of room."""
    numbers = numbers_to(depth - 1)
    flat = st.one_of(
        _flag,
        st.builds(compare, signs, numbers, numbers),
        st.builds(between, numbers, numbers, numbers),
        st.builds(one_of, numbers, st.lists(numbers, min_size=1, max_size=3)),
        st.builds(compare, signs, texts, texts),
        st.builds(between, texts, texts, texts),
        st.builds(one_of, texts, st.lists(texts, min_size=1, max_size=3)),
        st.builds(like, texts, patterns),
        st.builds(contains, st.just(field("tags")), texts),
        st.builds(compare, signs, times, times | written_times),
        st.builds(between, times, times, times | written_times),
        st.builds(one_of, times, st.lists(times | written_times, min_size=1, max_size=3)),
        st.builds(is_null, numbers | texts | times | st.just(field("tags"))),
    )
    if depth <= 0:
        return flat
    inner = conditions_to(depth - 1)
    connected = st.builds(connect, st.sampled_from(["and", "or"]), inner, inner)
    return st.one_of(flat, connected, st.builds(negate, inner))


def numbers_to(depth: int) -> Terms:
    """Numbers nested up to `depth` deep."""
    flat = st.sampled_from([field("a"), field("b"), constant(0), constant(2), constant(-0.5)])
    if depth <= 0:
        return flat
    inner = numbers_to(depth - 1)
    return st.one_of(
        _mixed(inner, conditions_to(depth - 1)),
        st.builds(combine, st.sampled_from("+-*"), inner, inner),
        st.builds(combine, st.just("/"), inner, divisors),
        st.builds(applied, st.just("abs"), st.just(abs), inner),
        st.builds(rounded, inner, st.sampled_from([0, -1])),
        spells,
    )


conditions, numbers = conditions_to(2), numbers_to(3)


def _aggregate(name: str, terms: Terms, meaning: Callable[[list[Any]], Any]) -> Terms:
    return st.builds(aggregate, st.just(name), terms, st.just(meaning))


orders = st.one_of(days, instants, texts, numbers_to(1))
totals = st.one_of(
    st.just(("count(*)", len)),
    _aggregate("count", numbers | texts | times | st.just(field("tags")), len),
    st.builds(count_distinct, numbers | texts | days),
    _aggregate("count_if", conditions, sum),
    _aggregate("sum", numbers, of_any(sum)),
    _aggregate("min", numbers, of_any(min)),
    _aggregate("max", numbers, of_any(max)),
    st.builds(pick, st.sampled_from(["first", "last"]), numbers, orders),
    _unitless(
        st.builds(elapsed, st.just("days"), _aggregate("min", days, of_any(min)), _aggregate("max", days, of_any(max)))
    ),
)
means = st.one_of(
    _aggregate("avg", numbers, of_any(statistics.fmean)),
    _aggregate("median", numbers, of_any(statistics.median)),
    _unitless(_aggregate("share", conditions, of_any(share))),
    st.builds(quantile, numbers, st.sampled_from([0, 0.25, 0.5, 0.9, 1])),
    _unitless(_aggregate("avg", st.builds(elapsed, st.just("days"), half_hours, half_hours), of_any(statistics.fmean))),
)
ends = st.one_of(
    *(_aggregate(name, texts, of_any(meaning)) for name, meaning in (("min", min), ("max", max))),
    st.builds(pick, st.sampled_from(["first", "last"]), texts, orders),
)
values = st.one_of(
    totals,
    means,
    st.builds(combine, st.sampled_from("+-*"), means, totals),
    st.builds(combine, st.just("/"), totals, totals),
    st.builds(
        choose,
        st.builds(compare, signs, ends, st.sampled_from([quoted(text) for text in TEXTS])),
        st.just(constant(1)),
        totals,
    ),
)
