"""The agency's deals as Salesforce has them: leads, opportunities, and the history of their stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from okr_sync.sandbox.catalog import CLIENT_OF
from okr_sync.sandbox.records import Deal
from okr_sync.sandbox.systems.salesforce.company import ACCOUNT_OF, DOLLAR, OWNER_OF, TIMES, currency_of
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id
from okr_sync.sandbox.systems.salesforce.tracking import MOST_CHANGES, Tracking

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
_SNAPSHOT = ("StageName", "Amount", "CloseDate")
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

    def history(self, versions: Sequence[Deal], gone_at: datetime | None) -> Iterator[Row]:
        """A row for the beginning, and one for each change of stage, amount or close date."""
        rows = [self.opportunity(one, None) for one in versions]
        changed = [(None, rows[0]), *((a, b) for a, b in pairwise(rows) if any(a[one] != b[one] for one in _SNAPSHOT))]
        for number, (before, row) in enumerate(changed):
            at = row["SystemModstamp"] if number else row["CreatedDate"]
            yield {
                "Id": salesforce_id("OpportunityHistory", versions[0].id * MOST_CHANGES + number),
                "OpportunityId": row["Id"],
                **{name: row[name] for name in _SNAPSHOT},
                "ForecastCategory": row["ForecastCategoryName"].replace(" ", ""),
                "ExpectedRevenue": row["ExpectedRevenue"],
                "Probability": row["Probability"],
                "PrevAmount": None if before is None else before["Amount"],
                "PrevCloseDate": None if before is None else before["CloseDate"],
                "CurrencyIsoCode": row["CurrencyIsoCode"],
                **_times(at, at, gone_at),
            }

    def field_history(self, versions: Sequence[Deal], gone_at: datetime | None) -> Iterator[Row]:
        tracking = Tracking("Opportunity", "OpportunityFieldHistory", versions[0].id)
        return tracking.rows([self.opportunity(one, None) for one in versions], is_deleted=gone_at is not None)

    def _amount(self, deal: Deal) -> float | None:
        if deal.amount is None or not self._is_multi_currency or currency_of(deal.client) != DOLLAR:
            return None if deal.amount is None else float(deal.amount)
        return deal.amount / DONGS_A_DOLLAR

    def _closes_on(self, deal: Deal) -> date:
        return (deal.closed_at or deal.created_at + _EXPECTED_AFTER).date()


def stages() -> list[Row]:
    """What the org says of its stages."""
    return [
        {
            "Id": salesforce_id("OpportunityStage", number),
            "ApiName": name,
            "MasterLabel": name,
            "IsActive": True,
            "IsClosed": forecast in ("Closed", "Omitted"),
            "IsWon": forecast == "Closed",
            "ForecastCategoryName": forecast,
            **TIMES,
        }
        for number, (name, _, forecast) in enumerate(STAGES.values())
    ]


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
