"""What goes with the tickets of the account: ratings, schedules and fields, in Zendesk's wire format."""

from __future__ import annotations

from datetime import UTC, datetime

from okr_sync.sandbox.http import Json
from okr_sync.sandbox.records import Ticket
from okr_sync.sandbox.systems.zendesk.tickets import CLIENT_FIELD_ID, rating_id, zendesk_time

_MADE_AT = zendesk_time(datetime(2026, 1, 5, 2, 0, tzinfo=UTC))
_DAY_MINUTES = 24 * 60
_HOURS = ((8 * 60 + 30, 12 * 60), (13 * 60 + 30, 18 * 60))


def rating(ticket: Ticket, api: str) -> Json:
    """A change of mind is a new rating. The agency does not note when it came: its last change stands for that."""
    at = zendesk_time(ticket.updated_at)
    return {
        "url": f"{api}/satisfaction_ratings/{rating_id(ticket)}.json",
        "id": rating_id(ticket),
        "assignee_id": ticket.assignee_id,
        "group_id": ticket.group_id,
        "requester_id": ticket.requester_id,
        "ticket_id": ticket.id,
        "score": ticket.satisfaction,
        "comment": None,
        "reason": "No reason provided" if ticket.satisfaction == "bad" else None,
        "created_at": at,
        "updated_at": at,
    }


def schedules() -> list[Json]:
    """The agency's hours on weekdays, and a desk that is there on Saturday until midnight."""
    weekdays = [_interval(day, *hours) for day in range(1, 6) for hours in _HOURS]
    return [_schedule(1, "Giờ hành chính", weekdays), _schedule(2, "Trực cuối tuần", [_interval(6, 20 * 60, 24 * 60)])]


def holidays(schedule_id: str) -> list[Json]:
    """The agency's own day off at the end of the year, of both schedules."""
    day_off = {
        "id": int(schedule_id) * 10,
        "name": "Nghỉ cuối năm",
        "start_date": "2026-12-31",
        "end_date": "2026-12-31",
    }
    return [day_off]


def _schedule(number: int, name: str, intervals: list[Json]) -> Json:
    made = {"created_at": _MADE_AT, "updated_at": _MADE_AT}
    return {"id": 360_000 + number, "name": name, "time_zone": "Hanoi", "intervals": intervals, **made}


def _interval(day: int, start: int, end: int) -> Json:
    return {"start_time": day * _DAY_MINUTES + start, "end_time": day * _DAY_MINUTES + end}


def ticket_fields(api: str) -> list[Json]:
    """The client of a ticket, and the fields that every account has."""
    own = [(360_000_000 + number, kind, kind.title()) for number, kind in enumerate(("subject", "status", "priority"))]
    return [
        {
            "url": f"{api}/ticket_fields/{field_id}.json",
            "id": field_id,
            "type": kind,
            "title": title,
            "raw_title": title,
            "active": True,
            "required": False,
            "created_at": _MADE_AT,
            "updated_at": _MADE_AT,
        }
        for field_id, kind, title in [*own, (CLIENT_FIELD_ID, "tagger", "Khách hàng")]
    ]
