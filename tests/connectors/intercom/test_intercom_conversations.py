"""What a conversation becomes: seconds as times and hours, 0 for nobody, missing for nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.intercom.settings import IntercomSettings
from tests.connectors.intercom.conftest import TOKEN, Account, connector, conversation, found


def one(account: Account, **members: Any) -> dict[str, Any]:
    account.searches = [found(conversation(9, **members))]
    pages = account.read()
    assert [page.rejected for page in pages if page.rejected] == []
    (record,) = [record for page in pages for record in page.records]
    return dict(record.fields)


def test_statistics(account: Account) -> None:
    """Asked at 1,790,820,000 and answered three hours later, of which one and a half were office hours."""
    statistics = {
        "first_contact_reply_at": 1790820000,
        "first_admin_reply_at": 1790830800,
        "time_to_admin_reply": 5400,
        "median_time_to_reply": 0,
        "time_to_first_close": 90000,
        "first_close_at": 1790910000,
        "count_reopens": 0,
        "count_conversation_parts": 4,
    }
    record = one(account, statistics=statistics)
    assert record["first_reply_hours"] == 3.0
    assert record["first_reply_business_hours"] == 1.5
    assert record["median_reply_business_hours"] == 0.0
    assert record["first_close_business_hours"] == 25.0
    assert record["first_replied_at"] == datetime(2026, 10, 1, 5, 0, tzinfo=UTC)
    assert (record["reopen_count"], record["part_count"]) == (0, 4)


@pytest.mark.parametrize("statistics", [None, {}, {"first_contact_reply_at": 1790820000, "time_to_admin_reply": None}])
def test_what_did_not_happen_is_missing(account: Account, statistics: Any) -> None:
    """No statistics, or none yet, is missing, not 0."""
    record = one(account, statistics=statistics, sla_applied=None, conversation_rating=None, company=None, title="")
    for name in (
        "first_reply_hours", "first_reply_business_hours", "first_replied_at", "reopen_count", "handling_hours",
        "sla", "sla_status", "rating", "company", "title",
    ):  # fmt: skip
        assert record[name] is None, name


def test_sla_and_rating(account: Account) -> None:
    """The SLA's name and status, the rating from 1 to 5 and when it was asked for."""
    record = one(
        account,
        sla_applied={"type": "conversation_sla_summary", "sla_name": "VIP", "sla_status": "missed"},
        conversation_rating={"rating": 1, "created_at": 1790820000},
    )
    assert (record["sla"], record["sla_status"], record["rating"]) == ("VIP", "missed", 1)
    assert record["rating_requested_at"] == datetime(2026, 10, 1, 2, 0, tzinfo=UTC)


def test_people_and_teams(account: Account) -> None:
    """0 is nobody; a team has its name as long as the workspace knows it."""
    record = one(account, admin_assignee_id=0, team_assignee_id=0)
    assert [record[name] for name in ("admin_id", "team_id", "team")] == [None, None, None]
    record = one(account, admin_assignee_id=21, team_assignee_id=31)
    assert [record[name] for name in ("admin_id", "team_id", "team")] == ["21", "31", "Kỹ thuật"]
    record = one(account, team_assignee_id="32")
    assert [record[name] for name in ("team_id", "team")] == ["32", None]


def test_tags_and_company(account: Account) -> None:
    """Tags by their names; none is an empty list. The company by its name."""
    tags = {"type": "tag.list", "tags": [{"id": "1", "name": "gấp"}, {"id": "2", "name": "VIP"}]}
    record = one(account, tags=tags, company={"id": "c1", "name": "Trà Cỏ Bồng"})
    assert (record["tags"], record["company"], record["company_id"]) == (["gấp", "VIP"], "Trà Cỏ Bồng", "c1")
    assert one(account, tags={"type": "tag.list", "tags": []})["tags"] == []


def test_conversation_that_cannot_be_read(account: Account) -> None:
    """It is named with its field; the others of the page land."""
    account.searches = [found(conversation(8), conversation(9, created_at="yesterday"))]
    first, *_ = account.read()
    assert [record.fields["id"] for record in first.records] == ["8"]
    (bad,) = first.rejected
    assert bad.record == "conversation 9"
    assert bad.reason.startswith("created_at cannot be read as timestamp")


def test_link_leads_to_the_inbox(account: Account) -> None:
    """The workspace's own page of a conversation, in its region; not known offline."""
    with connector(account.server.url, TOKEN) as source:
        assert source.declared_streams()[0].link is None
        (stream,) = source.connect()
        assert stream.link == "https://app.eu.intercom.com/a/inbox/ab12/inbox/conversation/{id}"
        identity = source.identity()
    assert identity is not None
    assert identity.name == "bot@agency.example, workspace A"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"region": "us"}, "https://api.intercom.io"),
        ({"region": "eu"}, "https://api.eu.intercom.io"),
        ({"region": "au"}, "https://api.au.intercom.io"),
        ({"url": "https://proxy.example/"}, "https://proxy.example"),
    ],
)
def test_regions(given: dict[str, str], url: str) -> None:
    """Each region has its host."""
    settings = IntercomSettings.model_validate({"connector": "intercom", "token": TOKEN, **given})
    assert settings.checked_url("chat") == url
    assert TOKEN not in repr(settings)


@pytest.mark.parametrize("given", [{}, {"region": "eu", "url": "https://x.example"}, {"region": "asia"}])
def test_one_address(given: dict[str, str]) -> None:
    """Neither none nor two, nor an unknown region."""
    with pytest.raises(ValidationError, match="region"):
        IntercomSettings.model_validate({"connector": "intercom", "token": TOKEN, **given})
