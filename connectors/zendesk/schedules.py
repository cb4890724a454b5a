"""The stream of schedules: the hours that Zendesk takes for business hours, and the holidays on which it takes none."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from connectors.zendesk.zones import zone_of
from okr_sync.connector import Field, FieldType, IncompleteError, Page, Stream, Value
from okr_sync.http.columns import Column, Reading, column

if TYPE_CHECKING:
    from okr_sync.http.client import Client

_PATH = "/api/v2/business_hours/schedules.json"
_HOLIDAYS_PATH = "/api/v2/business_hours/schedules/{}/holidays.json"
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAY_MINUTES = 24 * 60


def _hours(raw: dict[str, Any]) -> Value:
    intervals = raw.get("intervals") or []
    return [_interval(one) for one in sorted(intervals, key=lambda one: _minute(one, "start_time"))]


def _interval(raw: dict[str, Any]) -> str:
    """Zendesk counts the minutes of a week that begins on Sunday at midnight; no interval goes over midnight."""
    day, start = divmod(_minute(raw, "start_time"), _DAY_MINUTES)
    end = _minute(raw, "end_time") - day * _DAY_MINUTES
    if day >= len(_DAYS) or not start < end <= _DAY_MINUTES:
        raise ValueError("not an interval within one day of the week")
    return f"{_DAYS[day]} {_clock(start)}-{_clock(end)}"


def _minute(raw: Any, name: str) -> int:
    minute = raw.get(name) if isinstance(raw, dict) else None
    if not isinstance(minute, int) or minute < 0:
        raise ValueError("not a minute of a week")
    return minute


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _holidays(raw: dict[str, Any]) -> Value:
    return sorted(_free_days(one) for one in raw["holidays"])


def _free_days(raw: Any) -> str:
    first, last = (date.fromisoformat(str(raw.get(name))) for name in ("start_date", "end_date"))
    if last < first:
        raise ValueError("not a holiday: it ends before it begins")
    return f"{first}" if first == last else f"{first} {last}"


def _zone(raw: dict[str, Any]) -> Value:
    name = raw.get("time_zone")
    return zone_of(name) if isinstance(name, str) else None


_READING = Reading(
    (
        column("id", FieldType.TEXT, "id", "Zendesk's number of the schedule"),
        column("name", FieldType.TEXT, "name", "Its name"),
        column("time_zone", FieldType.TEXT, "time_zone", "Its zone, by Zendesk's name for it: Hanoi"),
        Column(Field("zone", FieldType.TEXT, "Its zone by IANA: Asia/Ho_Chi_Minh"), _zone),
        Column(Field("hours", FieldType.LIST, "The hours of each day: mon 08:30-12:00, mon 13:30-18:00..."), _hours),
        Column(Field("holidays", FieldType.LIST, "Its free days: 2026-12-31, 2027-02-04 2027-02-10..."), _holidays),
        column("created_at", FieldType.TIMESTAMP, "created_at", "When it was made"),
        column("updated_at", FieldType.TIMESTAMP, "updated_at", "When it last changed"),
    ),
    lambda raw: f"schedule {raw.get('id')}",
)


def schedules_stream() -> Stream:
    return Stream(
        name="schedules",
        fields=_READING.fields,
        key=("id",),
        is_extra=True,
        version_at="updated_at",
        created_at="created_at",
        is_full_read=True,
        description="Schedules: the hours by which Zendesk counts business hours",
    )


def schedule_page(client: Client, where: str) -> Page:
    answer = client.get_json(_PATH)
    raws = answer.get("schedules")
    if not isinstance(raws, list) or answer.get("next_page"):
        raise IncompleteError(
            f"{where}: an answer that is not the whole list of schedules; the next run reads it again"
        )
    records, rejected = _READING.records([_with_holidays(client, where, raw) for raw in raws])
    return Page(records, {}, rejected=rejected)


def _with_holidays(client: Client, where: str, raw: Any) -> Any:
    """A schedule with its holidays, which are a list of their own."""
    number = raw.get("id") if isinstance(raw, dict) else None
    if number is None:
        return raw
    holidays = client.get_json(_HOLIDAYS_PATH.format(number)).get("holidays")
    if not isinstance(holidays, list):
        raise IncompleteError(f"{where}: schedule {number} without its list of holidays; the next run reads it again")
    return {**raw, "holidays": holidays}
