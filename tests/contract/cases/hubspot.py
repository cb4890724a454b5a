"""HubSpot: deals by the search, with their pipelines and stages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.hubspot import HubSpot
from okr_sync.sandbox import Agency
from okr_sync.sandbox.faults import Call, rewritten
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.systems.hubspot import faults
from okr_sync.sandbox.systems.hubspot.records import HubSpotOptions
from tests.contract.case import Case


def settings(variables: Mapping[str, str]) -> dict[str, Any]:
    return {"url": variables["HUBSPOT_URL"], "token": variables["HUBSPOT_TOKEN"]}


def grow(now: datetime) -> Agency:
    agency = Agency.grow(5, now - timedelta(minutes=5), issue_count=0, ticket_count=0, survey_count=0)
    return agency.grow_business(5, deal_count=60, visit_count=0, listing_count=0, outage_count=0)


def keys(agency: Agency) -> set[str]:
    return {str(one.id) for one in agency.deals.all}


def change(agency: Agency) -> str:
    return str(agency.deals.edit(agency.deals.all[7].id, amount=1_000_000).id)


def delete(agency: Agency) -> str:
    deal = agency.deals.all[3]
    agency.deals.delete(deal.id)
    return str(deal.id)


def spoil(_: Call, content: Json) -> Json:
    deals: Any = content["results"]
    if not deals:
        return content
    return content | {"results": [{**deals[0], "updatedAt": "yesterday"}, *deals[1:]]}


CASE = Case(
    connector=HubSpot,
    system="hubspot",
    settings=settings,
    stream="deals",
    grow=grow,
    keys=keys,
    change=change,
    delete=delete,
    pages="/crm/v3/objects/deals",
    bad_record=rewritten(spoil),
    options=HubSpotOptions(page_cap=20),
    repeated_token=faults.repeated_page(),
    empty_page=faults.empty_page(),
    cut_short=faults.out_of_order(),
    secrets=("HUBSPOT_TOKEN",),
    nightly_requests=7,  # the account; pipelines and properties of deals and of tickets; the search; the archived deals
)
