"""The databases of the workspace, their data sources, and the properties of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from okr_sync.sandbox.catalog import CLIENTS, DEAL_STAGES

_COLOR = "default"


def notion_id(name: str) -> str:
    """The id of something, always the same for the same name."""
    return str(uuid5(NAMESPACE_URL, f"notion/{name}"))


@dataclass(frozen=True, slots=True)
class Property:
    """One property; `config` is what the schema says beside its type."""

    id: str
    """As it is; answers encode it for addresses."""
    name: str
    kind: str
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def encoded_id(self) -> str:
        return quote(self.id, safe="")


@dataclass(frozen=True, slots=True)
class DataSource:
    id: str
    name: str
    database_id: str
    properties: tuple[Property, ...]

    def find(self, property_id: str) -> Property | None:
        return next((one for one in self.properties if one.id == property_id), None)


def _choices(*names: str) -> dict[str, Any]:
    return {"options": [option(name) for name in names]}


def option(name: str) -> dict[str, Any]:
    return {"id": notion_id(f"option {name}"), "name": name, "color": _COLOR}


def _relation(to: str, database: str) -> dict[str, Any]:
    return {"data_source_id": to, "database_id": database, "type": "single_property", "single_property": {}}


def _rollup(relation: str, relation_name: str, target: str, function: str) -> dict[str, Any]:
    return {
        "relation_property_id": quote(relation, safe=""),
        "relation_property_name": relation_name,
        "rollup_property_id": quote(target, safe=""),
        "rollup_property_name": target,
        "function": function,
    }


SURVEY_DATABASE, CLIENT_DATABASE, DEAL_DATABASE = map(notion_id, ("survey db", "client db", "deal db"))
SURVEY_ID, CLIENTS_ID, NEW_DEALS_ID, RENEWALS_ID = map(notion_id, ("survey", "clients", "new deals", "renewals"))

SCORE, CLIENT_LINK, ANSWERS = ":UPp", "k<Lr", "a@nS"
SURVEY = DataSource(
    SURVEY_ID,
    "Khảo sát NPS",
    SURVEY_DATABASE,
    (
        Property("title", "Phản hồi", "title"),
        Property(SCORE, "Điểm NPS", "number", {"format": "number"}),
        Property("c{}t", "Khách hàng", "select", _choices(*(one.name for one in CLIENTS))),
        Property("d%8t", "Ngày trả lời", "date"),
        Property("nX~q", "Nhận xét", "rich_text"),
        Property(CLIENT_LINK, "Hồ sơ khách", "relation", _relation(CLIENTS_ID, CLIENT_DATABASE)),
        Property("rv=1", "Doanh thu khách", "rollup", _rollup(CLIENT_LINK, "Hồ sơ khách", "rvNu", "sum")),
        Property("gRp?", "Nhóm", "formula", {"expression": "ifs(score >= 9, ...)"}),
    ),
)
CLIENT_SOURCE = DataSource(
    CLIENTS_ID,
    "Hồ sơ khách hàng",
    CLIENT_DATABASE,
    (
        Property("title", "Tên", "title"),
        Property("tAg0", "Mã", "rich_text"),
        Property("rvNu", "Doanh thu", "number", {"format": "number"}),
        Property(ANSWERS, "Phản hồi", "relation", _relation(SURVEY_ID, SURVEY_DATABASE)),
        Property("nAns", "Số phản hồi", "rollup", _rollup(ANSWERS, "Phản hồi", "title", "count")),
        Property("aVg;", "Điểm trung bình", "rollup", _rollup(ANSWERS, "Phản hồi", SCORE, "average")),
        Property("aLl;", "Các điểm", "rollup", _rollup(ANSWERS, "Phản hồi", SCORE, "show_original")),
        Property("m30+", "Trên 30 phản hồi", "formula", {"expression": "length(answers) > 30"}),
    ),
)
_OF_DEALS = (
    Property("title", "Tên", "title"),
    Property("sT:g", "Giai đoạn", "status", _choices(*DEAL_STAGES) | {"groups": []}),
    Property("aMt|", "Giá trị", "number", {"format": "number_with_commas"}),
    Property("eNd#", "Hết hạn", "date"),
    Property("oWn^", "Phụ trách", "people"),
    Property("uPs&", "Mua thêm", "checkbox"),
    Property(CLIENT_LINK, "Khách hàng", "relation", _relation(CLIENTS_ID, CLIENT_DATABASE)),
)
NEW_DEALS = DataSource(NEW_DEALS_ID, "Hợp đồng mới", DEAL_DATABASE, _OF_DEALS)
RENEWALS = DataSource(RENEWALS_ID, "Gia hạn", DEAL_DATABASE, _OF_DEALS)

SOURCES = {one.id: one for one in (SURVEY, CLIENT_SOURCE, NEW_DEALS, RENEWALS)}
DATABASES = {SURVEY_DATABASE: "Khảo sát NPS", CLIENT_DATABASE: "Hồ sơ khách hàng", DEAL_DATABASE: "Hợp đồng"}
