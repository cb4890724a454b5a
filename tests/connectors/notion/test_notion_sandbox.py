"""The connector against the sandbox's Notion: everything is read, nothing is lost, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.notion import Notion
from connectors.notion.settings import NotionSettings
from okr_sync.connector import Checkpoint, Context, IncompleteError, Page, Record, SettingsError
from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.catalog import CLIENTS, MEMBERS, ZONE
from okr_sync.sandbox.faults import Fault
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.notion import faults
from okr_sync.sandbox.systems.notion.entries import answer_id, client_id, deal_id
from okr_sync.sandbox.systems.notion.schema import (
    CLIENTS_ID,
    DEAL_DATABASE,
    NEW_DEALS_ID,
    RENEWALS_ID,
    SURVEY_DATABASE,
    SURVEY_ID,
)
from okr_sync.sandbox.systems.notion.workspace import NotionOptions
from tests.connectors.notion.description import needs_specs, notion

NOW = datetime(2026, 11, 18, 3, 30, 20, tzinfo=UTC)
QUERIES = "/v1/data_sources/"
NPS = {
    "data_source": SURVEY_ID,
    "fields": {"score": "Điểm NPS", "client": "Khách hàng", "answered_at": "Ngày trả lời", "comment": "Nhận xét"},
    "only_fields": True,
}


@pytest.fixture
def agency() -> Agency:
    """320 answers, of which each client has about 32."""
    agency = Agency.grow(seed=7, now=NOW, issue_count=0, ticket_count=0, survey_count=320).grow_business(seed=7)
    agency.clock.advance(timedelta(minutes=5))
    return agency


def sandbox(agency: Agency, *disturbed: Fault, **options: Any) -> Sandbox:
    return Sandbox(agency, disturbed, Options(of_systems={"notion": NotionOptions(**options)}), systems=["notion"])


@contextmanager
def connected(place: Sandbox, **stream: Any) -> Iterator[tuple[Notion, Any]]:
    named = place.variables()
    written = {"connector": "notion", "url": named["NOTION_URL"], "token": named["NOTION_TOKEN"]}
    settings = NotionSettings.model_validate({**written, "streams": {"rows": {"read": "changes", **stream}}})
    clock = place.agency.clock.now
    with Notion(settings, Context("docs", Path(), ZoneInfo("Asia/Ho_Chi_Minh"), clock)) as connector:
        yield connector, connector.connect()[0]


def read(place: Sandbox, checkpoint: Checkpoint | None = None, **stream: Any) -> list[Page]:
    with connected(place, **(stream or NPS)) as (connector, described):
        return list(connector.read(described, checkpoint))


def landed(pages: Sequence[Page]) -> dict[str, Record]:
    """The last record of each row."""
    assert [one for page in pages for one in page.rejected] == []
    return {str(one.fields["id"]): one for page in pages for one in page.records}


def test_first_sync(agency: Agency) -> None:
    """Every answer is read as it was given; 320 of them cost 6 requests: the schema, four pages, and the trash."""
    with sandbox(agency) as place:
        present = landed(read(place))
    assert len(place.requests) == 6
    assert set(present) == {answer_id(one) for one in agency.surveys.all}
    for one in agency.surveys.all:
        record = present[answer_id(one)]
        assert not record.is_deleted
        assert (record.fields["score"], record.fields["client"]) == (one.score, one.client)
        assert (record.fields["answered_at"], record.fields["comment"]) == (one.answered_at, one.comment)
        assert record.fields["updated_at"] == one.updated_at.replace(second=0, microsecond=0)
        assert record.fields["title"] == f"{one.client} {one.answered_at.astimezone(ZONE):%d/%m}"


def test_night_with_nothing_new(agency: Agency) -> None:
    """A day later, with nothing changed, three requests find nothing."""
    with sandbox(agency) as place:
        checkpoint = read(place)[-1].checkpoint
        agency.clock.advance(timedelta(days=1))
        before = len(place.requests)
        assert landed(read(place, checkpoint)) == {}
    assert len(place.requests) - before == 3


def test_night_with_one_in_a_hundred_changed(agency: Agency) -> None:
    """Four changed answers come with the same three requests, and nothing else comes."""
    with sandbox(agency) as place:
        checkpoint = read(place)[-1].checkpoint
        agency.clock.advance(timedelta(days=1))
        changed = [agency.surveys.edit(one.id, score=10) for one in agency.surveys.all[::80]]
        agency.clock.advance(timedelta(minutes=5))
        before = len(place.requests)
        present = landed(read(place, checkpoint))
    assert len(place.requests) - before == 3
    assert {key: one.fields["score"] for key, one in present.items()} == {answer_id(one): 10 for one in changed}


def test_second_edit_within_a_minute(agency: Agency) -> None:
    """An edit in the very minute that was just read leaves the time as it was, and comes with the next sync."""
    one = agency.surveys.all[0]
    agency.surveys.edit(one.id, score=3)
    with sandbox(agency) as place:
        first = read(place)
        agency.surveys.edit(one.id, score=4)
        agency.clock.advance(timedelta(days=1))
        second = read(place, first[-1].checkpoint)
    times = [landed(pages)[answer_id(one)].fields["updated_at"] for pages in (first, second)]
    assert times[0] == times[1]
    assert landed(second)[answer_id(one)].fields["score"] == 4


def test_query_that_is_behind(agency: Agency) -> None:
    """What a query does not find for two minutes after an edit comes with the next sync."""
    with sandbox(agency, lag=timedelta(minutes=2)) as place:
        checkpoint = read(place)[-1].checkpoint
        agency.clock.advance(timedelta(hours=1))
        one = agency.surveys.edit(agency.surveys.all[0].id, score=1)
        agency.clock.advance(timedelta(seconds=30))
        unaware = read(place, checkpoint)
        agency.clock.advance(timedelta(days=1))
        aware = read(place, unaware[-1].checkpoint)
    assert landed(unaware) == {}
    assert landed(aware)[answer_id(one)].fields["score"] == 1


@pytest.mark.parametrize("is_stamped", [True, False])
def test_trash_and_back(agency: Agency, is_stamped: bool) -> None:
    """A row in the trash ends, whether or not its time tells of it; one that is taken out again lives."""
    one = agency.surveys.all[5]
    with sandbox(agency, is_trash_stamped=is_stamped) as place:
        checkpoint = read(place)[-1].checkpoint
        agency.clock.advance(timedelta(days=1))
        agency.surveys.delete(one.id)
        agency.clock.advance(timedelta(minutes=5))
        gone = read(place, checkpoint)
        agency.surveys.restore(one.id)
        agency.clock.advance(timedelta(minutes=5))
        back = read(place, gone[-1].checkpoint)
    assert {key: record.is_deleted for key, record in landed(gone).items()} == {answer_id(one): True}
    assert not landed(back)[answer_id(one)].is_deleted


def test_nobody_chose_a_client(agency: Agency) -> None:
    """An empty select, an empty number and an empty text are missing."""
    one = agency.surveys.edit(agency.surveys.all[0].id, client=None, score=None, comment=None)
    with sandbox(agency) as place:
        record = landed(read(place))[answer_id(one)]
    assert [record.fields[name] for name in ("client", "score", "comment")] == [None, None, None]
    assert record.fields["title"] == f"None {one.answered_at.astimezone(ZONE):%d/%m}"


def test_past_the_cap_of_a_query(agency: Agency) -> None:
    """With a cap of 90 rows, where 320 are, four queries reach every one; read by changes and read as a whole."""
    expected = {answer_id(one) for one in agency.surveys.all}
    with sandbox(agency, row_cap=90) as place:
        assert set(landed(read(place))) == expected
        with connected(place, **NPS, read="everything") as (connector, stream):
            assert set(landed(list(connector.read(stream, None)))) == expected
        agency.clock.advance(timedelta(days=1))
        for one in agency.surveys.all:  # all at once: no window over the time of change could be split
            agency.surveys.edit(one.id, score=5)
        agency.clock.advance(timedelta(minutes=5))
        checkpoint = {"since": "2026-11-18T03:40:00+00:00", "shape": read(place)[-1].checkpoint["shape"]}
        assert {one.fields["score"] for one in landed(read(place, checkpoint)).values()} == {5}


def test_a_minute_with_too_many_rows(agency: Agency) -> None:
    """More rows of one minute than a query gives cannot be reached, and are an error: never a smaller count."""
    moment = agency.surveys.all[0].answered_at
    for one in agency.surveys.all[:30]:
        agency.surveys.edit(one.id, answered_at=moment)
    with sandbox(agency, row_cap=20) as place, pytest.raises(IncompleteError, match="more of that minute than one"):
        read(place)


def test_cap_of_ten_thousand() -> None:
    """12,000 rows, at Notion's own cap of 10,000 a query, all come: 123 requests, the trash and the schema included."""
    agency = Agency.grow(seed=7, now=NOW, issue_count=0, ticket_count=0, survey_count=12_000)
    with sandbox(agency) as place:
        assert len(landed(read(place))) == 12_000
    assert len(place.requests) == 123


