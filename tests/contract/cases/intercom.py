"""Intercom: conversations by search, deleted ones by their list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.intercom import Intercom
from okr_sync.sandbox import Agency
from okr_sync.sandbox.faults import Call, rewritten
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.systems.intercom import faults
from okr_sync.sandbox.systems.intercom.conversations import conversation_id
from okr_sync.sandbox.systems.intercom.workspace import IntercomOptions
from tests.contract.case import Case


def settings(variables: Mapping[str, str]) -> dict[str, Any]:
    return {"url": variables["INTERCOM_URL"], "token": variables["INTERCOM_TOKEN"]}


def grow(now: datetime) -> Agency:
    return Agency.grow(5, now - timedelta(minutes=30), issue_count=0, ticket_count=60, survey_count=0)


def keys(agency: Agency) -> set[str]:
    return {conversation_id(one.id) for one in agency.tickets if one.status != "deleted"}


def change(agency: Agency) -> str:
    return conversation_id(agency.edit_ticket(agency.tickets[7].id, priority="urgent").id)


def delete(agency: Agency) -> str:
    return conversation_id(agency.delete_ticket(agency.tickets[3].id).id)


def spoil(_: Call, content: Json) -> Json:
    found: Any = content["conversations"]
    return {**content, "conversations": [{**found[0], "created_at": "yesterday"}, *found[1:]]} if found else content


CASE = Case(
    connector=Intercom,
    system="intercom",
    settings=settings,
    stream="conversations",
    grow=grow,
    keys=keys,
    change=change,
    delete=delete,
    pages="/conversations/search",
    bad_record=rewritten(spoil),
    options=IntercomOptions(page_cap=20),
    repeated_token=faults.repeated_token(),
    empty_page=faults.empty_page(),
    cut_short=faults.lost_cursor(),
    secrets=("INTERCOM_TOKEN",),
    nightly_requests=5,  # who am I, the teams; what changed, what is open, what was deleted
)
