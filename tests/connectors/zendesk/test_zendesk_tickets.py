"""A ticket as a record: its metrics in hours, what is not known yet, deletions and merges, custom fields."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.zendesk.fields import STANDARD_NAMES
from connectors.zendesk.settings import TicketSettings, ZendeskSettings
from okr_sync.connector import FieldType, Record, SettingsError
from tests.connectors.zendesk.conftest import Account, exported, ticket

WRITTEN = {"connector": "zendesk", "email": "lan@agency.example", "token": "t"}


def only(
    account: Account, one: dict[str, Any], *metrics: dict[str, Any], fields: dict[str, Any] | None = None
) -> Record:
    account.pages = [exported(one, cursor="c1", metrics=metrics)]
    return account.read({"cursor": "c0"}, fields)[0].records[0]


def test_every_standard_field(account: Account) -> None:
    """Ids are texts, minutes become hours, and times are in UTC."""
    raw = ticket(
        35436,
        subject="Máy in hỏng",
        priority="high",
        type="incident",
        via={"channel": "email"},
        requester_id=20978392,
        assignee_id=9007199254740993,
        group_id=None,
        organization_id=509974,
        tags=["vip", "web"],
        satisfaction_rating={"score": "good", "id": 1},
    )
    metrics = {
        "ticket_id": 35436,
        "reply_time_in_minutes": {"calendar": 90, "business": 45},
        "first_resolution_time_in_minutes": {"calendar": 600, "business": 300},
        "full_resolution_time_in_minutes": {"calendar": 1440, "business": 480},
        "requester_wait_time_in_minutes": {"calendar": 120, "business": 60},
        "agent_wait_time_in_minutes": {"calendar": 30, "business": 30},
        "on_hold_time_in_minutes": {"calendar": 15, "business": 15},
        "solved_at": "2026-10-02T02:00:00Z",
        "assigned_at": "2026-10-01T02:05:00Z",
        "reopens": 0,
        "replies": 3,
    }
    record = only(account, raw, metrics)
    assert not record.is_deleted
    assert dict(record.fields) == {
        "id": "35436",
        "subject": "Máy in hỏng",
        "status": "open",
        "priority": "high",
        "type": "incident",
        "channel": "email",
        "requester_id": "20978392",
        "assignee_id": "9007199254740993",
        "group_id": None,
        "organization_id": "509974",
        "tags": ["vip", "web"],
        "satisfaction": "good",
        "is_merged": False,
        "created_at": datetime(2026, 10, 1, 2, 0, tzinfo=UTC),
        "updated_at": datetime(2026, 10, 2, 2, 0, tzinfo=UTC),
        "first_reply_hours": 1.5,  # 90 / 60
        "first_replied_at": datetime(2026, 10, 1, 3, 30, tzinfo=UTC),  # 02:00 and 90 minutes
        "first_reply_business_hours": 0.75,
        "first_resolution_hours": 10.0,
        "first_resolution_business_hours": 5.0,
        "full_resolution_hours": 24.0,
        "full_resolution_business_hours": 8.0,
        "requester_wait_hours": 2.0,
        "agent_wait_hours": 0.5,
        "on_hold_hours": 0.25,
        "solved_at": datetime(2026, 10, 2, 2, 0, tzinfo=UTC),
        "assigned_at": datetime(2026, 10, 1, 2, 5, tzinfo=UTC),
        "reopen_count": 0,
        "reply_count": 3,
    }
    assert set(record.fields) == STANDARD_NAMES


METRIC_FIELDS = {
    name for name in STANDARD_NAMES if name.endswith(("_hours", "_count")) or name in ("first_replied_at", "solved_at")
}


@pytest.mark.parametrize(
    "metrics",
    [
        (),
        ({"ticket_id": 2, "reply_time_in_minutes": {"calendar": 5}, "reopens": 1},),
        ({"ticket_id": 1, "reply_time_in_minutes": None, "full_resolution_time_in_minutes": {"calendar": None}},),
    ],
)
def test_unknown_metrics_are_missing(account: Account, metrics: tuple[dict[str, Any], ...]) -> None:
    """No metric set, another ticket's, or nulls in it: missing, never zero."""
    fields = only(account, ticket(1), *metrics).fields
    assert {fields[name] for name in METRIC_FIELDS} == {None}


def test_zero_is_a_reply_time(account: Account) -> None:
    """A reply within the first minute took 0 hours, and happened when the ticket came in."""
    fields = only(account, ticket(1), {"ticket_id": 1, "reply_time_in_minutes": {"calendar": 0, "business": 0}}).fields
    assert (fields["first_reply_hours"], fields["first_reply_business_hours"]) == (0.0, 0.0)
    assert fields["first_replied_at"] == fields["created_at"]


def test_seconds_win_over_minutes(account: Account) -> None:
    """Where Zendesk counts seconds, they are the finer reply time: 90 s are 0.025 h."""
    times = {"reply_time_in_minutes": {"calendar": 2}, "reply_time_in_seconds": {"calendar": 90}}
    fields = only(account, ticket(1), {"ticket_id": 1, **times}).fields
    assert fields["first_reply_hours"] == 0.025
    assert fields["first_replied_at"] == datetime(2026, 10, 1, 2, 1, 30, tzinfo=UTC)