def test_relations_and_rollups_beyond_25(agency: Agency) -> None:
    """Each client's answers are listed, counted and averaged over all of them, and not over the first 25."""
    fields = {
        "answers": "Phản hồi",
        "count": "Số phản hồi",
        "average": "Điểm trung bình",
        "scores": {"property": "Các điểm", "type": "list"},
        "is_many": {"property": "Trên 30 phản hồi", "type": "boolean"},
    }
    of = {client.name: [one for one in agency.surveys.all if one.client == client.name] for client in CLIENTS}
    assert max(map(len, of.values())) > 30  # or nothing is tested
    for tells_more in (True, False):
        with sandbox(agency, item_cap=20, tells_more=tells_more) as place:
            present = landed(read(place, data_source=CLIENTS_ID, fields=fields))
        for client in CLIENTS:
            answers, record = of[client.name], present[client_id(client)].fields
            assert record["answers"] == [answer_id(one) for one in answers]
            assert (record["count"], record["is_many"]) == (len(answers), len(answers) > 30)
            assert record["average"] == pytest.approx(sum(one.score for one in answers) / len(answers))
            assert record["scores"] == [str(one.score) for one in answers]
            assert (record["ma"], record["title"]) == (client.tag, client.name)


def test_incomplete_rollups(agency: Agency) -> None:
    """Where a query leaves every rollup incomplete, each is asked for, and is what it was."""
    stream: dict[str, Any] = {**NPS, "fields": {"revenue": "Doanh thu khách"}}
    with sandbox(agency) as place:
        usual = landed(read(place, **stream))
    with sandbox(agency, Fault(faults.incomplete_rollups(), f"{QUERIES}{SURVEY_ID}/query")) as place:
        asked = landed(read(place, **stream))
    assert {one.fields["revenue"] for one in usual.values()} - {None, 0.0}
    assert {key: one.fields for key, one in asked.items()} == {key: one.fields for key, one in usual.items()}


