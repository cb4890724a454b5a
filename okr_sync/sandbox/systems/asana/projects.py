"""Projects with what is known of them as a whole, and the two portfolios they are in."""

from __future__ import annotations

from datetime import UTC, date, datetime

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import CATEGORY_OF, CLIENTS, ZONE
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.systems.asana.answers import asana_time
from okr_sync.sandbox.systems.asana.objects import (
    BOT,
    CLIENT,
    CONTRACT,
    DEPARTMENTS,
    OF_CLIENTS,
    TEAM,
    USERS,
    WORKSPACE,
    Place,
)
from okr_sync.sandbox.systems.asana.tasks import Tasks

MADE_AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
SAID_AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LATE_IS_RED = 5
PORTFOLIOS = {
    "1208000000000001": ("Phòng ban", tuple(DEPARTMENTS.values())),
    "1208000000000002": ("Khách hàng", tuple(OF_CLIENTS.values())),
}


def project(place: Place, agency: Agency, tasks: Tasks, url: str) -> Json:
    """All of it. A client's is due when the last contract ends."""
    ends_on = _contract_ends_on(place, agency)
    return place.reference | {
        "archived": False,
        "completed": False,
        "completed_at": None,
        "created_at": asana_time(MADE_AT),
        "modified_at": asana_time(SAID_AT),
        "current_status": _status(place, agency, tasks),
        "custom_fields": [CLIENT.valued(place.client), CONTRACT.valued(_contract_value(place, agency))],
        "due_on": None if ends_on is None else str(ends_on),
        "start_on": None,
        "owner": USERS[place.owner],
        "team": TEAM,
        "permalink_url": f"{url}/0/{place.gid}",
        "workspace": WORKSPACE,
    }


def portfolio(gid: str, url: str) -> Json:
    name, _ = PORTFOLIOS[gid]
    return {
        "gid": gid,
        "resource_type": "portfolio",
        "name": name,
        "archived": False,
        "created_at": asana_time(MADE_AT),
        "created_by": BOT,
        "custom_fields": [],
        "due_on": None,
        "start_on": None,
        "owner": BOT,
        "permalink_url": f"{url}/0/portfolio/{gid}",
        "workspace": WORKSPACE,
    }


def late_count(place: Place, agency: Agency, tasks: Tasks) -> int:
    """How many open tasks were due before today."""
    today = agency.clock.now().astimezone(ZONE).date()
    return sum(
        one.due_on is not None and one.due_on < today and CATEGORY_OF[one.status] != "done"
        for one in tasks.of_project(place.gid)
    )


def _status(place: Place, agency: Agency, tasks: Tasks) -> Json | None:
    """Nobody says anything of a project without tasks."""
    if not tasks.of_project(place.gid):
        return None
    late = late_count(place, agency, tasks)
    color = "red" if late >= LATE_IS_RED else "yellow" if late else "green"
    return {
        "gid": f"1210{place.gid[4:]}",
        "resource_type": "project_status",
        "title": "Cập nhật",
        "color": color,
        "created_at": asana_time(SAID_AT),
    }


def _contract_ends_on(place: Place, agency: Agency) -> date | None:
    tag = _tag(place)
    ends = [one.contract_ends_on for one in agency.deals.all if one.client == tag and one.contract_ends_on is not None]
    return max(ends, default=None)


def _contract_value(place: Place, agency: Agency) -> int | None:
    """What the client's won deals are worth; nothing is not zero."""
    tag = _tag(place)
    amounts = [one.amount for one in agency.deals.all if one.client == tag and one.stage == "won" and one.amount]
    return sum(amounts) if amounts else None


def _tag(place: Place) -> str | None:
    return next((client.tag for client in CLIENTS if client.name == place.client), None)
