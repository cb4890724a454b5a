"""What formulas mean, read naively in Python: each term is a text and what it gives for one record, or for all.

Unknown is None. The rules of three-valued logic are written out where they matter, none is borrowed from an engine.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Record = dict[str, Any]
Term = tuple[str, Callable[[Any], Any]]

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
COMPARISONS = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def field(name: str) -> Term:
    return name, lambda record: record[name]


def constant(value: float) -> Term:
    return f"({value:g})", lambda _: value


def quoted(value: object) -> Term:
    """A text, or a date or an instant as it stands in a formula."""
    text = str(value).replace("'", "''")
    return f"'{text}'", lambda _: value


def combine(sign: str, left: Term, right: Term) -> Term:
    """Arithmetic: unknown with anything is unknown, and so is anything by 0."""

    def meaning(record: Any) -> Any:
        a, b = left[1](record), right[1](record)
        return None if a is None or b is None or (sign == "/" and b == 0) else OPERATORS[sign](a, b)

    return f"({left[0]} {sign} {right[0]})", meaning


def compared(sign: str, a: Any, b: Any) -> bool | None:
    """A date and an instant compare by days."""
    if a is None or b is None:
        return None
    if isinstance(a, datetime) is not isinstance(b, datetime):
        a, b = day_of(a), day_of(b)
    return bool(COMPARISONS[sign](a, b))


def day_of(value: Any) -> Any:
    return value.astimezone(ZONE).date() if isinstance(value, datetime) else value


def compare(sign: str, left: Term, right: Term) -> Term:
    return f"({left[0]} {sign} {right[0]})", lambda record: compared(sign, left[1](record), right[1](record))


def all_of(sides: Sequence[bool | None]) -> bool | None:
    return False if False in sides else None if None in sides else True


def any_of(sides: Sequence[bool | None]) -> bool | None:
    return True if True in sides else None if None in sides else False


def inverse(side: bool | None) -> bool | None:
    return None if side is None else not side


def connect(word: str, left: Term, right: Term) -> Term:
    """`and` is false if one side is false, `or` true if one is true, whatever the other; else unknown wins."""
    decide = all_of if word == "and" else any_of
    return f"({left[0]} {word} {right[0]})", lambda record: decide([left[1](record), right[1](record)])


def negate(term: Term) -> Term:
    return f"(not {term[0]})", lambda record: inverse(term[1](record))


def is_null(term: Term) -> Term:
    return f"({term[0]} is null)", lambda record: term[1](record) is None


def between(value: Term, low: Term, high: Term) -> Term:
    def meaning(record: Any) -> Any:
        found = value[1](record)
        return all_of([compared(">=", found, low[1](record)), compared("<=", found, high[1](record))])

    return f"({value[0]} between {low[0]} and {high[0]})", meaning


def one_of(value: Term, others: Sequence[Term]) -> Term:
    text = f"({value[0]} in ({', '.join(other[0] for other in others)}))"
    return text, lambda record: any_of([compared("=", value[1](record), other[1](record)) for other in others])


def like(value: Term, pattern: str) -> Term:
    """`%` is any text, `_` any sign, everything else itself."""
    wild = {"%": ".*", "_": "."}
    regex = re.compile("".join(wild.get(sign, re.escape(sign)) for sign in pattern), re.DOTALL)

    def meaning(record: Any) -> Any:
        found = value[1](record)
        return None if found is None else regex.fullmatch(found) is not None

    return f"({value[0]} like {quoted(pattern)[0]})", meaning


def contains(texts: Term, text: Term) -> Term:
    def meaning(record: Any) -> Any:
        found, wanted = texts[1](record), text[1](record)
        return None if found is None or wanted is None else wanted in found

    return f"contains({texts[0]}, {text[0]})", meaning


def choose(condition: Term, yes: Term, no: Term) -> Term:
    text = f"case when {condition[0]} then {yes[0]} else {no[0]} end"
    return text, lambda record: yes[1](record) if condition[1](record) else no[1](record)


def coalesce(first: Term, second: Term) -> Term:
    text = f"coalesce({first[0]}, {second[0]})"
    return text, lambda record: second[1](record) if first[1](record) is None else first[1](record)


def nullif(first: Term, second: Term) -> Term:
    def meaning(record: Any) -> Any:
        value = first[1](record)
        return None if compared("=", value, second[1](record)) else value

    return f"nullif({first[0]}, {second[0]})", meaning


def extreme(name: str, *terms: Term) -> Term:
    """`greatest` and `least` pass over what is unknown."""
    pick = max if name == "greatest" else min

    def meaning(record: Any) -> Any:
        return pick((value for _, give in terms if (value := give(record)) is not None), default=None)

    return f"{name}({', '.join(text for text, _ in terms)})", meaning


def applied(name: str, function: Callable[[Any], Any], term: Term) -> Term:
    """A function of one value that gives unknown for unknown."""
    return f"{name}({term[0]})", lambda record: None if (value := term[1](record)) is None else function(value)


def rounded(term: Term, digits: int) -> Term:
    """Halves away from 0, of x * 10^digits."""

    def meaning(record: Any) -> Any:
        value = term[1](record)
        if value is None:
            return None
        scaled = value * 10.0**digits if digits >= 0 else value / 10.0**-digits
        whole = math.floor(abs(scaled))
        away = whole + 1 if abs(scaled) - whole >= 0.5 else whole
        signed = math.copysign(away, scaled)
        return signed / 10.0**digits if digits >= 0 else signed * 10.0**-digits

    return f"round({term[0]}, {digits})", meaning


def elapsed(name: str, a: Term, b: Term) -> Term:
    """Real time between instants; whole days where either is a date."""
    per_day = 24 if name == "hours" else 1

    def meaning(record: Any) -> Any:
        start, end = a[1](record), b[1](record)
        if start is None or end is None:
            return None
        if isinstance(start, datetime) and isinstance(end, datetime):
            micros = (end - start) // timedelta(microseconds=1)
            return micros / (86_400_000_000 // per_day)
        return (day_of(end) - day_of(start)).days * per_day

    return f"{name}({a[0]}, {b[0]})", meaning


def truncated(span: str, term: Term) -> Term:
    """The instant at which the span began, in the project's zone."""

    def meaning(record: Any) -> Any:
        value = term[1](record)
        if value is None:
            return None
        local = value.astimezone(ZONE) if isinstance(value, datetime) else datetime.combine(value, time(), ZONE)
        if span == "hour":
            return local.replace(minute=0, second=0, microsecond=0)
        return datetime.combine(_first_day(span, local.date()), time(), ZONE)

    return f"date_trunc('{span}', {term[0]})", meaning


