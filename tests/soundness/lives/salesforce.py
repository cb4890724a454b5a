"""Opportunities and cases of Salesforce: what the org keeps of them, and what it does not track."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from okr_sync.sandbox import Agency
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id
from tests.soundness.lives import Life, Source, hubspot, zendesk

_UNTRACKED = {"account_id", "account", "type", "lead_source", "origin", "reason", "is_escalated"}
_FURTHER = {"service": "Service__c", "contract_ends_on": "Contract_Ends_On__c"}


def _source(stream: str, named: Mapping[str, str], has_history: bool) -> Source:
    account = {"client_id": named["SF_CLIENT_ID"], "client_secret": named["SF_CLIENT_SECRET"]}
    further = {"fields": _FURTHER} if stream == "opportunities" else {}
    streams = {stream: {"history": has_history, **further}}
    return {"connector": "salesforce", "url": named["SF_URL"], **account, "streams": streams}


def _deals(agency: Agency) -> set[str]:
    return {salesforce_id("Opportunity", one.id) for one in agency.deals.all}


def _cases(agency: Agency) -> set[str]:
    return {salesforce_id("Case", one.id) for one in agency.tickets if one.status != "deleted"}


OPPORTUNITIES = replace(
    hubspot.LIFE,
    system="salesforce",
    stream="opportunities",
    source=lambda named, has_history: _source("opportunities", named, has_history),
    live=lambda agency, random: {salesforce_id("Opportunity", int(one)) for one in hubspot.LIFE.live(agency, random)},
    remaining=_deals,
    may_be_missing=_UNTRACKED,
    untold=_UNTRACKED,
)
CASES = replace(
    zendesk.LIFE,
    system="salesforce",
    stream="cases",
    source=lambda named, has_history: _source("cases", named, has_history),
    remaining=_cases,
    may_be_missing={*_UNTRACKED, "closed_at"},  # of a case that was closed again, only the last time is told
    untold=_UNTRACKED,
)
LIVES: dict[str, Life] = {"salesforce-opportunities": OPPORTUNITIES, "salesforce-cases": CASES}
