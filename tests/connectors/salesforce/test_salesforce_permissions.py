"""What the account may not see, what settings name wrongly, and amounts in several currencies."""

from __future__ import annotations

from typing import Any

import pytest

from okr_sync.connector import AccessError, SettingsError
from okr_sync.sandbox import Agency
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id
from tests.connectors.salesforce.conftest import connected, landed, opportunity_ids, org, read

HIDDEN = frozenset({"Opportunity.Amount", "Opportunity.AccountId", "CaseMilestone"})


def test_hidden_fields(agency: Agency) -> None:
    """Fields behind field-level security are named all at once, with how to do without; other streams are read."""
    with org(agency, hidden=HIDDEN) as sandbox, connected(sandbox) as (one, streams):
        with pytest.raises(AccessError) as caught:
            list(one.read(streams["opportunities"], None))
        assert len(landed(list(one.read(streams["accounts"], None)))) == 10
    assert str(caught.value) == (
        "source crm: streams.opportunities: the account may not see Opportunity.AccountId, Opportunity.Account.Name,"
        " Opportunity.Amount; give its permission set read access to these fields, or leave them out:"
        " streams.opportunities: {leave_out: [account_id, account, amount]}"
    )


def test_hidden_fields_left_out(agency: Agency) -> None:
    """What is left out is no field of the stream, so that no formula can take it for missing values."""
    streams = {"opportunities": {"leave_out": ["account_id", "account", "amount"]}}
    with org(agency, hidden=HIDDEN) as sandbox, connected(sandbox, streams=streams) as (one, offered):
        stream = offered["opportunities"]
        assert set(landed(list(one.read(stream, None)))) == opportunity_ids(agency)
        assert stream.field("amount") is None
        assert one.declared_streams()[0].field("amount") is None


def test_missing_object(agency: Agency) -> None:
    """An org without entitlements has no milestones: only that stream cannot be read."""
    with org(agency, hidden=HIDDEN) as sandbox, pytest.raises(AccessError, match="no object CaseMilestone that"):
        read(sandbox, "case_milestones")


def test_missing_permissions_are_known(agency: Agency) -> None:
    """Who counts a stream that cannot be read is told why; of streams that nobody reads, nobody is told."""
    with org(agency, hidden=HIDDEN) as sandbox, connected(sandbox) as (one, streams):
        for name, words in (("opportunities", "may not see"), ("case_milestones", "no object CaseMilestone")):
            for call in (one.count, lambda stream: list(one.census(stream))):
                with pytest.raises(AccessError, match=words):
                    call(streams[name])
        assert one.count(streams["accounts"]) == 10
        identity = one.identity()
        assert identity is not None
        assert identity.missing == ()


@pytest.mark.parametrize(
    ("streams", "words"),
    [
        ({"opportunities": {"fields": {"x": "Servce__c"}}}, "opportunities.fields.x: .*'Servce__c'.*mean Service__c"),
        ({"opportunities": {"fields": {"x": "Upsell"}}}, "did you mean Is_Upsell__c"),
        ({"opportunities": {"fields": {"x": "Amount__c"}}}, "did you mean Amount"),
        ({"opportunities": {"fields": {"x": "Zzz"}}}, "has no field 'Zzz'.*Object Manager"),
        ({"opportunities": {"fields": {"x": "Acount.Name"}}}, "no relationship 'Acount'.*mean Account"),
        ({"opportunities": {"fields": {"x": "Account.Nam"}}}, "Account has no field 'Nam'.*mean Name"),
        ({"accounts": {"fields": {"x": "BillingAddress"}}}, "BillingAddress is of type address, which has no type"),
        ({"rooms": {"object": "Oportunity"}}, "streams.rooms.object: .*'Oportunity'.*did you mean Opportunity"),
        ({"rooms": {"object": "Name"}}, "Name has neither SystemModstamp nor CreatedDate"),
    ],
)
def test_names_that_the_org_does_not_have(agency: Agency, streams: dict[str, Any], words: str) -> None:
    """A name that is wrong is told when the source connects, with the names that are near."""
    with org(agency) as sandbox, pytest.raises(SettingsError, match=words), connected(sandbox, streams=streams):
        pass


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("Regoin__c = 'x'", "No such column 'Regoin__c' on entity 'Opportunity'.*field-level security"),
        ("Amount >", "unexpected token"),
        ("CloseDate > '2026-01-01'", "must be of type date and should not be enclosed in quotes"),
    ],
)
def test_condition_that_is_wrong(agency: Agency, where: str, words: str) -> None:
    """What Salesforce says of a condition is told as it is, and not tried again."""
    with org(agency) as sandbox, pytest.raises(SettingsError, match=words):
        read(sandbox, streams={"opportunities": {"where": where}})
    assert [one.status for one in sandbox.requests][2:] == [400]


def test_several_currencies(agency: Agency) -> None:
    """Amounts in several currencies are refused until their currency comes with them, and are then as they are."""
    with org(agency, is_multi_currency=True) as sandbox:
        with pytest.raises(
            SettingsError, match=r"amount, expected_revenue come.*fields: \{currency: CurrencyIsoCode\}"
        ):
            read(sandbox)
        records = landed(read(sandbox, streams={"opportunities": {"fields": {"currency": "CurrencyIsoCode"}}}))
        assert len(landed(read(sandbox, "leads"))) > 0  # which have no amounts
    for deal in agency.deals.all:
        fields = records[salesforce_id("Opportunity", deal.id)].fields
        amount = None if deal.amount is None else deal.amount
        expected = ("VND", amount)
        if deal.client == "du_lich_be_chuoi":
            expected = ("USD", None if amount is None else amount / 25_000)  # type: ignore[assignment]
        assert (fields["currency"], fields["amount"]) == expected