def _first_day(span: str, day: date) -> date:
    match span:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return day


def aggregate(name: str, term: Term, meaning: Callable[[list[Any]], Any]) -> Term:
    """An aggregate leaves out unknown values."""
    return f"{name}({term[0]})", lambda all_: meaning([v for v in map(term[1], all_) if v is not None])


def of_any(meaning: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    """Of no values no data."""
    return lambda values: meaning(values) if values else None


def share(values: list[Any]) -> Any:
    return sum(values) / len(values)


def count_distinct(term: Term) -> Term:
    return aggregate("count", (f"distinct {term[0]}", term[1]), lambda values: len(set(values)))


def quantile(term: Term, q: float) -> Term:
    """Between the two values around the place q * (n - 1)."""

    def meaning(values: list[Any]) -> Any:
        ordered, place = sorted(values), q * (len(values) - 1)
        low = math.floor(place)
        high = min(low + 1, len(values) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    return aggregate("quantile", (f"{term[0]}, {q:g}", term[1]), of_any(meaning))


def pick(name: str, term: Term, order: Term) -> Term:
    """Of equals in the order, the key decides: the records' own place."""
    end = min if name == "first" else max

    def meaning(all_: list[Record]) -> Any:
        known = [
            (order[1](record), place, term[1](record))
            for place, record in enumerate(all_)
            if order[1](record) is not None and term[1](record) is not None
        ]
        return end(known, key=lambda one: one[:2])[2] if known else None

    return f"{name}({term[0]}, {order[0]})", meaning
