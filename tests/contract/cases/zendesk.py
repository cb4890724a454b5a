"""Zendesk: tickets by the incremental export."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.zendesk import Zendesk
from okr_sync.sandbox import Agency
from okr_sync.sandbox.faults import Call, rewritten
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.systems.zendesk import faults
from okr_sync.sandbox.systems.zendesk.account import ZendeskOptions
from tests.contract.case import Case


def settings(variables: Mapping[str, str]) -> dict[str, Any]:
    return {
        "url": variables["ZENDESK_URL"],
        "email": variables["ZENDESK_EMAIL"],
        "token": variables["ZENDESK_API_TOKEN"],
    }


def grow(now: datetime) -> Agency:
    return Agency.grow(5, now - timedelta(minutes=5), issue_count=0, ticket_count=60, survey_count=0)


def keys(agency: Agency) -> set[str]:
    return {str(one.id) for one in agency.tickets if one.status != "deleted"}


def change(agency: Agency) -> str:
    return str(agency.edit_ticket(agency.tickets[7].id, priority="urgent").id)


def delete(agency: Agency) -> str:
    return str(agency.delete_ticket(agency.tickets[3].id).id)


def spoil(_: Call, content: Json) -> Json:
    tickets: Any = content["tickets"]
    return content | {"tickets": [{**tickets[0], "created_at": "yesterday"}, *tickets[1:]]} if tickets else content


CASE = Case(
    connector=Zendesk,
    system="zendesk",
    settings=settings,
    stream="tickets",
    grow=grow,
    keys=keys,
    change=change,
    delete=delete,
    pages="/api/v2/incremental/tickets",
    bad_record=rewritten(spoil),
    options=ZendeskOptions(page_cap=20),
    repeated_token=faults.repeated_token(),
    empty_page=faults.empty_page(),
    secrets=("ZENDESK_API_TOKEN",),
)
