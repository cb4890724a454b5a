"""Salesforce: opportunities by SOQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.salesforce import Salesforce
from okr_sync.sandbox import Agency
from okr_sync.sandbox.faults import Call, rewritten
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.systems.salesforce import faults
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id
from okr_sync.sandbox.systems.salesforce.org import SalesforceOptions
from tests.contract.case import Case


def settings(variables: Mapping[str, str]) -> dict[str, Any]:
    return {
        "url": variables["SF_URL"],
        "client_id": variables["SF_CLIENT_ID"],
        "client_secret": variables["SF_CLIENT_SECRET"],
    }


def grow(now: datetime) -> Agency:
    agency = Agency.grow(5, now - timedelta(minutes=30), issue_count=0, ticket_count=0, survey_count=0)
    return agency.grow_business(5, deal_count=60, visit_count=0, listing_count=0, outage_count=0)


def keys(agency: Agency) -> set[str]:
    return {salesforce_id("Opportunity", deal.id) for deal in agency.deals.all}


def change(agency: Agency) -> str:
    deal = agency.deals.all[7]
    return salesforce_id("Opportunity", agency.deals.edit(deal.id, amount=(deal.amount or 0) + 1_000_000).id)


def delete(agency: Agency) -> str:
    deal = agency.deals.all[3]
    agency.deals.delete(deal.id)
    return salesforce_id("Opportunity", deal.id)


def spoil(_: Call, content: Json) -> Json:
    records: Any = content["records"]
    return content | {"records": [{**records[0], "CloseDate": "soon"}, *records[1:]]} if records else content


CASE = Case(
    connector=Salesforce,
    system="salesforce",
    settings=settings,
    stream="opportunities",
    grow=grow,
    keys=keys,
    change=change,
    delete=delete,
    pages="/services/data/v66.0/queryAll",
    bad_record=rewritten(spoil),
    options=SalesforceOptions(batch_cap=20),
    repeated_token=faults.repeated_token(),
    empty_page=faults.empty_batch(),
    cut_short=faults.nothing_next(),
    secrets=("SF_CLIENT_SECRET",),
    nightly_requests=3,  # the token, the descriptions of the objects, one batch
)
