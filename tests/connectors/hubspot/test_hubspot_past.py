"""What records were before: rebuilt from the histories of their properties, by hand-made ones and by the sandbox's."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from okr_sync.connector import IncompleteError, Page, Value
from okr_sync.sandbox import Agency
from tests.connectors.hubspot.conftest import Portal, account, deal, found, read
from tests.loopback import Answer

BATCH = "/crm/v3/objects/deals/batch/read"
PIPELINES = [
    {
        "id": "default",
        "label": "Bán mới",
        "stages": [
            {"id": "1", "label": "Mở", "metadata": {"isClosed": "false"}},
            {"id": "2", "label": "Đã ký", "metadata": {"isClosed": "true"}},
        ],
    }
]
PROPERTIES = [{"name": "hs_v2_date_entered_2", "label": "Date entered", "type": "datetime"}]


def value(text: str, timestamp: str) -> dict[str, Any]:
    return {"value": text, "timestamp": timestamp, "sourceType": "CRM_UI"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00Z").astimezone(UTC)


def past(portal: Portal, histories: dict[str, Any], **properties: Any) -> list[dict[str, Value]]:
    """The versions before the present one of a deal that was last changed on 2 October, 02:00:00.500."""
    portal.pipelines, portal.properties = PIPELINES, PROPERTIES
    portal.searches = [found(deal(7, **properties))]
    told = {"id": "7", "properties": {}, "propertiesWithHistory": histories}
    portal.other[BATCH] = Answer({"status": "COMPLETE", "results": [told]})
    pages = portal.read()
    assert [page.rejected for page in pages if page.rejected] == []
    *before, present = [dict(one.fields) for one in pages[0].records]
    assert present["updated_at"] == datetime(2026, 10, 2, 2, 0, 0, 500_000, UTC)
    return before


def test_every_change_is_a_version(portal: Portal) -> None:
    """Each value holds until the next one of its property; stages are shown by name; emptiness is missing, zero is
    not; what comes after the record's own time of change is left to the search.
    """
    histories = {
        "dealstage": [value("2", "2026-10-01T05:00:00Z"), value("1", "2026-09-01T02:00:00Z")],
        "amount": [
            value("0", "2026-10-02T03:00:00Z"),
            value("", "2026-10-01T06:00:00Z"),
            value("0", "2026-10-01T05:00:00Z"),
        ],
    }
    versions = past(portal, histories, dealstage="2", amount="0")
    assert [(one["updated_at"], one["stage"], one["amount"]) for one in versions] == [
        (at("2026-09-01T02:00"), "Mở", None),
        (at("2026-10-01T05:00"), "Đã ký", 0.0),
        (at("2026-10-01T06:00"), "Đã ký", None),
    ]


def test_what_is_not_remembered_is_missing(portal: Portal) -> None:
    """Before the oldest value that is told, and where none is told at all, although there is one now."""
    histories = {
        "dealname": [value("Mới", "2026-09-01T02:00:00Z")],
        "amount": [value("5", "2026-10-01T05:00:00Z")],
        "closedate": [],
    }
    versions = past(portal, histories, dealname="Mới", amount="5", closedate="2026-12-01T00:00:00Z", pipeline="default")
    known = [(one["name"], one["amount"], one["closes_at"], one["pipeline"]) for one in versions]
    assert known == [("Mới", None, None, None), ("Mới", 5.0, None, None)]


def test_what_cannot_be_read_is_missing(portal: Portal) -> None:
    """A property that held words before it became a number."""
    histories = {"amount": [value("5", "2026-10-01T05:00:00Z"), value("nhiều", "2026-09-01T02:00:00Z")]}
    assert [one["amount"] for one in past(portal, histories, amount="5")] == [None, 5.0]


def test_a_record_does_not_come_in_one_instant(portal: Portal) -> None:
    """What HubSpot works out within a second of the first value belongs to the first version; what comes later is one
    of its own.
    """
    histories = {
        "dealstage": [value("1", "2026-09-01T02:00:00.000Z")],
        "hs_is_closed": [value("false", "2026-09-01T02:00:00.700Z")],
        "amount": [value("5", "2026-09-01T02:00:01.700Z")],
    }
    versions = past(portal, histories, dealstage="1")
    assert [(one["stage"], one["is_closed"], one["amount"]) for one in versions] == [
        ("Mở", False, None),
        ("Mở", False, 5.0),
    ]


def test_the_last_of_an_instant_holds(portal: Portal) -> None:
    """HubSpot tells the last value first, also of two in the same millisecond."""
    histories = {
        "dealname": [value("A", "2026-09-01T02:00:00Z")],
        "amount": [value("2", "2026-10-01T05:00:00Z"), value("1", "2026-10-01T05:00:00Z")],
    }
    assert [one["amount"] for one in past(portal, histories)] == [None, 2.0]


def test_times_of_stages_tell_of_themselves(portal: Portal) -> None:
    """When a stage was entered is known since then, also where the history of that time is not told."""
    histories = {"dealname": [value("A", "2026-09-01T02:00:00Z")]}
    versions = past(portal, histories, hs_v2_date_entered_2="2026-10-01T05:00:00Z")
    assert [one["entered_da_ky_at"] for one in versions] == [None, at("2026-10-01T05:00")]


def test_a_time_that_is_none(portal: Portal) -> None:
    """The past cannot be rebuilt then, and nothing is landed of what would look whole; the message says what to do."""
    with pytest.raises(IncompleteError, match=r"history of record 7 .*history: false under streams\.deals"):
        past(portal, {"amount": [value("5", "yesterday")]})


def test_a_record_that_is_gone_by_then(portal: Portal) -> None:
    """It is left out of the answer with the histories: it comes without its past, and with its end from the archive."""
    portal.searches = [found(deal(7, amount="5"))]
    failed = {"category": "OBJECT_NOT_FOUND", "message": "gone", "context": {"ids": ["7"]}}
    portal.other[BATCH] = Answer({"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [failed]}, 207)
    assert [dict(one.fields)["amount"] for one in portal.read()[0].records] == [5.0]


def test_histories_that_are_not_whole(portal: Portal) -> None:
    """A part that failed for another reason is no smaller past but a failure."""
    portal.searches = [found(deal(7, amount="5"))]
    failed = {"category": "INTERNAL_ERROR", "message": "try later"}
    portal.other[BATCH] = Answer({"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [failed]}, 207)
    with pytest.raises(IncompleteError, match="try later"):
        portal.read()


def test_without_history(agency: Agency) -> None:
    """`history: false` asks for no histories, and gives each record as it is."""
    with account(agency) as sandbox:
        pages = read(sandbox, "deals", streams={"deals": {"history": False}})
        assert [one for one in sandbox.requests if one.path == BATCH] == []
    assert sum(len(page.records) for page in pages) == 300


def test_fifty_a_request(agency: Agency) -> None:
    """HubSpot gives the histories of fifty records at once, of the properties that are read."""
    with account(agency) as sandbox:
        read(sandbox, "deals")
        bodies = [json.loads(one.body) for one in sandbox.requests if one.path == BATCH]
    assert [len(body["inputs"]) for body in bodies] == [50] * 6
    assert {"dealstage", "amount", "closedate", "hubspot_owner_id"} <= set(bodies[0]["propertiesWithHistory"])


def stages_of(pages: list[Page], key: str) -> list[tuple[Value, Value]]:
    records = [one.fields for page in pages for one in page.records if one.fields["id"] == key]
    return [(one["stage"], one["updated_at"]) for one in records]


def test_short_histories(agency: Agency) -> None:
    """Of a deal that went through more stages than are told, those before are missing and the others are right."""
    deal = agency.deals.all[0]
    moments = []
    for stage in ("qualified", "proposal", "lost", "qualified"):
        agency.clock.advance(timedelta(hours=1))
        moments.append(agency.move_deal(deal.id, stage).updated_at)
    agency.clock.advance(timedelta(hours=1))
    with account(agency, values_kept=2) as sandbox:
        known = [(stage, at) for stage, at in stages_of(read(sandbox, "deals"), str(deal.id)) if at in moments]
    assert known == [(None, moments[0]), (None, moments[1]), ("lost", moments[2]), ("qualified", moments[3])]


def test_only_what_is_new(agency: Agency) -> None:
    """A later read gives the versions since the last one, not those that have landed; new names do not change that."""
    deal = agency.deals.all[0]
    with account(agency) as sandbox:
        checkpoint = read(sandbox, "deals")[-1].checkpoint
    agency.clock.advance(timedelta(hours=3))
    moved = [agency.move_deal(deal.id, "lost").updated_at]
    agency.clock.advance(timedelta(hours=1))
    moved.append(agency.move_deal(deal.id, "won").updated_at)
    agency.clock.advance(timedelta(hours=1))
    with account(agency) as sandbox:
        again = stages_of(read(sandbox, "deals", checkpoint), str(deal.id))
    assert again == [("lost", moved[0]), ("won", moved[1])]
    won = "closedwon" if deal.pipeline == "new" else "990001005"
    with account(agency, labels={won: "Đã ký"}) as sandbox:
        pages = read(sandbox, "deals", checkpoint)
    assert stages_of(pages, str(deal.id)) == [("lost", moved[0]), ("Đã ký", moved[1])]
    assert len(pages[0].records) == 201  # a page of 200 with the one version before
