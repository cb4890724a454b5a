"""What hardly changes: the agency's clients, its people, and the queues and service levels it has set up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from okr_sync.sandbox.catalog import CLIENTS, DOMAIN, MEMBERS, SUPPORT_GROUPS, TRAVEL_CLIENT, Client
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id

SET_UP_AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
TIMES = {"IsDeleted": False, "CreatedDate": SET_UP_AT, "LastModifiedDate": SET_UP_AT, "SystemModstamp": SET_UP_AT}
OWNER_OF = {member.handle: salesforce_id("User", number) for number, member in enumerate(MEMBERS, start=1)}
AGENT_OF = {member.zendesk_id: OWNER_OF[member.handle] for member in MEMBERS}
BOT_ID, BOT_NAME = salesforce_id("User", 900), f"okr-bot@{DOMAIN}"
QUEUE_OF = {group: salesforce_id("Group", group) for group in SUPPORT_GROUPS}
MILESTONES = {"First Response": 120, "Resolution": 3 * 24 * 60}
"""How many minutes a case may take to each."""
MILESTONE_IDS = {name: salesforce_id("MilestoneType", number) for number, name in enumerate(MILESTONES, start=1)}
ACCOUNT_OF = {client.tag: salesforce_id("Account", client.organization_id) for client in CLIENTS}
DONG, DOLLAR = "VND", "USD"


def currency_of(client: str | None) -> str:
    """Where the org has several currencies, the travel client pays in dollars."""
    return DOLLAR if client == TRAVEL_CLIENT.tag else DONG


def accounts() -> list[dict[str, Any]]:
    return [_account(client) for client in CLIENTS]


def _account(client: Client) -> dict[str, Any]:
    return {
        "Id": ACCOUNT_OF[client.tag],
        "Name": client.name,
        "Type": "Customer - Direct",
        "Industry": "Travel" if client == TRAVEL_CLIENT else None,
        "ParentId": None,
        "OwnerId": OWNER_OF[MEMBERS[0].handle],
        "AnnualRevenue": None,
        "NumberOfEmployees": 12,
        "BillingAddress": None,
        "Client_Tag__c": client.tag,
        "CurrencyIsoCode": currency_of(client.tag),
        **TIMES,
    }


def users() -> list[dict[str, Any]]:
    people = [(OWNER_OF[member.handle], member.name, member.email) for member in MEMBERS]
    return [
        {"Id": user_id, "Name": name, "Username": email, "Type": "User", "IsActive": True, **TIMES}
        for user_id, name, email in (*people, (BOT_ID, "OKR bot", BOT_NAME))
    ]


def queues() -> list[dict[str, Any]]:
    return [
        {"Id": QUEUE_OF[group], "Name": name, "Username": None, "Type": "Queue", **TIMES}
        for group, name in SUPPORT_GROUPS.items()
    ]


def milestone_types() -> list[dict[str, Any]]:
    return [{"Id": MILESTONE_IDS[name], "Name": name, **TIMES} for name in MILESTONES]
