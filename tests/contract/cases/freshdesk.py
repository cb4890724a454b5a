"""Freshdesk: tickets by lists, deleted ones included."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.freshdesk import Freshdesk
from okr_sync.sandbox import Agency
from okr_sync.sandbox.systems.freshdesk import faults
from okr_sync.sandbox.systems.freshdesk.helpdesk import FreshdeskOptions
from okr_sync.sandbox.systems.freshdesk.tickets import freshdesk_id
from tests.contract.case import Case


def settings(variables: Mapping[str, str]) -> dict[str, Any]:
    return {"url": variables["FRESHDESK_URL"], "api_key": variables["FRESHDESK_API_KEY"]}


def grow(now: datetime) -> Agency:
    return Agency.grow(5, now - timedelta(minutes=30), issue_count=0, ticket_count=60, survey_count=0)


def keys(agency: Agency) -> set[str]:
    return {str(freshdesk_id(one.id)) for one in agency.tickets if one.status != "deleted"}


def change(agency: Agency) -> str:
    return str(freshdesk_id(agency.edit_ticket(agency.tickets[7].id, priority="urgent").id))


def delete(agency: Agency) -> str:
    return str(freshdesk_id(agency.delete_ticket(agency.tickets[3].id).id))


def spoil(tickets: faults.Tickets) -> faults.Tickets:
    return [{**tickets[0], "created_at": "yesterday"}, *tickets[1:]] if tickets else tickets


CASE = Case(
    connector=Freshdesk,
    system="freshdesk",
    settings=settings,
    stream="tickets",
    grow=grow,
    keys=keys,
    change=change,
    delete=delete,
    pages="/api/v2/tickets",
    bad_record=faults.changed(spoil),
    options=FreshdeskOptions(page_cap=20),
    repeated_token=faults.endless(),
    empty_page=faults.empty_page(),
    cut_short=faults.without_statistics(),
    secrets=("FRESHDESK_API_KEY",),
    nightly_requests=4,  # the fields of tickets, and a page of each list: present, deleted, spam
)
