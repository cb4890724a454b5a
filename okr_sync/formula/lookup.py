"""Functions that look into a relation beside the records: working time of a calendar, exchange rates.

They are lowered to calls of the two names below, which no engine has: whoever runs the SQL puts a joined column in the
place of each (`okr_sync.measure.lookups`), for it knows what the calendars and rates hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.expressions import DType

from okr_sync.errors import nearest
from okr_sync.formula.refusal import Refused
from okr_sync.formula.write import as_day

WORKED = "_worked"
"""`_worked(t, 'calendar')`: microseconds of working time from the calendar's beginning to t."""
CONVERTED = "_converted"
"""`_converted(amount, currency, day, 'VND')`: the amount in the last currency, by the rate of the day."""
DEFAULT_CALENDAR = ""
"""The name, which no other calendar can have, of the one that a formula does not name."""
_HOUR_MICROSECONDS = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Helpers:
    """What a project offers to look into: the names of its calendars, and whether it has exchange rates."""

    calendars: Collection[str] = ()
    has_rates: bool = False

    def check(self, call: exp.Expr) -> None:
        """Raises Refused where a call in a formula needs what the project does not have."""
        name = call.name.lower()
        if name == "business_hours":
            calendar = call.expressions[2] if len(call.expressions) > 2 else None
            self._check_calendar(call, calendar)
        elif name == "convert" and not self.has_rates:
            raise Refused.at_name(call, "the project has no exchange rates; write exchange_rates: in okr-sync.yaml")

    def _check_calendar(self, call: exp.Expr, calendar: exp.Expr | None) -> None:
        if calendar is None:
            if DEFAULT_CALENDAR not in self.calendars:
                raise Refused.at_name(call, "the project has no calendar; write calendar: in okr-sync.yaml")
        elif calendar.is_string and (calendar.name not in self.calendars or calendar.name == DEFAULT_CALENDAR):
            hint = nearest(calendar.name, [name for name in self.calendars if name != DEFAULT_CALENDAR])
            message = f"there is no calendar {calendar.name!r}{hint or '; write it under calendars: in okr-sync.yaml'}"
            raise Refused.at(calendar, message)


NO_HELPERS = Helpers()


def business_hours(_: exp.Expr, a: exp.Expr, b: exp.Expr, calendar: exp.Expr | None = None) -> exp.Expr:
    name = exp.Literal.string(DEFAULT_CALENDAR if calendar is None else calendar.name)
    worked = exp.Sub(this=_worked(_end(b), name), expression=_worked(a, name))
    return exp.Div(
        this=exp.cast(exp.paren(worked, copy=False), DType.DOUBLE, copy=False),
        expression=exp.Literal.number(_HOUR_MICROSECONDS),
    )


def convert(_: exp.Expr, amount: exp.Expr, currency: exp.Expr, target: exp.Expr, at: exp.Expr) -> exp.Expr:
    arguments = [exp.cast(amount, DType.DOUBLE, copy=False), exp.Upper(this=currency), as_day(at), target]
    return exp.Anonymous(this=CONVERTED, expressions=arguments)


def lookups_in(tree: exp.Expr) -> Iterator[exp.Anonymous]:
    """The calls in a lowered formula that look into a relation."""
    return (call for call in tree.find_all(exp.Anonymous) if call.name in (WORKED, CONVERTED))


def calendars_in(tree: exp.Expr) -> set[str]:
    """The calendars that a formula, not lowered yet, counts by."""
    calls = (call for call in tree.find_all(exp.Anonymous) if call.name.lower() == "business_hours")
    return {call.expressions[2].name if len(call.expressions) > 2 else DEFAULT_CALENDAR for call in calls}


def targets_in(tree: exp.Expr) -> set[str]:
    """The currencies that a formula, not lowered yet, converts into."""
    return {call.expressions[2].name for call in tree.find_all(exp.Anonymous) if call.name.lower() == "convert"}


def _worked(time: exp.Expr, calendar: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=WORKED, expressions=[time, calendar.copy()])


def _end(time: exp.Expr) -> exp.Expr:
    """A date lasts until the next one begins, in the session's zone."""
    if not time.is_type(DType.DATE):
        return time
    day = exp.Interval(this=exp.Literal.string("1"), unit=exp.var("DAY"))
    return exp.cast(exp.Add(this=time, expression=day), DType.TIMESTAMPTZ, copy=False)
