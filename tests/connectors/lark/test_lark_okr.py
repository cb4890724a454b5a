"""The OKR module by both versions of its API. Expected values are the plain facts of the sandbox's `okrs`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from okr_sync.connector import AccessError, IncompleteError, Page, Record
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.faults import Call, Deed, Fault, rewritten
from okr_sync.sandbox.server import Sandbox
from okr_sync.sandbox.systems.lark import faults
from tests.connectors.lark.conftest import NOW, NPS, connected, connector_at, landed, read, sandbox_of
from tests.loopback import Answer, Asked, loopback

BOTH = {"users": ["ou_ops", "ou_seo"]}
V2 = {**BOTH, "api": "v2"}
USER_OKRS = "/open-apis/okr/v1/users"
FIRST = 7071200999834255001


def long_id(number: int) -> str:
    """Past 2^53, where a floating-point number would end in other digits."""
    return str(FIRST + number)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with sandbox_of(Agency.grow(7, NOW, issue_count=0, ticket_count=0, survey_count=0)) as sandbox:
        yield sandbox


def in_okr_list(**changes: Any) -> Deed:
    """Every OKR of the answer is changed."""

    def change(_: Call, content: Any) -> Any:
        data = content["data"]
        return content | {"data": data | {"okr_list": [one | changes for one in data["okr_list"]]}}

    return rewritten(change)


def records(pages: list[Page]) -> list[Record]:
    assert [page.rejected for page in pages if page.rejected] == []
    return [one for page in pages for one in page.records]


def test_cycles(sandbox: Sandbox) -> None:
    """Version 1 has the company's cycles, by name; times are those of Ho Chi Minh City's midnight."""
    first, second = records(read(sandbox, "okr_cycles", okr=BOTH))
    assert dict(first.fields) == {
        "id": long_id(1),
        "name": "Jul - Sep 2026",
        "starts_at": datetime(2026, 6, 30, 17, tzinfo=UTC),
        "ends_at": datetime(2026, 9, 29, 17, tzinfo=UTC),
        "status": "normal",
    }
    assert second.fields["name"] == "Oct - Dec 2026"


def test_objectives(sandbox: Sandbox) -> None:
    """Each user's objectives, of every cycle; a score that nobody gave is none, not 0."""
    found = landed(read(sandbox, "okr_objectives", okr=BOTH))
    assert set(found) == {long_id(11), long_id(12), long_id(13)}
    assert dict(found[long_id(12)].fields) == {
        "id": long_id(12),
        "cycle_id": long_id(2),
        "owner_id": "ou_ops",
        "content": "Khách hàng hài lòng và gia hạn nhiều hơn",
        "progress_percent": 20,  # 40 and 0, in equal parts
        "status": "normal",
        "score": None,
        "weight": 1,
        "deadline_at": datetime(2026, 12, 30, 17, tzinfo=UTC),
        "progress_updated_at": datetime(2026, 10, 2, 2, 30, tzinfo=UTC),
    }


def test_key_results(sandbox: Sandbox) -> None:
    """Progress 0 is progress, a status nobody set is none; score and weight count to 1."""
    found = landed(read(sandbox, "okr_key_results", okr=BOTH))
    names = ("objective_id", "progress_percent", "status", "score", "weight", "progress_updated_at")
    changed_at = datetime(2026, 10, 2, 2, 30, tzinfo=UTC)
    assert {key: tuple(one.fields[name] for name in names) for key, one in found.items()} == {
        long_id(101): (long_id(11), 80, "normal", 0.8, 1, changed_at),
        long_id(102): (long_id(12), 40, "normal", None, 0.5, changed_at),
        long_id(103): (long_id(12), 0, None, None, 0.5, None),
        long_id(104): (long_id(13), 25, "at risk", None, 1, changed_at),
    }


def test_both_streams_of_one_answer(sandbox: Sandbox) -> None:
    """Objectives and key results cost one request a user together, and a token."""
    with connected(sandbox, okr=BOTH) as (connector, streams):
        for name in ("okr_objectives", "okr_key_results"):
            list(connector.read(streams[name], None))
        assert connector.request_count == len(sandbox.requests) == 3


def test_start(sandbox: Sandbox) -> None:
    """Cycles that ended before the day are left out with all that is in them; one that ends on it is not."""
    for start, cycles, objectives in (("2026-10-01", 1, 2), ("2026-09-30", 2, 3)):
        for api in ("v1", "v2"):
            okr = {**BOTH, "api": api, "start": start}
            assert len({one.fields["starts_at"] for one in records(read(sandbox, "okr_cycles", okr=okr))}) == cycles
            assert len(records(read(sandbox, "okr_objectives", okr=okr))) == objectives


