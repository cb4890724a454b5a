"""A table's fields as a stream: their types, their names, and what a project may say of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.lark.names import field_name
from connectors.lark.settings import LarkSettings
from okr_sync.connector import AccessError, FieldType, SettingsError
from tests.connectors.lark.conftest import Tenant, base_field, connector_at
from tests.loopback import Answer

MULTIPLE, SINGLE = {"multiple": True}, {"multiple": False}


@pytest.mark.parametrize(
    ("kind", "properties", "expected"),
    [
        (1, None, FieldType.TEXT),
        (2, {"formatter": "0.00"}, FieldType.NUMBER),
        (2, {"currency_code": "VND"}, FieldType.NUMBER),
        (3, {"options": []}, FieldType.TEXT),
        (4, {"options": []}, FieldType.LIST),
        (5, {"date_formatter": "yyyy/MM/dd"}, FieldType.TIMESTAMP),
        (7, None, FieldType.BOOLEAN),
        (11, MULTIPLE, FieldType.LIST),
        (11, SINGLE, FieldType.TEXT),
        (13, None, FieldType.TEXT),
        (15, None, FieldType.TEXT),
        (17, None, FieldType.LIST),
        (18, MULTIPLE, FieldType.LIST),
        (18, SINGLE, FieldType.TEXT),
        (19, None, FieldType.LIST),
        (20, {"formatter": "0"}, FieldType.TEXT),
        (20, {"type": {"data_type": 2}}, FieldType.NUMBER),
        (20, {"type": {"data_type": 5}}, FieldType.TIMESTAMP),
        (21, MULTIPLE, FieldType.LIST),
        (22, None, FieldType.TEXT),
        (23, MULTIPLE, FieldType.LIST),
        (1001, None, FieldType.TIMESTAMP),
        (1002, None, FieldType.TIMESTAMP),
        (1003, None, FieldType.TEXT),
        (1004, None, FieldType.TEXT),
        (1005, None, FieldType.TEXT),
    ],
)
def test_types(tenant: Tenant, kind: int, properties: Any, expected: FieldType) -> None:
    """Every type of field that holds something has its type in a record."""
    tenant.fields = [base_field("fld1", "Cột", kind, properties)]
    stream = tenant.stream()
    assert [(one.name, one.type) for one in stream.fields[3:]] == [("cot", expected)]
    assert not stream.is_open


def test_fields_with_nothing_to_read(tenant: Tenant) -> None:
    """A button is left out, and to name it is an error."""
    tenant.fields = [base_field("fld1", "Tên", 1), base_field("fld2", "Gửi", 3001, ui_type="Button")]
    assert [one.name for one in tenant.stream().fields] == ["id", "created_at", "updated_at", "ten"]
    with pytest.raises(SettingsError, match=r"streams.rows.fields.sent: 'Gửi' is a Button that holds nothing to read"):
        tenant.stream(fields={"sent": "fld2"})


def test_currency_is_told(tenant: Tenant) -> None:
    """The description says what money is counted in, and which field it is."""
    tenant.fields = [base_field("fld1", "Giá trị", 2, {"currency_code": "VND"}, "Currency")]
    assert tenant.stream().fields[3].description == "Giá trị (fld1, in VND)"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Điểm NPS", "diem_nps"),
        ("Ngày trả lời (VN)", "ngay_tra_loi_vn"),
        ("ĐƯỜNG DẪN", "duong_dan"),
        ("Tie\u0302\u0301n đo\u0323\u0302", "tien_do"),
        ("% trễ", "tre"),
        ("30 ngày", "field_30_ngay"),
        ("日期", "fldabc"),
        ("🎯", "fldabc"),
    ],
)
def test_names(name: str, expected: str) -> None:
    """Vietnamese letters lose their marks, everything else is `_`; what has no Latin letter goes by its id."""
    assert field_name(name, "fldABC") == expected


def test_named_by_id_outlives_a_rename(tenant: Tenant) -> None:
    """A field that is pinned by its id is read under the same name after it was renamed."""
    for own_name in ("Điểm NPS", "Điểm giới thiệu"):
        tenant.fields = [base_field("fld1", own_name, 2)]
        tenant.holds({own_name: 9})
        assert tenant.pages(fields={"score": "fld1"})[0].records[0].fields["score"] == 9


def test_named_by_name(tenant: Tenant) -> None:
    """A name finds its field in whichever form its letters are spelled; after a rename the nearest names are told."""
    tenant.fields = [base_field("fld1", "Điểm NPS", 2), base_field("fld2", "Khách hàng", 3)]
    tenant.holds({"Điểm NPS": 9, "Khách hàng": "Trà Cỏ Bồng"})
    record = tenant.pages(fields={"score": "Đie\u0302\u0309m NPS"})[0].records[0]
    assert (record.fields["score"], record.fields["khach_hang"]) == (9, "Trà Cỏ Bồng")
    with pytest.raises(
        SettingsError, match=r"^source base: streams.rows.fields.score: .* 'Điểm NSP'; did you mean 'Điểm NPS'"
    ):
        tenant.stream(fields={"score": "Điểm NSP"})


def test_declared_type(tenant: Tenant) -> None:
    """A formula that does not tell its type is read as the one that the project wants."""
    tenant.fields = [base_field("fld1", "Điểm", 20, {"formatter": ""})]
    tenant.holds({"Điểm": {"type": 2, "value": [7.5]}})
    assert tenant.pages()[0].records[0].fields["diem"] == "7.5"
    assert tenant.pages(fields={"score": {"field": "fld1", "type": "number"}})[0].records[0].fields["score"] == 7.5


@pytest.mark.parametrize(
    ("fields", "wanted", "words"),
    [
        ([("fld1", "Điểm"), ("fld2", "Diem")], {}, r"'Điểm' \(fld1\) and 'Diem' \(fld2\) would both be diem; .*fld2"),
        ([("fld1", "ID")], {}, r"'ID' \(fld1\) would be id, which every record has already; .*own_id: fld1"),
        (
            [("fld1", "Điểm"), ("fld2", "Nhóm")],
            {"nhom": "fld1"},
            r"'Điểm' \(fld1\) and 'Nhóm' \(fld2\) would both be nhom",
        ),
        ([("fld1", "Điểm")], {"a": "fld1", "b": "Điểm"}, "a and b are both the field 'Điểm'"),
    ],
)
def test_clashes(tenant: Tenant, fields: list[tuple[str, str]], wanted: dict[str, str], words: str) -> None:
    """Two fields of one name are named both, with a way out."""
    tenant.fields = [base_field(field_id, name, 1) for field_id, name in fields]
    with pytest.raises(SettingsError, match=words):
        tenant.stream(fields=wanted)


def test_clash_is_resolved_by_a_name(tenant: Tenant) -> None:
    """The way out works."""
    tenant.fields = [base_field("fld1", "Điểm", 2), base_field("fld2", "Diem", 2)]
    assert [one.name for one in tenant.stream(fields={"other_diem": "fld2"}).fields[3:]] == ["diem", "other_diem"]


def test_no_field_at_all(tenant: Tenant) -> None:
    """Every table has a field; an app that sees none lacks a permission."""
    with pytest.raises(AccessError, match=r"streams\.rows: the app sees no field of table tbl1; .*Add document app"):
        tenant.stream()


def test_times_of_a_record(tenant: Tenant) -> None:
    """A record that nobody changed since it was made changed then; one without any time is rejected, not dated now."""
    tenant.fields = [base_field("fld1", "Tên", 1)]
    items = [
        {"record_id": "rec1", "fields": {}, "created_time": 1675526400000},
        {"record_id": "rec2", "fields": {}, "created_time": 1675526400000, "last_modified_time": 1675526460000},
        {"record_id": "rec3", "fields": {}},
    ]
    tenant.search = lambda _: Answer({"code": 0, "data": {"has_more": False, "items": items, "total": 3}})
    (page,) = tenant.pages()
    made_at = datetime(2023, 2, 4, 16, 0, tzinfo=UTC)
    assert [one.fields["updated_at"] for one in page.records] == [made_at, made_at + timedelta(minutes=1)]
    assert [(one.record, one.reason) for one in page.rejected] == [
        ("rows rec3", "updated_at cannot be read as timestamp: it is missing")
    ]


WRITTEN = {"connector": "lark", "domain": "lark", "app_id": "cli_1", "app_secret": "s3cret"}
TABLE = {"app": "bas1", "table": "tbl1"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "nothing to read"),
        ({"domain": None, "streams": {"a": TABLE}}, "exactly one of domain"),
        ({"url": "https://open.feishu.cn", "streams": {"a": TABLE}}, "exactly one of domain"),
        ({"domain": "larksuite", "streams": {"a": TABLE}}, "'lark' or 'feishu'"),
        ({"streams": {"a": {"table": "tbl1"}}}, "exactly one of app"),
        ({"streams": {"a": {**TABLE, "wiki": "wik1"}}}, "exactly one of app"),
        ({"streams": {"a": {**TABLE, "fields": {"updated_at": "fld1"}}}}, "updated_at: every record has a field"),
        ({"streams": {"a": {**TABLE, "table": "tbl1/../x"}}}, "should match pattern"),
        ({"streams": {"a": {**TABLE, "page_size": 501}}}, "less than or equal to 500"),
        ({"streams": {"okr_cycles": TABLE}}, "okr_cycles: a stream of the OKR module has this name"),
        ({"okr": {"users": []}}, "at least 1 item"),
    ],
)
def test_settings_that_make_no_sense(changes: dict[str, Any], words: str) -> None:
    """What cannot be meant is told before anybody is asked."""
    with pytest.raises(ValidationError, match=words):
        LarkSettings.model_validate({**WRITTEN, **changes})


@pytest.mark.parametrize(
    ("domain", "url"), [("lark", "https://open.larksuite.com"), ("feishu", "https://open.feishu.cn")]
)
def test_both_domains(domain: str, url: str) -> None:
    """Each side has its own address, and credentials go to no other."""
    settings = LarkSettings.model_validate({**WRITTEN, "domain": domain, "streams": {"a": TABLE}})
    assert settings.checked_url("base") == url
    assert "s3cret" not in repr(settings)


def test_links() -> None:
    """Where the project tells the site, a record leads to its own page, of a Base or of a wiki."""
    tables = {"a": TABLE, "b": {"wiki": "wik1", "table": "tbl2"}}
    with connector_at("https://x.example", streams=tables, site="https://agency.larksuite.com/") as connector:
        assert [one.link for one in connector.declared_streams()] == [
            "https://agency.larksuite.com/base/bas1?table=tbl1&record={id}",
            "https://agency.larksuite.com/wiki/wik1?table=tbl2&record={id}",
        ]
    with connector_at("https://x.example", streams=tables) as connector:
        assert [one.link for one in connector.declared_streams()] == [None, None]


def test_declared_offline() -> None:
    """Before anybody is asked, a table has what every record has and the names of the project, and may have more."""
    fields = {"score": "fld1", "group": {"field": "fld2", "type": "text"}}
    with connector_at("https://x.example", streams={"nps": {**TABLE, "fields": fields}}) as connector:
        (stream,) = connector.declared_streams()
    assert stream.is_open
    assert stream.is_full_read
    assert [(one.name, one.type) for one in stream.fields] == [
        ("id", FieldType.TEXT),
        ("created_at", FieldType.TIMESTAMP),
        ("updated_at", FieldType.TIMESTAMP),
        ("score", FieldType.UNKNOWN),
        ("group", FieldType.TEXT),
    ]
