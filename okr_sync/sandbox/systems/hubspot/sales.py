"""Sales in HubSpot: clients are companies, deals are deals in two pipelines, with a line item for each offer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import CLIENT_OF, CLIENTS, MEMBERS, Client
from okr_sync.sandbox.growth.past import past_of_deal
from okr_sync.sandbox.records import Contact, Deal
from okr_sync.sandbox.systems.hubspot.kinds import (
    LIFECYCLE,
    OWNER,
    SET_UP_AT,
    SOURCE,
    Kind,
    Row,
    choice,
    day,
    flag,
    moment,
    number,
    shelved,
    text,
)
from okr_sync.sandbox.systems.hubspot.pipelines import DEAL_PIPELINES

CURRENCY = "VND"
ITEM_OFFSET = 500_000_000
QUOTED_OFFSET = 700_000_000
_OWNER_OF = {member.handle: 31_000 + number for number, member in enumerate(MEMBERS)}
_PIPELINE_OF = {pipeline.label: pipeline for pipeline in DEAL_PIPELINES}
_DEAL_STAGES = [stage for pipeline in DEAL_PIPELINES for stage in pipeline.stages]


def company_id(client: Client) -> int:
    return 900_000 + client.organization_id


def _deal(one: Deal) -> dict[str, Any]:
    pipeline = _PIPELINE_OF[one.pipeline]
    entered = {pipeline.stage(stage).entered: at for stage, at in one.stages}
    return entered | {
        "dealname": one.name,
        "pipeline": pipeline.id,
        "dealstage": pipeline.stage(one.stage).id,
        "hs_is_closed_won": one.stage == "won",
        "hs_is_closed": one.stage in ("won", "lost"),
        # Half of those who have made no offer had written one and taken it away.
        "amount": ("" if one.id % 2 else None) if one.amount is None else one.amount,
        "amount_in_home_currency": one.amount,
        "deal_currency_code": CURRENCY,
        "dealtype": "existingbusiness" if one.pipeline == "renewal" else "newbusiness",
        "closedate": one.closed_at,
        "hubspot_owner_id": _OWNER_OF[one.owner],
        "hs_primary_associated_company": company_id(CLIENT_OF[one.client]),
        "service": one.service,
        "lead_channel": one.channel,
        "contract_ends_on": one.contract_ends_on,
        "is_upsell": one.is_upsell,
    }


def _contact(one: Contact) -> dict[str, Any]:
    return {
        "email": one.email,
        "firstname": one.name,
        "lastname": "",
        "lifecyclestage": "customer" if one.is_customer else "lead",
        "associatedcompanyid": company_id(CLIENT_OF[one.client]),
        "hs_lifecyclestage_customer_date": one.created_at if one.is_customer else None,
    }


def _company(one: Client) -> dict[str, Any]:
    domain = f"{one.tag.replace('_', '-')}.example"
    return {"name": one.name, "domain": domain, "country": "Việt Nam", "lifecyclestage": "customer", "type": "CUSTOMER"}


def _companies(agency: Agency) -> Iterator[Row]:
    return (Row(company_id(one), SET_UP_AT, SET_UP_AT, one) for one in CLIENTS)


def _line_item(one: Deal) -> dict[str, Any]:
    return {
        "name": one.name,
        "hs_product_id": {"seo": 1001, "web": 1002, "content": 1003}[one.service],
        "hs_sku": one.service.upper(),
        "quantity": 1,
        "price": one.amount,
        "amount": one.amount,
        "hs_line_item_currency_code": CURRENCY,
    }


def _line_items(agency: Agency) -> Iterator[Row]:
    """What each deal with an offer is made of; a proposal has a quote as well, whose item belongs to no deal."""
    for row in shelved(agency.deals):
        deal: Deal = row.record
        if deal.amount is not None:
            yield Row(ITEM_OFFSET + row.id, deal.created_at, deal.updated_at, deal, row.archived_at, row.earlier)
            if deal.stage == "proposal":
                yield Row(QUOTED_OFFSET + row.id, deal.created_at, deal.updated_at, deal, row.archived_at)


def deal_of_item(item_id: int) -> int | None:
    return None if item_id >= QUOTED_OFFSET else item_id - ITEM_OFFSET


DEALS = Kind(
    "deals",
    "0-3",
    (
        text("dealname", "Deal name"),
        choice("pipeline", "Pipeline"),
        choice("dealstage", "Deal stage"),
        flag("hs_is_closed_won", "Is closed won"),
        flag("hs_is_closed", "Is deal closed?"),
        number("amount", "Amount"),
        number("amount_in_home_currency", "Amount in company currency"),
        choice("deal_currency_code", "Currency"),
        choice("dealtype", "Deal type"),
        moment("closedate", "Close date"),
        text("closed_lost_reason", "Closed lost reason"),
        number("hs_primary_associated_company", "Primary associated company"),
        choice("service", "Dịch vụ"),
        choice("lead_channel", "Nguồn khách"),
        day("contract_ends_on", "Ngày hết hợp đồng"),
        flag("is_upsell", "Mua thêm"),
        *(moment(stage.entered, f"Date entered {stage.label}") for stage in _DEAL_STAGES),
        OWNER,
        SOURCE,
    ),
    _deal,
    lambda agency: shelved(agency.deals),
    past=past_of_deal,
)
CONTACTS = Kind(
    "contacts",
    "0-1",
    (
        text("email", "Email"),
        text("firstname", "First name"),
        text("lastname", "Last name"),
        LIFECYCLE,
        choice("hs_lead_status", "Lead status"),
        number("associatedcompanyid", "Primary associated company ID"),
        moment("hs_lifecyclestage_customer_date", "Became a customer date"),
        OWNER,
        SOURCE,
    ),
    _contact,
    lambda agency: shelved(agency.contacts),
    cursor="lastmodifieddate",
)
COMPANIES = Kind(
    "companies",
    "0-2",
    (
        text("name", "Company name"),
        text("domain", "Company domain name"),
        text("country", "Country/Region"),
        choice("industry", "Industry"),
        choice("type", "Type"),
        LIFECYCLE,
        OWNER,
        SOURCE,
    ),
    _company,
    _companies,
)
LINE_ITEMS = Kind(
    "line_items",
    "0-8",
    (
        text("name", "Name"),
        number("hs_product_id", "Product ID"),
        text("hs_sku", "SKU"),
        number("quantity", "Quantity"),
        number("price", "Unit price"),
        number("amount", "Net price"),
        choice("hs_line_item_currency_code", "Currency"),
    ),
    _line_item,
    _line_items,
)