def test_rollup_that_changes_by_itself(agency: Agency) -> None:
    """A deal that is won raises a client's revenue beside answers that nobody touched: the next read has it."""
    stream = {"data_source": SURVEY_ID, "fields": {"revenue": "Doanh thu khách"}}
    deal = next(one for one in agency.deals.all if one.stage == "proposal" and one.amount)
    client = next(one for one in CLIENTS if one.tag == deal.client)
    with sandbox(agency) as place, connected(place, **stream) as (connector, described):
        assert described.is_full_read
        before = landed(list(connector.read(described, None)))
        agency.clock.advance(timedelta(days=1))
        agency.move_deal(deal.id, "won")
        after = landed(list(connector.read(described, None)))
    for one in agency.surveys.all:
        risen = deal.amount if one.client == client.name else 0
        key = answer_id(one)
        assert after[key].fields["revenue"] == before[key].fields["revenue"] + risen  # type: ignore[operator]
        assert after[key].fields["updated_at"] == before[key].fields["updated_at"]


def test_two_data_sources_in_one_database(agency: Agency) -> None:
    """One of them must be chosen; the one chosen gives its own rows; of a day, both the day and its last moment."""
    with sandbox(agency) as place:
        with pytest.raises(SettingsError, match=rf"{NEW_DEALS_ID} \(Hợp đồng mới\) or {RENEWALS_ID} \(Gia hạn\)"):
            read(place, database=DEAL_DATABASE)
        fields = {"ends_on": {"property": "Hết hạn", "type": "date"}, "ends_at": {"property": "Hết hạn", "part": "end"}}
        present = landed(read(place, data_source=RENEWALS_ID, fields=fields))
        assert len(landed(read(place, database=SURVEY_DATABASE))) == 320
    renewals = [one for one in agency.deals.all if one.pipeline == "renewal"]
    assert set(present) == {deal_id(one) for one in renewals}
    for one in renewals:
        record = present[deal_id(one)].fields
        ends_on = one.contract_ends_on
        assert isinstance(ends_on, date)
        assert record["ends_at"] == datetime.combine(ends_on, time.max, tzinfo=ZONE)
        assert (record["ends_on"], record["giai_doan"]) == (ends_on, one.stage)
        assert (record["gia_tri"], record["mua_them"]) == (one.amount, one.is_upsell)
        assert record["phu_trach"] == [member.name for member in MEMBERS if member.handle == one.owner]
        assert record["khach_hang"] == [client_id(client) for client in CLIENTS if client.tag == one.client]