def test_deleted_ticket_is_a_tombstone(account: Account) -> None:
    """A ticket that was deleted in Zendesk comes scrubbed, and its record says so."""
    record = only(account, ticket(1, status="deleted", subject="SCRUBBED", tags=[]))
    assert record.is_deleted
    assert record.fields["id"] == "1"


@pytest.mark.parametrize(
    ("tags", "expected"), [(["closed_by_merge", "a"], True), (["merge"], False), ([], False), (None, False)]
)
def test_merged_tickets_are_marked(account: Account, tags: list[str] | None, expected: bool) -> None:
    """Zendesk tags a ticket that it closed because of a merge."""
    assert only(account, ticket(1, tags=tags)).fields["is_merged"] is expected


def test_custom_fields(account: Account) -> None:
    """Custom fields are found by id or title, and read as the type they have in the account."""
    values = {21938362: "plan_gold", 21938363: "12", 21938364: False, 21938365: "2026-11-01", 21938366: ["a", "b"]}
    raw = ticket(1, custom_fields=[{"id": field, "value": value} for field, value in values.items()])
    declared = {"plan": "Plan", "seats": 21938363, "escalated": "21938364", "live_on": "Go-live", "areas": "Areas"}
    fields = only(account, raw, fields=declared).fields
    assert {name: fields[name] for name in declared} == {
        "plan": "plan_gold",
        "seats": 12.0,
        "escalated": False,
        "live_on": date(2026, 11, 1),
        "areas": ["a", "b"],
    }


@pytest.mark.parametrize(
    "custom_fields", [None, [], [{"id": 21938363, "value": None}], [{"id": 21938363, "value": ""}]]
)
def test_custom_field_without_a_value(account: Account, custom_fields: Any) -> None:
    """A custom field that nobody filled in is missing."""
    assert only(account, ticket(1, custom_fields=custom_fields), fields={"seats": "Seats"}).fields["seats"] is None


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ("Note", "2 fields have the title 'Note'; write the id of one: 21938367, 21938368"),
        ("Plans", r"no custom ticket field 'Plans'; did you mean 'Plan' \(21938362\)"),
        (999, "no custom ticket field '999'; its fields are listed"),
        ("Status", "no custom ticket field 'Status'"),
    ],
)
def test_custom_fields_that_are_none(account: Account, ref: str | int, words: str) -> None:
    """Unknown fields, shared titles and the ticket's own fields are refused, each with the way out."""
    with (
        account.connector({"mine": ref}) as connector,
        pytest.raises(SettingsError, match=f"streams.tickets.fields.mine: .*{words}"),
    ):
        connector.connect()


def test_streams_offline_and_online(account: Account) -> None:
    """Offline a custom field has no type yet; connected every field has one, and links lead to the ticket."""
    with account.connector({"seats": "Seats"}) as connector:
        offline, online = connector.declared_streams()[0], connector.connect()[0]
    assert offline.field("seats").type is FieldType.UNKNOWN  # type: ignore[union-attr]
    assert all(one.type is not FieldType.UNKNOWN and one.description for one in online.fields)
    assert (online.key, online.version_at, online.created_at) == (("id",), "updated_at", "created_at")
    assert online.link == f"{account.server.url}/agent/tickets/{{id}}"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"subdomain": "agency"}, "https://agency.zendesk.com"),
        ({"url": "https://help.agency.example/"}, "https://help.agency.example"),
    ],
)
def test_address(written: dict[str, str], expected: str) -> None:
    """The address is the subdomain's at Zendesk, or the one that is written."""
    assert ZendeskSettings.model_validate({**WRITTEN, **written}).checked_url("support") == expected


@pytest.mark.parametrize("subdomain", ["evil.example/", "agency.zendesk.com", "", "a b", "user@evil.example#"])
def test_subdomain_leads_to_zendesk(subdomain: str) -> None:
    """Nothing written as a subdomain sends credentials to another host."""
    with pytest.raises(SettingsError, match=r"subdomain .* is not one; write agency"):
        ZendeskSettings.model_validate({**WRITTEN, "subdomain": subdomain}).checked_url("support")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({}, "exactly one of subdomain"),
        ({"subdomain": "agency", "url": "https://agency.zendesk.com"}, "exactly one of subdomain"),
        ({"subdomain": "agency", "streams": {"users": {}}}, "Extra inputs"),
    ],
)
def test_settings_that_cannot_be(written: dict[str, Any], words: str) -> None:
    """What the settings alone tell to be wrong is refused when the project is read."""
    with pytest.raises(ValidationError, match=words):
        ZendeskSettings.model_validate({**WRITTEN, **written})


def test_custom_field_hides_no_other() -> None:
    """A custom field cannot take the name of a standard one."""
    with pytest.raises(ValidationError, match="status: every ticket has a field of this name"):
        TicketSettings.model_validate({"fields": {"status": 1}})