def test_version_2(sandbox: Sandbox) -> None:
    """Version 2 has values with their unit, text from rich text, and a time of change that is the later of two."""
    found = landed(read(sandbox, "okr_key_results", okr=V2))
    assert dict(found[long_id(104)].fields) == {
        "id": long_id(104),
        "objective_id": long_id(13),
        "content": "Ký 12 hợp đồng",
        "weight": 1,
        "deadline_at": None,
        "owner_id": "ou_seo",
        "score": None,
        "created_at": datetime(2026, 9, 28, 2, 0, tzinfo=UTC),
        "updated_at": datetime(2026, 10, 2, 2, 30, tzinfo=UTC),
        "start_value": 0,
        "current_value": 3,
        "target_value": 12,
        "unit": "hđ",
        "status": "at risk",
    }
    assert {key: (one.fields["unit"], one.fields["score"]) for key, one in found.items()} == {
        long_id(101): ("%", 0.8),
        long_id(102): (None, None),
        long_id(103): ("%", None),
        long_id(104): ("hđ", None),
    }


def test_version_2_tree(sandbox: Sandbox) -> None:
    """Cycles are each user's own, with the company's beside; objectives and key results lead up to them."""
    cycles = landed(read(sandbox, "okr_cycles", okr=V2))
    objectives = landed(read(sandbox, "okr_objectives", okr=V2))
    key_results = landed(read(sandbox, "okr_key_results", okr=V2))
    assert (len(cycles), len(objectives), len(key_results)) == (4, 3, 4)
    assert {one.fields["tenant_cycle_id"] for one in cycles.values()} == {long_id(1), long_id(2)}
    assert {one.fields["cycle_id"] for one in objectives.values()} <= set(cycles)
    assert {one.fields["objective_id"] for one in key_results.values()} == set(objectives)


def test_long_list_of_okrs() -> None:
    """OKRs come ten at a time by their position until all are there: 25 of them take three requests."""
    okrs = [{"id": str(n), "period_id": "1", "permission": 1, "objective_list": [{"id": f"o{n}"}]} for n in range(25)]

    def respond(asked: Asked) -> Answer:
        if "tenant_access_token" in asked.path:
            return Answer({"code": 0, "tenant_access_token": "t-1"})
        offset = int(asked.one("offset") or 0)
        assert asked.one("limit") == "10"
        return Answer({"code": 0, "data": {"okr_list": okrs[offset : offset + 10], "total": 25}})

    with loopback() as server:
        server.respond = respond
        with connector_at(server.url, okr={"users": ["ou_1"]}) as connector:
            streams = {one.name: one for one in connector.connect()}
            found = landed(list(connector.read(streams["okr_objectives"], None)))
    assert set(found) == {f"o{n}" for n in range(25)}
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("path", "deed", "kind", "words"),
    [
        (USER_OKRS, in_okr_list(permission=0), AccessError, "the OKR .* of ou_ops may not be seen; .*data range"),
        (
            USER_OKRS,
            in_okr_list(objective_list=[{"id": "9", "permission": 0}]),
            AccessError,
            "the objective 9 of ou_ops may not be seen",
        ),
        (USER_OKRS, faults.failing(1001002, "no permission", 400), AccessError, "1001002: no permission"),
        (
            USER_OKRS,
            rewritten(lambda _, content: content | {"data": {"okr_list": None, "total": 0}}),
            AccessError,
            "none of the 2 users",
        ),
        (
            USER_OKRS,
            rewritten(lambda _, content: content | {"data": {"okr_list": [], "total": 3}}),
            IncompleteError,
            "0 came of 3",
        ),
        (
            USER_OKRS,
            rewritten(lambda _, content: {"code": 0, "msg": "success"}),
            IncompleteError,
            "an answer without data",
        ),
    ],
)
def test_what_may_not_be_seen(sandbox: Sandbox, path: str, deed: Deed, kind: type[Exception], words: str) -> None:
    """An OKR that is hidden, or nothing at all, is a missing permission; it never counts as fewer objectives."""
    with sandbox_of(sandbox.agency, Fault(deed, path)) as disturbed, pytest.raises(kind, match=words):
        read(disturbed, "okr_objectives", okr=BOTH)


def test_table_is_read_where_okr_is_refused() -> None:
    """A tenant without the paid module refuses its streams alone: the tables beside them are read."""
    agency = Agency.grow(7, NOW, issue_count=0, ticket_count=0, survey_count=5)
    fault = Fault(faults.failing(1001002, "no permission", 400), "/open-apis/okr")
    with sandbox_of(agency, fault) as sandbox, connected(sandbox, streams=NPS, okr=BOTH) as (connector, streams):
        with pytest.raises(AccessError):
            list(connector.read(streams["okr_cycles"], None))
        assert len(landed(list(connector.read(streams["nps"], None)))) == 5


def test_bad_value_is_rejected() -> None:
    """A key result that cannot be read is named, and its neighbours are read."""
    agency = Agency.grow(7, NOW, issue_count=0, ticket_count=0, survey_count=0)
    spoil = in_okr_list(objective_list=[{"id": "9", "kr_list": [{"id": "1", "deadline": "soon"}, {"id": "2"}]}])
    with sandbox_of(agency, Fault(spoil, f"{USER_OKRS}/ou_seo")) as sandbox:
        (page,) = read(sandbox, "okr_key_results", okr={"users": ["ou_seo"]})
    assert [one.fields["id"] for one in page.records] == ["2"]
    (rejected,) = page.rejected
    assert rejected.record == "key result 1"
    assert rejected.reason.startswith("deadline_at cannot be read as timestamp")