def test_renamed_property(agency: Agency) -> None:
    """Pinned by its id, a property is read under any name, and the checkpoint stays good."""
    pinned: dict[str, Any] = {**NPS, "fields": {"score": "%3AUPp"}}
    with sandbox(agency) as place:
        checkpoint = read(place, **pinned)[-1].checkpoint
    agency.clock.advance(timedelta(days=1))
    with sandbox(agency, names={":UPp": "NPS score"}) as place:
        assert landed(read(place, checkpoint, **pinned)) == {}
        with pytest.raises(SettingsError, match=r"no property 'Điểm NPS'; .*'NPS score' \(%3AUPp\)"):
            read(place)


def test_not_shared(agency: Agency) -> None:
    """A data source that is not shared is told so, and a rollup over it is left out instead of being nothing."""
    with sandbox(agency, unshared=frozenset({CLIENTS_ID})) as place:
        with pytest.raises(SettingsError, match="is not shared with the integration"):
            read(place, data_source=CLIENTS_ID)
        with connected(place, data_source=SURVEY_ID) as (_, stream):
            assert stream.field("doanh_thu_khach") is None
            assert "'Doanh thu khách', whose relation the integration does not see" in stream.description


def test_busy(agency: Agency) -> None:
    """429 that asks for two minutes, and 529, are waited for, and nothing is missing."""
    path = f"{QUERIES}{SURVEY_ID}/query"
    limited = Fault(faults.rate_limited(120), path, (2,))
    with sandbox(agency, limited, Fault(faults.service_overload(30), path, (4,))) as place:
        assert len(landed(read(place))) == 320
    assert [one.status for one in place.requests if one.path == path] == [200, 429, 200, 529, 200, 200, 200]


@needs_specs
def test_requests_are_as_described(agency: Agency) -> None:
    """Every request is one that Notion's own description of the API knows, to its parameters and their types."""
    with sandbox(agency, item_cap=20) as place:
        checkpoint = read(place)[-1].checkpoint
        read(place, checkpoint)
        read(place, database=SURVEY_DATABASE)
        read(place, data_source=CLIENTS_ID)
        with connected(place, **NPS) as (connector, _):
            identity = connector.identity()
            assert identity is not None
            assert identity.name == 'integration "OKR bot" of the workspace "Agency"'
    assert {one.path.split("/")[2] for one in place.requests} == {"data_sources", "databases", "pages", "users"}
    for one in place.requests:
        notion().check_request(one.method, one.path, one.query, one.body)
