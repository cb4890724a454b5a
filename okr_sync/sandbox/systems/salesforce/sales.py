"""The agency's deals as Salesforce has them: leads, opportunities, and the history of their stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from okr_sync.sandbox.catalog import CLIENT_OF
from okr_sync.sandbox.records import Deal
from okr_sync.sandbox.systems.salesforce.company import ACCOUNT_OF, DOLLAR, OWNER_OF, currency_of
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id

STAGES = {
    "lead": ("Prospecting", 10, "Pipeline"),
    "qualified": ("Qualification", 20, "Pipeline"),
    "proposal": ("Proposal/Price Quote", 65, "Best Case"),
    "contract": ("Negotiation/Review", 90, "Commit"),
    "won": ("Closed Won", 100, "Closed"),
    "lost": ("Closed Lost", 0, "Omitted"),
}
"""Stage of a deal -> its name here, how likely it is to be won, where a forecast counts it."""
TYPES = {"new": "New Business", "renewal": "Existing Business"}
SOURCES = {"referral": "Customer Referral", "search": "Web", "ads": "Advertisement", "event": "Trade Show"}
BEFORE_AN_OFFER = ("lead", "qualified")
DONGS_A_DOLLAR = 25_000
MOST_STAGES = 64
"""How many stages a deal may pass: so many ids of its history are its own."""
_EXPECTED_AFTER = timedelta(days=90)

Row = dict[str, Any]


def to_second(moment: datetime) -> datetime:
    """Salesforce keeps no fractions."""
    return moment.replace(microsecond=0)


class Sales:
    """Writes rows. `gone_at` is when a deal was deleted, `None` while it is there."""

    def __init__(self, *, is_multi_currency: bool) -> None:
        self._is_multi_currency = is_multi_currency

    def opportunity(self, deal: Deal, gone_at: datetime | None) -> Row:
        stage, percent, forecast = STAGES[deal.stage]
        amount = self._amount(deal)
        return {
            "Id": salesforce_id("Opportunity", deal.id),
            "Name": deal.name,
            "AccountId": ACCOUNT_OF[deal.client],
            "OwnerId": OWNER_OF[deal.owner],
            "Type": TYPES[deal.pipeline],
            "LeadSource": SOURCES[deal.channel],
            "StageName": stage,
            "ForecastCategoryName": forecast,
            "IsClosed": deal.stage in ("won", "lost"),
            "IsWon": deal.stage == "won",
            "Amount": amount,
            "ExpectedRevenue": None if amount is None else amount * percent / 100,
            "Probability": float(percent),
            "CloseDate": self._closes_on(deal),
            "LastStageChangeDate": to_second(deal.stages[-1][1]) if len(deal.stages) > 1 else None,
            "Service__c": deal.service,
            "Contract_Ends_On__c": deal.contract_ends_on,
            "Is_Upsell__c": deal.is_upsell,
            "Days_To_Contract_End__c": _days_until(deal.contract_ends_on),
            "CurrencyIsoCode": currency_of(deal.client),
            **_times(deal.created_at, deal.updated_at, gone_at),
        }

    def lead(self, deal: Deal, gone_at: datetime | None) -> Iterator[Row]:
        """Only a deal that began as one. It is converted when somebody makes an offer, and not touched after that."""
        if deal.stages[0][0] not in BEFORE_AN_OFFER:
            return
        converted_at = next((at for stage, at in deal.stages if stage not in (*BEFORE_AN_OFFER, "lost")), None)
        client = CLIENT_OF[deal.client]
        opportunity_id = salesforce_id("Opportunity", deal.id)
        yield {
            "Id": salesforce_id("Lead", deal.id),
            "Name": f"Đầu mối {client.name}",
            "Company": client.name,
            "Status": _lead_status(deal, is_converted=converted_at is not None),
            "LeadSource": SOURCES[deal.channel],
            "Rating": None,
            "Industry": None,
            "OwnerId": OWNER_OF[deal.owner],
            "IsConverted": converted_at is not None,
            "ConvertedDate": None if converted_at is None else converted_at.date(),
            "ConvertedOpportunityId": None if converted_at is None else opportunity_id,
            "ConvertedAccountId": None if converted_at is None else ACCOUNT_OF[deal.client],
            "CurrencyIsoCode": currency_of(deal.client),
            **_times(deal.created_at, converted_at or deal.updated_at, gone_at),
        }

    def history(self, deal: Deal, gone_at: datetime | None) -> Iterator[Row]:
        """A row for each stage, with the amount once there was an offer."""
        previous = None
        for number, (stage, at) in enumerate(deal.stages):
            name, percent, forecast = STAGES[stage]
            amount = None if stage in BEFORE_AN_OFFER else self._amount(deal)
            yield {
                "Id": salesforce_id("OpportunityHistory", deal.id * MOST_STAGES + number),
                "OpportunityId": salesforce_id("Opportunity", deal.id),
                "StageName": name,
                "ForecastCategory": forecast.replace(" ", ""),
                "Amount": amount,
                "ExpectedRevenue": None if amount is None else amount * percent / 100,
                "PrevAmount": previous,
                "Probability": float(percent),
                "CloseDate": self._closes_on(deal),
                "PrevCloseDate": None,
                "CurrencyIsoCode": currency_of(deal.client),
                **_times(at, at, gone_at),
            }
            previous = amount

    def field_history(self, deal: Deal, gone_at: datetime | None) -> Iterator[Row]:
        """A row for the beginning, and one for each change of stage."""
        names = [None, *(STAGES[stage][0] for stage, _ in deal.stages)]
        for number, (_, at) in enumerate(deal.stages):
            yield {
                "Id": salesforce_id("OpportunityFieldHistory", deal.id * MOST_STAGES + number),
                "OpportunityId": salesforce_id("Opportunity", deal.id),
                "Field": "StageName" if number else "created",
                "OldValue": names[number],
                "NewValue": names[number + 1] if number else None,
                "DataType": "DynamicEnum" if number else "Text",
                "CreatedDate": to_second(at),
                "IsDeleted": gone_at is not None,
            }

    def _amount(self, deal: Deal) -> float | None:
        if deal.amount is None or not self._is_multi_currency or currency_of(deal.client) != DOLLAR:
            return None if deal.amount is None else float(deal.amount)
        return deal.amount / DONGS_A_DOLLAR

    def _closes_on(self, deal: Deal) -> date:
        return (deal.closed_at or deal.created_at + _EXPECTED_AFTER).date()


def _lead_status(deal: Deal, *, is_converted: bool) -> str:
    if is_converted:
        return "Closed - Converted"
    return {"lost": "Closed - Not Converted", "lead": "Open - Not Contacted"}.get(deal.stage, "Working - Contacted")


def _days_until(day: date | None) -> Callable[[datetime], float | None]:
    return lambda now: None if day is None else float((day - now.date()).days)


def _times(created_at: datetime, updated_at: datetime, gone_at: datetime | None) -> Row:
    changed_at = to_second(gone_at or updated_at)
    return {
        "IsDeleted": gone_at is not None,
        "CreatedDate": to_second(created_at),
        "LastModifiedDate": changed_at,
        "SystemModstamp": changed_at,
    }
