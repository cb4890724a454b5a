"""Notion: the answers to a survey, by what changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.notion import Notion
from okr_sync.sandbox import Agency
from okr_sync.sandbox.faults import Call, rewritten
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.systems.notion import faults
from okr_sync.sandbox.systems.notion.entries import answer_id
from okr_sync.sandbox.systems.notion.schema import SURVEY_ID
from okr_sync.sandbox.systems.notion.workspace import NotionOptions
from tests.contract.case import Case


def settings(variables: Mapping[str, str]) -> dict[str, Any]:
    fields = {"score": "Điểm NPS", "client": "Khách hàng", "answered_at": "Ngày trả lời", "profile": "Hồ sơ khách"}
    nps = {"data_source": SURVEY_ID, "fields": fields, "only_fields": True, "read": "changes"}
    return {"url": variables["NOTION_URL"], "token": variables["NOTION_TOKEN"], "streams": {"nps": nps}}


def grow(now: datetime) -> Agency:
    return Agency.grow(5, now - timedelta(minutes=5), issue_count=0, ticket_count=0, survey_count=60)


def keys(agency: Agency) -> set[str]:
    return {answer_id(one) for one in agency.surveys.all}


def change(agency: Agency) -> str:
    one = agency.surveys.all[7]
    return answer_id(agency.surveys.edit(one.id, score=(one.score + 1) % 11))


def delete(agency: Agency) -> str:
    one = agency.surveys.all[3]
    agency.surveys.delete(one.id)
    return answer_id(one)


def spoil(_: Call, content: Json) -> Json:
    pages: Any = content["results"]
    if pages:
        pages[0]["properties"]["Điểm NPS"]["number"] = "nine"
    return content


CASE = Case(
    connector=Notion,
    system="notion",
    settings=settings,
    stream="nps",
    grow=grow,
    keys=keys,
    change=change,
    delete=delete,
    pages=f"/v1/data_sources/{SURVEY_ID}/query",
    bad_record=rewritten(spoil),
    options=NotionOptions(page_cap=20),
    repeated_token=faults.repeated_cursor(),
    empty_page=faults.empty_page(),
    cut_short=faults.cut_short(),
    secrets=("NOTION_TOKEN",),
    nightly_requests=3,
)
