"""What a ticket becomes: names for numbers, hours for times, custom fields, missing for nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.freshdesk.settings import FreshdeskSettings
from okr_sync.connector import AccessError, FieldType, IncompleteError, Record, SettingsError, UnavailableError
from tests.connectors.freshdesk.conftest import FIELDS, Account, connector, page, ticket
from tests.loopback import Answer


def one(account: Account, fields: dict[str, str] | None = None, **raw: Any) -> dict[str, Any]:
    account.pages = [page(ticket(9, **raw))]
    pages = account.read(streams={"tickets": {"fields": fields or {}}})
    assert [page.rejected for page in pages if page.rejected] == []
    (record,) = [record for page in pages for record in page.records]
    return dict(record.fields)


def test_numbers_have_the_names_of_the_account(account: Account) -> None:
    """Status by the agents' name, own statuses too; a choice that is gone keeps its number, a person none."""
    known = one(account, status=7, priority=4, source=1, group_id=31, responder_id=21)
    assert [known[name] for name in ("status", "status_id", "priority", "channel", "group", "agent")] == [
        "Chờ khách", "7", "Gấp", "Email", "Kỹ thuật", "Lan",
    ]  # fmt: skip
    gone = one(account, status=66, priority=1, source=None, group_id=32, responder_id=22)
    assert [gone[name] for name in ("status", "priority", "channel", "group", "group_id", "agent", "agent_id")] == [
        "66", "1", None, None, "32", None, "22",
    ]  # fmt: skip


def test_reply_and_resolution(account: Account) -> None:
    """Asked at 02:00, answered at 03:30 and due at 04:00; resolved after 26 hours and due after 24."""
    stats = {"first_responded_at": "2026-10-01T03:30:00Z", "resolved_at": "2026-10-02T04:00:00Z"}
    due: dict[str, Any] = {"fr_due_by": "2026-10-01T04:00:00Z", "due_by": "2026-10-02T02:00:00Z", "is_escalated": True}
    record = one(account, stats=stats, **due)
    assert (record["first_reply_hours"], record["is_first_reply_in_time"]) == (1.5, True)
    assert (record["resolution_hours"], record["is_resolved_in_time"]) == (26.0, False)
    assert record["first_replied_at"] == datetime(2026, 10, 1, 3, 30, tzinfo=UTC)
    assert record["due_at"] == datetime(2026, 10, 2, 2, tzinfo=UTC)
    assert record["is_escalated"] is True


def test_reply_in_the_very_second_is_in_time(account: Account) -> None:
    """Due times are inclusive, and a reply in the second of the question took 0 hours, not none."""
    at = "2026-10-01T02:00:00Z"
    record = one(account, stats={"first_responded_at": at}, fr_due_by=at)
    assert (record["first_reply_hours"], record["is_first_reply_in_time"]) == (0.0, True)


def test_what_did_not_happen_is_missing(account: Account) -> None:
    """No reply yet is neither in time nor late; no due time likewise; an empty text is none."""
    record = one(account, stats={"first_responded_at": None}, fr_due_by="2020-01-01T00:00:00Z", subject="", type="")
    for name in ("first_reply_hours", "is_first_reply_in_time", "resolution_hours", "is_resolved_in_time", "tags"):
        assert record[name] is None
    assert (record["subject"], record["type"], record["is_escalated"]) == (None, None, None)
    replied = one(account, stats={"first_responded_at": "2026-10-01T03:00:00Z"})
    assert (replied["first_reply_hours"], replied["is_first_reply_in_time"]) == (1.0, None)


def test_times_have_any_zone(account: Account) -> None:
    """A time with an offset is the same instant in UTC."""
    assert one(account, due_by="2026-10-01T09:00:00+07:00")["due_at"] == datetime(2026, 10, 1, 2, tzinfo=UTC)


def test_custom_fields(account: Account) -> None:
    """By name or by label, each with its type; what is not filled in is missing, 0 and false are not."""
    wanted = {"client": "Client", "seats": "cf_seats", "rate": "Rate", "vip": "VIP", "live": "cf_live"}
    filled = {"cf_client": "Trà Cỏ Bồng", "cf_seats": 0, "cf_rate": "2.5", "cf_vip": False, "cf_live": "2026-12-01"}
    record = one(account, wanted, custom_fields=filled)
    assert [record[name] for name in wanted] == ["Trà Cỏ Bồng", 0, 2.5, False, date(2026, 12, 1)]
    empty = one(account, wanted, custom_fields={**dict.fromkeys(filled), "cf_client": ""})
    assert [empty[name] for name in wanted] == [None] * 5
    with connector(account.server.url, "k", streams={"tickets": {"fields": wanted}}) as source:
        stream = source.connect()[0]
    assert [stream.field(name).type for name in wanted if stream.field(name)] == [  # type: ignore[union-attr]
        FieldType.TEXT, FieldType.INTEGER, FieldType.NUMBER, FieldType.BOOLEAN, FieldType.DATE,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("Clent", "no custom ticket field 'Clent'; did you mean 'Client'"),
        ("Note", "2 fields have the label 'Note'; write the name of one: cf_note, cf_note2"),
        ("status", "no custom ticket field 'status'"),
    ],
)
def test_custom_field_that_is_not_to_be_found(account: Account, wanted: str, words: str) -> None:
    """An unknown or ambiguous name says which setting, and what to write."""
    with pytest.raises(SettingsError, match=f"^source desk: streams.tickets.fields.mine: .*{words}"):
        account.read(streams={"tickets": {"fields": {"mine": wanted}}})


