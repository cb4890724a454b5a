"""The ready-made declarations, each against an answer as its vendor describes it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.http.ready import READY, ready_made
from okr_sync.connector import IncompleteError
from tests.connectors.http.conftest import DATE, Api
from tests.loopback import Answer, Asked

BEARER = {"bearer": "t0p-secret"}


@pytest.mark.parametrize("name", READY)
def test_every_declaration_is_whole(name: str) -> None:
    """Each loads, says what it needs and what to do about refused credentials, and describes every field."""
    ready = ready_made(name)
    assert ready.needs
    assert ready.remedy
    for stream in ready.streams.values():
        stream.refuse_gaps(name)
        assert stream.description
        assert all(one.description for one in stream.typed_fields.values())


def test_stripe_counts_money_in_its_own_unit(api: Api) -> None:
    """An amount of 1250 is 12.50 in USD and 1,250 in VND, which has no smaller unit (docs.stripe.com/currencies)."""

    def respond(asked: Asked) -> Answer:
        second = asked.one("starting_after")
        charge: dict[str, Any] = {
            "id": "ch_2" if second else "ch_1",
            "amount": 1250,
            "amount_refunded": 0,
            "paid": True,
        }
        charge |= {"currency": "vnd" if second else "usd", "created": 1790917200, "refunded": False}
        return Answer({"object": "list", "data": [charge], "has_more": not second})

    api.server.respond = respond
    found = api.records(use="stripe", auth=BEARER, name="charges")
    assert [(one.fields["amount"], one.fields["currency"]) for one in found] == [(12.5, "usd"), (1250.0, "vnd")]
    assert found[0].fields["created_at"] == datetime(2026, 10, 2, 5, 0, tzinfo=UTC)
    assert [one.one("starting_after") for one in api.server.asked if one.one("limit") == "100"] == [None, "ch_1"]
    assert all(one.headers["stripe-version"] for one in api.server.asked)


def posthog(**answer: Any) -> Answer:
    rows = [["2026-11-17", 120, 40], ["2026-11-18", 0, 0]]
    return Answer({"results": rows, "columns": ["day", "views", "visitors"], **answer})


def test_posthog_rows(api: Api) -> None:
    """Rows are lists of values under the names of the columns; a day without views has 0 of them."""
    api.server.respond = lambda _: posthog(hasMore=False)
    given: dict[str, Any] = {"use": "posthog", "auth": BEARER, "values": {"host": "h", "project_id": "7"}}
    found = api.records(**given, name="daily_visitors")
    assert dict(found[1].fields) == {"day": date(2026, 11, 18), "views": 0, "visitors": 0}
    assert (api.server.asked[0].method, api.server.asked[0].path) == ("POST", "/query/")


def test_posthog_with_more_rows(api: Api) -> None:
    """A query that was cut at its limit is no result, however many rows came."""
    api.server.respond = lambda _: posthog(hasMore=True)
    with pytest.raises(IncompleteError, match="hasMore says so"):
        api.records(use="posthog", auth=BEARER, values={"host": "h", "project_id": "7"}, name="daily_visitors")


def report(rows: list[list[str]], **more: Any) -> Answer:
    written = [{"dimensionValues": [{"value": a}, {"value": b}], "metricValues": [{"value": c}, {"value": d}]}
               for a, b, c, d in rows]  # fmt: skip
    return Answer(
        {"rows": written, "rowCount": len(rows), "metadata": {"timeZone": "Asia/Ho_Chi_Minh"}, **more}, headers=DATE
    )


GA4: dict[str, Any] = {"use": "ga4", "auth": BEARER, "values": {"property_id": "9"}, "name": "daily_sessions"}


def test_ga4_report(api: Api) -> None:
    """Numbers come as texts and days without dashes. A report is read whole: sessions that count for another channel
    later leave no row behind, which a read of the last days alone would keep, and count twice.
    """
    api.server.respond = lambda _: report([["20261117", "Organic Search", "12", "0.5"]])
    (page,) = api.pages(None, **GA4)
    assert [dict(one.fields) for one in page.records] == [
        {"day": date(2026, 11, 17), "channel": "Organic Search", "sessions": 12, "key_events": 0.5}
    ]
    with api.connector(None, **{name: one for name, one in GA4.items() if name != "name"}) as connector:
        assert connector.declared_streams()[0].is_full_read
    assert json.loads(api.server.asked[0].body)["dateRanges"] == [{"startDate": "2020-01-01", "endDate": "today"}]
    assert api.server.asked[0].path == "/properties/9:runReport"


@pytest.mark.parametrize(
    "more",
    [{"metadata": {"dataLossFromOtherRow": True}}, {"metadata": {"samplingMetadatas": [{"samplesReadCount": "1"}]}},
     {"rowCount": 2}],
)  # fmt: skip
def test_ga4_report_that_is_not_the_whole(api: Api, more: dict[str, Any]) -> None:
    """Rows lumped together as (other), samples, and fewer rows than counted are failures."""
    answers = [report([["20261117", "Direct", "12", "0"]], **more), report([], **more)]
    api.server.respond = lambda _: answers.pop(0)
    with pytest.raises(IncompleteError):
        api.records(**GA4)


def test_ga4_report_without_rows(api: Api) -> None:
    """A property without sessions leaves rows and their count out: an empty read, and no error."""
    api.server.respond = lambda _: Answer(
        {"metadata": {"timeZone": "Asia/Ho_Chi_Minh"}, "kind": "analyticsData#runReport"}
    )
    assert api.records(**GA4) == []


def test_statuspage_pages(api: Api) -> None:
    """Pages by number; an incident that goes on has no end."""

    def respond(asked: Asked) -> Answer:
        if asked.one("page") == "2":
            return Answer([])
        return Answer([{"id": "i1", "name": "Chậm", "status": "investigating", "impact": "minor",
                        "created_at": "2026-11-18T09:00:00.000+07:00", "resolved_at": None,
                        "updated_at": "2026-11-18T09:00:00.000+07:00"}])  # fmt: skip

    api.server.respond = respond
    auth = {"headers": {"Authorization": "OAuth t0p-secret"}}
    (record,) = api.records(use="statuspage", auth=auth, values={"page_id": "p1"}, name="incidents")
    assert record.fields["created_at"] == datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
    assert record.fields["resolved_at"] is None


def test_project_changes_a_ready_made_stream(api: Api) -> None:
    """Parameters and fields are added to those of the declaration; what else is set takes its place."""
    api.server.respond = lambda _: Answer({"data": [], "pagination": {"next": None}})
    changed = {"params": {"from": "2026-10-01"}, "fields": {"team": {"type": "text", "at": "attributes.team_name"}}}
    with api.connector(None, use="betterstack", auth=BEARER, streams={"incidents": changed}) as connector:
        streams = {one.name: one for one in connector.connect()}
        list(connector.read(streams["incidents"], None))
    assert [one.name for one in streams["incidents"].fields][-2:] == ["resolved_at", "team"]
    last = api.server.asked[-1]
    assert (last.path, last.one("from"), last.one("per_page")) == ("/incidents", "2026-10-01", "50")
