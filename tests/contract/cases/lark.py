"""Lark: the table of the NPS survey in a Base."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.lark import Lark
from okr_sync.sandbox import Agency
from okr_sync.sandbox.systems.lark import faults
from okr_sync.sandbox.systems.lark.tables import SURVEYS_TABLE, record_id
from okr_sync.sandbox.systems.lark.tenant import BASE, LarkOptions
from tests.contract.case import Case


def settings(variables: Mapping[str, str]) -> dict[str, Any]:
    return {
        "url": variables["LARK_URL"],
        "app_id": variables["LARK_APP_ID"],
        "app_secret": variables["LARK_APP_SECRET"],
        "streams": {"nps": {"app": BASE, "table": SURVEYS_TABLE, "fields": {"score": "fldAgency03"}}},
    }


def grow(now: datetime) -> Agency:
    return Agency.grow(5, now, issue_count=0, ticket_count=0, survey_count=60)


def keys(agency: Agency) -> set[str]:
    return {record_id(one.id) for one in agency.surveys.all}


def change(agency: Agency) -> str:
    one = agency.surveys.all[7]
    agency.surveys.edit(one.id, score=(one.score + 1) % 11)
    return record_id(one.id)


def delete(agency: Agency) -> str:
    one = agency.surveys.all[3]
    agency.surveys.delete(one.id)
    return record_id(one.id)


CASE = Case(
    connector=Lark,
    system="lark",
    settings=settings,
    stream="nps",
    grow=grow,
    keys=keys,
    change=change,
    delete=delete,
    pages=f"/open-apis/bitable/v1/apps/{BASE}/tables/{SURVEYS_TABLE}/records/search",
    bad_record=faults.spoiled("Điểm NPS", "nine"),
    options=LarkOptions(page_cap=20),
    repeated_token=faults.repeated_token(),
    empty_page=faults.empty_page(),
    cut_short=faults.fewer_records(),
    secrets=("LARK_APP_SECRET",),
    nightly_requests=5,  # a token, the fields, and three pages: a Base tells of no change
)
