"""The tables of the agency's Base: their fields, and their records in the shapes of `records/search`.

What is empty is left out of a record's fields, or is a link to nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Protocol

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import CLIENT_OF, CLIENTS, MEMBERS, ZONE
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.records import Deal, SurveyAnswer

SURVEYS_TABLE = "tblNPSagency00001"
LEADS_TABLE = "tblLeads00agency2"
_STAGES = ("lead", "qualified", "proposal", "contract", "won", "lost")
_NAMES = {member.handle: member.name for member in MEMBERS}


class Row(Protocol):
    @property
    def id(self) -> Any: ...

    @property
    def updated_at(self) -> datetime: ...


@dataclass(frozen=True)
class Table:
    name: str
    fields: Sequence[Json]
    rows: Callable[[Agency], Sequence[Any]]
    """What the agency has, in the order of creation."""
    cells: Callable[[Any, int], Mapping[str, object]]
    """The cells of a row by the names of their fields, with the row's number; empty ones are `None`."""
    created_at: Callable[[Any], datetime]

    def record(self, row: Row, number: int, *, is_automatic: bool, names: Sequence[str] | None) -> Json:
        cells = {name: cell for name, cell in self.cells(row, number).items() if cell is not None}
        wanted = cells if names is None else {name: cells[name] for name in names if name in cells}
        record: Json = {"fields": wanted, "record_id": record_id(row.id)}
        if is_automatic:
            record |= {
                "created_by": person("ops"),
                "created_time": milliseconds(self.created_at(row)),
                "last_modified_by": person("ops"),
                "last_modified_time": milliseconds(row.updated_at),
            }
        return record

    @property
    def field_names(self) -> set[object]:
        return {one["field_name"] for one in self.fields}


def record_id(row_id: object) -> str:
    return f"rec{row_id}"


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def person(handle: str) -> Json:
    return {
        "avatar_url": "",
        "email": f"{handle}@agency.example",
        "en_name": handle,
        "id": f"ou_{handle.replace('-', '')}",
        "name": _NAMES[handle],
    }


def _text(text: str | None) -> list[Json] | None:
    return None if text is None else [{"text": text, "type": "text"}]


def _midnight(day: date | None) -> int | None:
    return None if day is None else milliseconds(datetime.combine(day, time.min, ZONE))


def _field(number: int, name: str, kind: int, ui_type: str, properties: Json | None = None) -> Json:
    return {
        "field_id": f"fldAgency{number:02}",
        "field_name": name,
        "is_primary": number % 50 == 1,
        "property": properties,
        "type": kind,
        "ui_type": ui_type,
    }


def _options(names: Sequence[str]) -> Json:
    return {"options": [{"color": n, "id": f"opt{n:07}", "name": name} for n, name in enumerate(names)]}


def _group(score: int) -> str:
    return "Promoter" if score >= 9 else "Detractor" if score <= 6 else "Passive"


def _survey_cells(one: SurveyAnswer, number: int) -> dict[str, object]:
    return {
        "Phản hồi": _text(one.id),
        "Khách hàng": one.client,
        "Điểm NPS": one.score,
        "Ngày trả lời": milliseconds(one.answered_at),
        "Nhận xét": _text(one.comment),
        "Nhóm": {"type": 1, "value": _text(_group(one.score))},
        "Số thứ tự": str(number),
        "Sửa lần cuối": milliseconds(one.updated_at),
    }


def _lead_cells(deal: Deal, number: int) -> dict[str, object]:
    client = CLIENT_OF[deal.client].name
    step = _STAGES.index(deal.stage)
    return {
        "Cơ hội": _text(deal.name),
        "Khách hàng": client,
        "Giai đoạn": deal.stage,
        "Dịch vụ": [deal.service],
        "Giá trị": deal.amount,
        "Giá trị có VAT": {"type": 2, "value": [] if deal.amount is None else [deal.amount * 1.1]},
        "Phụ trách": [person(deal.owner)],
        "Hết hạn": _midnight(deal.contract_ends_on),
        "Bán thêm": deal.is_upsell or None,
        "Tiến độ": min(step, 4) / 4,
        "Ưu tiên": 5 if deal.pipeline == "renewal" else 3,
        "Trang": {"link": f"https://crm.agency.example/{deal.id}", "text": deal.name},
        "Hợp đồng liên quan": {"link_record_ids": None},
        "Mã": f"KH-{number:05}",
        "Người tạo": [person("ops")],
    }


SURVEYS = Table(
    "Khảo sát NPS",
    (
        _field(1, "Phản hồi", 1, "Text"),
        _field(2, "Khách hàng", 3, "SingleSelect", _options([one.name for one in CLIENTS])),
        _field(3, "Điểm NPS", 2, "Number", {"formatter": "0"}),
        _field(4, "Ngày trả lời", 5, "DateTime", {"auto_fill": False, "date_formatter": "yyyy/MM/dd HH:mm"}),
        _field(5, "Nhận xét", 1, "Text"),
        _field(6, "Nhóm", 20, "Formula", {"formatter": "", "formula_expression": "IF(...)"}),
        _field(7, "Số thứ tự", 1005, "AutoNumber", {"auto_serial": {"type": "auto_increment_number"}}),
        _field(8, "Sửa lần cuối", 1002, "ModifiedTime", {"date_formatter": "yyyy/MM/dd HH:mm"}),
    ),
    lambda agency: agency.surveys.all,
    _survey_cells,
    lambda one: one.answered_at,
)
LEADS = Table(
    "Cơ hội bán hàng",
    (
        _field(51, "Cơ hội", 1, "Text"),
        _field(52, "Khách hàng", 3, "SingleSelect", _options([one.name for one in CLIENTS])),
        _field(53, "Giai đoạn", 3, "SingleSelect", _options(_STAGES)),
        _field(54, "Dịch vụ", 4, "MultiSelect", _options(("seo", "web", "content"))),
        _field(55, "Giá trị", 2, "Currency", {"currency_code": "VND", "formatter": "0"}),
        _field(56, "Giá trị có VAT", 20, "Formula", {"formatter": "0", "type": {"data_type": 2, "ui_type": "Number"}}),
        _field(57, "Phụ trách", 11, "User", {"multiple": False}),
        _field(58, "Hết hạn", 5, "DateTime", {"auto_fill": False, "date_formatter": "yyyy/MM/dd"}),
        _field(59, "Bán thêm", 7, "Checkbox"),
        _field(60, "Tiến độ", 2, "Progress", {"formatter": "0%", "max": 1, "min": 0, "range_customize": False}),
        _field(61, "Ưu tiên", 2, "Rating", {"formatter": "0", "max": 5, "min": 1, "rating": {"symbol": "star"}}),
        _field(62, "Trang", 15, "Url"),
        _field(63, "Hợp đồng liên quan", 18, "SingleLink", {"multiple": True, "table_id": LEADS_TABLE}),
        _field(64, "Mã", 1005, "AutoNumber", {"auto_serial": {"type": "custom"}}),
        _field(65, "Người tạo", 1003, "CreatedUser"),
        _field(66, "Gửi", 3001, "Button"),
    ),
    lambda agency: agency.deals.all,
    _lead_cells,
    lambda one: one.created_at,
)
TABLES: Mapping[str, Table] = {SURVEYS_TABLE: SURVEYS, LEADS_TABLE: LEADS}