def test_ticket_that_cannot_be_read(account: Account) -> None:
    """It is named with its field; the others of the page land."""
    account.pages = [page(ticket(8), ticket(9, is_escalated="maybe"))]
    first, *_ = account.read()
    assert [record.fields["id"] for record in first.records] == ["8"]
    assert [(bad.record, bad.reason[:33]) for bad in first.rejected] == [
        ("ticket 9", "is_escalated cannot be read as bo")
    ]


def test_deleted_and_spam_are_tombstones(account: Account) -> None:
    """What the trash and the spam list is deleted, whatever its own members say."""
    account.pages = [page(ticket(1))]
    respond = account.respond
    account.server.respond = lambda asked: (
        Answer([ticket(2 if asked.one("filter") == "deleted" else 3)]) if asked.one("filter") else respond(asked)
    )
    records: list[Record] = [record for page in account.read() for record in page.records]
    assert [(record.fields["id"], record.is_deleted) for record in records] == [
        ("1", False), ("2", True), ("3", True),
    ]  # fmt: skip


@pytest.mark.parametrize("given", [{}, {"domain": "agency", "url": "https://x.example"}])
def test_one_address(given: dict[str, str]) -> None:
    """Neither none nor two."""
    with pytest.raises(ValidationError, match="exactly one of domain"):
        FreshdeskSettings.model_validate({"connector": "freshdesk", "api_key": "k", **given})


@pytest.mark.parametrize(
    ("domain", "url"),
    [("agency", "https://agency.freshdesk.com"), ("agency.freshdesk.com", "https://agency.freshdesk.com")],
)
def test_domain(domain: str, url: str) -> None:
    """The account's name with or without the host; a name that leads to another host is refused."""
    settings = FreshdeskSettings.model_validate({"connector": "freshdesk", "api_key": "k", "domain": domain})
    assert settings.checked_url("desk") == url
    evil = FreshdeskSettings.model_validate({"connector": "freshdesk", "api_key": "k", "domain": "evil.example/"})
    with pytest.raises(SettingsError, match=r"domain 'evil\.example/' is not one"):
        evil.checked_url("desk")


def test_own_name_for_a_standard_field() -> None:
    """A custom field cannot take the name of a field that every ticket has."""
    with pytest.raises(ValidationError, match="status: every ticket has a field of this name already"):
        FreshdeskSettings.model_validate(
            {
                "connector": "freshdesk",
                "api_key": "k",
                "domain": "a",
                "streams": {"tickets": {"fields": {"status": "x"}}},
            }
        )


def test_refused_key(account: Account) -> None:
    """The message says what to do, and holds the key in no form, even where the answer echoes it."""
    account.server.respond = lambda asked: Answer(
        {"code": "invalid_credentials", "message": f"k3y+/secret {asked.headers['authorization']}"}, 401
    )
    with pytest.raises(
        AccessError, match=r"invalid_credentials: \*\*\* Basic \*\*\*; check domain and api_key"
    ) as caught:
        account.read()
    assert "k3y" not in str(caught.value)
    assert len(account.server.asked) == 1


def test_agent_who_may_not_list_the_fields(account: Account) -> None:
    """A key that lacks a right is told at the sign-in."""
    account.server.respond = lambda _: Answer({"code": "access_denied", "message": "not authorized"}, 403)
    with pytest.raises(AccessError, match=r"not allowed, .*access_denied.*ticket fields"):
        account.read()


def test_no_list_where_one_belongs(account: Account) -> None:
    """An object in place of the list of fields is no answer."""
    account.server.respond = lambda _: Answer({"fields": FIELDS})
    with pytest.raises(UnavailableError, match="a JSON dict where"):
        account.read()


def test_half_read_is_no_whole(account: Account) -> None:
    """The checkpoint of a read that broke off keeps trash and spam where they were."""
    old = {
        "tickets": "2026-10-01T00:00:00+00:00",
        "deleted": "2026-09-01T00:00:00+00:00",
        "spam": "2026-09-01T00:00:00+00:00",
    }
    account.pages = [page(ticket(1), ticket(2, "2026-10-03T00:00:00Z"), more=True), page(more=True)]
    with connector(account.server.url, "k") as source, pytest.raises(IncompleteError):
        pages = source.read(source.connect()[0], old)
        assert next(pages).checkpoint == old
        assert next(pages).checkpoint == {**old, "tickets": "2026-10-02T23:59:59+00:00"}
        next(pages)
