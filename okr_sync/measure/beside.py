"""What a project's formulas look up beside their records, read from its files and from streams that landed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from okr_sync.connector import Stream
from okr_sync.errors import Problem, ProjectError, nearest
from okr_sync.formula import DEFAULT_CALENDAR, CompiledMetric, Helpers, unknown_stream
from okr_sync.measure.lookups import Lookups
from okr_sync.measure.rates import COLUMNS, RateError, Rates, rate_of, read_rates
from okr_sync.measure.working_time import WorkingHours
from okr_sync.project.calendar import Calendar, ExchangeRates
from okr_sync.project.hours import Week, week_of
from okr_sync.project.located import Location
from okr_sync.project.model import Project
from okr_sync.project.settings import Settings
from okr_sync.warehouse import Warehouse
from okr_sync.warehouse.place import quoted

SCHEDULE = ("name", "zone", "hours")
"""The fields of a stream of schedules: its name, its zone by IANA, its hours such as `mon 08:30-12:00`."""
HOLIDAYS = "holidays"
"""A field that such a stream may have beside: free days, such as `2027-02-04` or `2027-02-04 2027-02-10`."""


def helpers_of(settings: Settings) -> Helpers:
    """What formulas may look into."""
    return Helpers(calendars=tuple(_calendars(settings)), has_rates=settings.exchange_rates is not None)


def streams_beside(metric: CompiledMetric, settings: Settings) -> set[str]:
    """The streams that hold what the metric looks up."""
    calendars = _calendars(settings)
    found = {calendars[name].schedule for name in metric.calendars}
    if metric.currencies and settings.exchange_rates is not None:
        found.add(settings.exchange_rates.stream)
    return {name for name in found if name is not None}


def fields_beside(settings: Settings) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Who looks up what: a calendar or the rates, the stream, and its fields that are needed."""
    for name, one in _calendars(settings).items():
        if one.schedule is not None:
            yield f"calendar {name}", one.schedule, SCHEDULE
    if settings.exchange_rates is not None and settings.exchange_rates.stream is not None:
        yield "exchange_rates", settings.exchange_rates.stream, COLUMNS


def check_streams(settings: Settings, streams: Mapping[str, Stream]) -> None:
    """Refuse streams that do not exist, or that lack a field that is needed.

    Raises:
        ProjectError: all that are wrong.
    """
    problems = []
    for name, one in _calendars(settings).items():
        path = "calendar" if name == DEFAULT_CALENDAR else f"calendars.{name}"
        problems += _stream_problems(one.place("schedule"), f"{path}.schedule", one.schedule, SCHEDULE, streams)
    rates = settings.exchange_rates
    if rates is not None:
        problems += _stream_problems(rates.place("stream"), "exchange_rates.stream", rates.stream, COLUMNS, streams)
    if problems:
        raise ProjectError(problems)


def read_lookups(
    project: Project,
    warehouse: Warehouse,
    landed: Mapping[str, Stream],
    metrics: Iterable[CompiledMetric],
    known_at: datetime | None = None,
) -> Lookups:
    """The project's calendars, and its rates where a metric converts; of streams what had landed by `known_at`.

    Raises:
        ProjectError: the file with the rates is wrong, or it is not known what their base is.
    """
    reading = _Reading(project, warehouse, landed, known_at)
    used = list(metrics)
    names = {name for metric in used for name in metric.calendars}
    calendars = {name: reading.hours(one) for name, one in _calendars(project.settings).items() if name in names}
    targets = {name for metric in used for name in metric.currencies}
    rates = project.settings.exchange_rates
    return Lookups(calendars) if rates is None or not targets else Lookups(calendars, reading.rates(rates, targets))


