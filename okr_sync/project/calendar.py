"""Calendars and exchange rates as project files describe them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from okr_sync.project.fields import Currency, Day, Span, Zone
from okr_sync.project.hours import WEEKDAYS, Shift, Week, refuse_overlap, week_of, weekdays
from okr_sync.project.located import Located
from okr_sync.project.public_holidays import refuse_unknown
from okr_sync.project.units import Quantity
from okr_sync.project.wording import shown

_CLOCK = r"([01]\d|2[0-4]):[0-5]\d"


def _shift(text: str) -> str:
    return str(Shift.parse(text))


def _weekdays(text: str) -> str:
    weekdays(text)
    return text


def _stream(text: str) -> str:
    source, dot, stream = text.partition(".")
    if not (source and dot and stream):
        raise ValueError(f"{shown(text)} is not a stream; write its source and its name, such as support.schedules")
    return text


ShiftText = Annotated[
    str, AfterValidator(_shift), WithJsonSchema({"type": "string", "pattern": rf"^{_CLOCK} ?- ?{_CLOCK}$"})
]
WeekdaysText = Annotated[str, AfterValidator(_weekdays)]
StreamName = Annotated[str, AfterValidator(_stream)]


class Closure(Located):
    """Days on which nobody works: one, or all from the first to the last, both included."""

    first: Day = Field(validation_alias="from", description="The first day: 2027-02-15")
    last: Day = Field(validation_alias="to", description="The last day, included: 2027-02-20")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"to ({self.last}) is before from ({self.first})")
        return self


class ExtraDay(Located):
    """A day that is worked although it would be free, or by other hours than its weekday has."""

    day: Day = Field(description="2026-08-22")
    hours: list[ShiftText] | None = Field(default=None, description="Its hours")
    like: str | None = Field(default=None, description="The weekday whose hours it has: mon")

    @field_validator("like")
    @classmethod
    def _is_weekday(cls, like: str | None) -> str | None:
        if like is not None and len(weekdays(like)) != 1:
            raise ValueError(f"{shown(like)} is not one weekday; write one of {', '.join(WEEKDAYS)}")
        return like

    @model_validator(mode="after")
    def _has_one_rule(self) -> Self:
        if self.hours is not None and self.like is not None:
            raise ValueError("write hours or like, not both")
        refuse_overlap(self.shifts, str(self.day))
        return self

    @property
    def shifts(self) -> tuple[Shift, ...]:
        return tuple(sorted(Shift.parse(text) for text in self.hours or ()))

    def shifts_in(self, week: Week) -> tuple[Shift, ...]:
        """Its hours in a calendar with this week."""
        if self.hours is not None:
            return self.shifts
        return week[weekdays(self.like)[0] if self.like is not None else self.day.weekday()]


def _as_closure(raw: object) -> object:
    return raw if isinstance(raw, dict | Closure) else {"from": raw, "to": raw}


def _as_extra_day(raw: object) -> object:
    return raw if isinstance(raw, dict | ExtraDay) else {"day": raw}


def _day_or(model: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "object", "title": model}]})


Closures = list[Annotated[Closure, BeforeValidator(_as_closure), _day_or("from, to")]]
ExtraDays = list[Annotated[ExtraDay, BeforeValidator(_as_extra_day), _day_or("day with hours, or like a weekday")]]


class Calendar(Located):
    """Working hours, public holidays and the exceptions from both, for formulas in business hours.

    The hours are written here, or read from a stream of schedules such as Zendesk's.
    """

    timezone: Zone | None = Field(
        default=None, description="The zone of its hours; if left out, the schedule's own, or the project's"
    )
    hours: dict[WeekdaysText, list[ShiftText]] | None = Field(
        default=None, description='Hours by weekdays: {mon-fri: ["08:30-12:00", "13:30-18:00"]}'
    )
    schedule: StreamName | None = Field(default=None, description="A stream of schedules: support.schedules")
    name: str | None = Field(default=None, description="Which schedule of the stream, by its name")
    country: str | None = Field(default=None, description="Whose public holidays are free, by ISO 3166: VN")
    subdivision: str | None = Field(default=None, description="A state or province with holidays of its own: CA")
    closures: Closures = Field(default_factory=list, description="Free days of your own")
    extra_days: ExtraDays = Field(default_factory=list, description="Days that are worked all the same")

    @property
    def week(self) -> Week:
        """The hours written here."""
        return week_of(self.hours or {})

    @field_validator("hours")
    @classmethod
    def _fits_in_a_week(cls, hours: dict[str, list[str]] | None) -> dict[str, list[str]] | None:
        if hours is not None and not any(week_of(hours)):
            raise ValueError('has no hours at all; write some, such as {mon-fri: ["08:30-12:00", "13:30-18:00"]}')
        return hours

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if (self.hours is None) == (self.schedule is None):
            raise ValueError("write exactly one of hours and schedule")
        if (self.name is None) != (self.schedule is None):
            raise ValueError("schedule and name go together: the stream, and which of its schedules")
        return self

    @model_validator(mode="after")
    def _has_holidays(self) -> Self:
        if self.country is None and self.subdivision is not None:
            raise ValueError("subdivision goes with country")
        if self.country is not None:
            refuse_unknown(self.country, self.subdivision)
        return self

    @model_validator(mode="after")
    def _has_plain_exceptions(self) -> Self:
        seen: set[date] = set()
        for extra in self.extra_days:
            if extra.day in seen:
                raise ValueError(f"{extra.day} is twice among extra_days; write all its hours in one list")
            seen.add(extra.day)
            closure = next((one for one in self.closures if one.first <= extra.day <= one.last), None)
            if closure is not None:
                raise ValueError(f"{extra.day} is among extra_days and in a closure; leave it out of one of them")
            if self.hours is not None and not extra.shifts_in(self.week):
                day = WEEKDAYS[extra.day.weekday()] if extra.like is None else extra.like
                raise ValueError(f"{extra.day} would be worked by the hours of {day}, which has none; write its hours")
        return self


class ExchangeRates(Located):
    """Dated exchange rates: what one unit of a currency is worth in the base currency on a day."""

    file: str | None = Field(default=None, min_length=1, description="A CSV file: day, currency, rate")
    stream: StreamName | None = Field(default=None, description="A stream with the fields day, currency and rate")
    base: Currency | None = Field(
        default=None, description="The currency of the rates; if left out, the only one that formulas convert into"
    )
    max_gap: Span = Field(
        default=Quantity(7, "days"), description="How long a rate serves the days after it that have none: 7d"
    )

    @field_validator("max_gap")
    @classmethod
    def _is_whole_days(cls, gap: Quantity) -> Quantity:
        if gap.to("days") != int(gap.to("days")) or gap.to("days") < 0:
            raise ValueError(f"{gap} is not a number of whole days; write one such as 7d")
        return gap

    @property
    def gap_days(self) -> int:
        return int(self.max_gap.to("days"))

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if (self.file is None) == (self.stream is None):
            raise ValueError("write exactly one of file and stream")
        return self