class _Reading:
    """Reads the present state of streams that landed."""

    def __init__(
        self, project: Project, warehouse: Warehouse, landed: Mapping[str, Stream], known_at: datetime | None
    ) -> None:
        self._project, self._warehouse, self._landed, self._known_at = project, warehouse, landed, known_at

    def hours(self, calendar: Calendar) -> WorkingHours | str:
        """What a calendar holds, or why that is not known."""
        if calendar.schedule is None:
            zone = calendar.timezone or self._project.settings.timezone
            return _with_exceptions(calendar, zone, calendar.week, ())
        rows = self._rows(calendar.schedule, SCHEDULE, (HOLIDAYS,))
        if isinstance(rows, str):
            return rows
        row = next((one for one in rows if one["name"] == calendar.name), None)
        if row is None:
            hint = nearest(calendar.name or "", [str(one["name"]) for one in rows])
            return f"{calendar.schedule} has no schedule {calendar.name!r}{hint}"
        try:
            return _of_schedule(calendar, row)
        except ValueError as error:
            return f"the schedule {calendar.name!r} of {calendar.schedule} cannot be used: {error}"

    def rates(self, settings: ExchangeRates, targets: set[str]) -> Rates | str:
        """The exchange rates, or why they are not known."""
        base = settings.base or _only(settings, targets)
        if settings.file is not None:
            rates = read_rates(self._project.folder / settings.file, settings.file)
            try:
                return Rates.of(base, settings.gap_days, rates)
            except RateError as error:
                raise ProjectError([Problem(settings.file, "", str(error))]) from error
        rows = self._rows(settings.stream or "", COLUMNS, ())
        if isinstance(rows, str):
            return rows
        try:
            of_rows = (rate_of(self._day(row["day"]), row["currency"], row["rate"]) for row in rows)
            return Rates.of(base, settings.gap_days, of_rows)
        except RateError as error:
            return f"{settings.stream}: {error}"

    def _day(self, day: object) -> object:
        return day.astimezone(self._project.zone).date() if isinstance(day, datetime) else day

    def _rows(self, name: str, needed: tuple[str, ...], usable: tuple[str, ...]) -> list[dict[str, Any]] | str:
        stream = self._landed.get(name)
        if stream is None:
            return f"{name} has not landed yet; sync it, then compute again"
        missing = [field for field in needed if stream.field(field) is None]
        if missing:
            return f"{name} landed without {', '.join(missing)}; sync it, then compute again"
        fields = [*needed, *(field for field in usable if stream.field(field) is not None)]
        with self._warehouse.history(self._landed, {name: fields}, self._known_at) as history:
            columns = ", ".join(map(quoted, fields))
            sql = f"SELECT {columns} FROM {quoted(name)} WHERE _valid_to = 'infinity' ORDER BY _key"
            return [dict(zip(fields, row, strict=True)) for row in history.query(sql).rows]


def _calendars(settings: Settings) -> dict[str, Calendar]:
    default = {} if settings.calendar is None else {DEFAULT_CALENDAR: settings.calendar}
    return {**default, **settings.calendars}


def _stream_problems(
    place: Location, path: str, name: str | None, fields: tuple[str, ...], streams: Mapping[str, Stream]
) -> list[Problem]:
    if name is None:
        return []
    if name not in streams:
        return [Problem(str(place), path, unknown_stream(name, streams))]
    missing = [field for field in fields if streams[name].field(field) is None]
    if streams[name].is_open or not missing:
        return []
    message = f"stream {name} has no field {missing[0]!r}; {', '.join(fields)} are needed"
    return [Problem(str(place), path, message)]


def _only(settings: ExchangeRates, targets: set[str]) -> str:
    if len(targets) == 1:
        return next(iter(targets))
    names = " and ".join(sorted(targets))
    message = f"is missing: formulas convert into {names}, so say which currency the rates are in, such as base: VND"
    raise ProjectError([Problem(str(settings.place()), "exchange_rates.base", message)])


def _of_schedule(calendar: Calendar, row: Mapping[str, Any]) -> WorkingHours:
    """Raises ValueError where the schedule is not understood."""
    zone = calendar.timezone or row["zone"]
    if zone is None:
        raise ValueError("its time zone is not known; write timezone: beside its name")
    hours: dict[str, list[str]] = {}
    for text in row["hours"] or ():
        day, _, shift = text.partition(" ")
        hours.setdefault(day, []).append(shift)
    holidays = tuple(_closure(text) for text in row.get(HOLIDAYS) or ())
    return _with_exceptions(calendar, ZoneInfo(zone).key, week_of(hours), holidays)


def _closure(text: str) -> tuple[date, date]:
    first, _, last = text.partition(" ")
    return date.fromisoformat(first), date.fromisoformat(last or first)


def _with_exceptions(
    calendar: Calendar, zone: str, week: Week, holidays: tuple[tuple[date, date], ...]
) -> WorkingHours:
    return WorkingHours(
        zone=zone,
        week=week,
        country=calendar.country,
        subdivision=calendar.subdivision,
        closures=(*((one.first, one.last) for one in calendar.closures), *holidays),
        extra_days=tuple((one.day, one.shifts_in(week)) for one in calendar.extra_days),
    )
