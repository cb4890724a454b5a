"""What a project says, and what a data source has: places, names, types, and what is refused."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.notion.names import field_name
from connectors.notion.settings import NotionSettings
from connectors.notion.standard import NAMES
from okr_sync.connector import FieldType, SettingsError
from tests.connectors.notion.conftest import ID, SCORE, TITLE, Workspace, prop, rows, scored, value

PLAIN = ID.replace("-", "")


def settings(**stream: Any) -> NotionSettings:
    return NotionSettings.model_validate({"connector": "notion", "token": "t", "streams": {"nps": stream}})


@pytest.mark.parametrize(
    "written",
    [
        ID,
        PLAIN.upper(),
        f"https://www.notion.so/agency/{PLAIN}?v=00000000000040008000000000000bbb",
        f"https://www.notion.so/Khao-sat-2026-{PLAIN}",
    ],
)
def test_id_in_any_form(written: str) -> None:
    """An id is taken with or without dashes, and out of an address, whose view it is not mistaken for."""
    assert settings(data_source=written).streams["nps"].data_source == ID


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        ({}, "exactly one of data_source"),
        ({"data_source": ID, "database": ID}, "exactly one of data_source"),
        ({"data_source": "khảo sát"}, "'khảo sát' holds no id; write the 32"),
        ({"data_source": ID, "fields": {"title": "Tên"}}, "title: every row has a field of this name already"),
        ({"data_source": ID, "fields": {"Điểm": "Điểm"}}, "should match pattern"),
        ({"data_source": ID, "fields": {"score": {"property": "Điểm", "kind": "number"}}}, "Extra inputs"),
    ],
)
def test_refused_settings(stream: dict[str, Any], words: str) -> None:
    """A mistake in the project file is told without asking Notion."""
    with pytest.raises(ValidationError, match=words):
        settings(**stream)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Điểm NPS", "diem_nps"),
        ("Ngày trả lời", "ngay_tra_loi"),
        ("Đường dẫn (URL)", "duong_dan_url"),
        ("Nước ướt", "nuoc_uot"),
        ("2026 KPI", "property_2026_kpi"),
        ("日付", "property"),
        ("  a--b  ", "a_b"),
    ],
)
def test_names_of_fields(name: str, expected: str) -> None:
    """Vietnamese letters lose their marks, and everything else that is no letter or digit becomes one `_`."""
    assert field_name(name) == expected


ROLLUP = {"relation_property_id": "rel1", "rollup_property_id": "x"}
RELATION = prop("rel1", "Khách", "relation", data_source_id="d")
EVERY_TYPE = [
    TITLE,
    SCORE,
    RELATION,
    prop("a", "Text", "rich_text"),
    prop("b", "Select", "select"),
    prop("c", "Status", "status"),
    prop("d", "Tags", "multi_select"),
    prop("e", "Day", "date"),
    prop("f", "People", "people"),
    prop("g", "Files", "files"),
    prop("h", "Done", "checkbox"),
    prop("i", "Link", "url"),
    prop("j", "Mail", "email"),
    prop("k", "Phone", "phone_number"),
    prop("l", "Ticket", "unique_id"),
    prop("m", "Editor", "last_edited_by"),
    prop("n", "Checked", "verification"),
    prop("o", "Sum", "rollup", function="sum", **ROLLUP),
    prop("p", "Latest", "rollup", function="latest_date", **ROLLUP),
    prop("q", "Created time", "created_time"),
    prop("r", "Created by", "created_by"),
]
TEXTS = {"text", "select", "status", "link", "mail", "phone", "ticket", "editor", "checked"}
EXPECTED = {
    "diem_nps": FieldType.NUMBER,
    "day": FieldType.TIMESTAMP,
    "done": FieldType.BOOLEAN,
    "sum": FieldType.NUMBER,
    "latest": FieldType.TIMESTAMP,
    **dict.fromkeys(("khach", "tags", "people", "files"), FieldType.LIST),
    **dict.fromkeys(TEXTS, FieldType.TEXT),
}


def test_every_type(workspace: Workspace) -> None:
    """Each type of property has its type of field; what the standard fields hold does not come twice."""
    workspace.properties = EVERY_TYPE
    stream = workspace.stream()
    assert {one.name: one.type for one in stream.fields if one.name not in NAMES} == EXPECTED
    assert {one.name for one in stream.fields} >= NAMES
    assert all(one.description for one in stream.fields)
    assert not stream.is_open


def test_what_cannot_be_typed_is_left_out(workspace: Workspace) -> None:
    """A formula, a rollup of no certain type and a button are left out of all properties, and the stream says why."""
    workspace.properties = [
        *(TITLE, SCORE, RELATION),
        prop("f", "Nhóm", "formula", expression="x"),
        prop("s", "Các điểm", "rollup", function="show_original", **ROLLUP),
        prop("h", "Ẩn", "rollup", function="sum", relation_property_id="gone", rollup_property_id="x"),
        prop("b", "Bấm", "button"),
    ]
    stream = workspace.stream()
    assert {one.name for one in stream.fields} - NAMES == {"diem_nps", "khach"}
    for words in (
        "formula 'Nhóm', of whose result",
        "'Các điểm', of whose",
        "'Ẩn', whose relation",
        "'Bấm', which has",
    ):
        assert words in stream.description
    assert not stream.is_full_read


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [
        ({"property": "Nhóm", "type": "text"}, FieldType.TEXT),
        ({"property": "Các điểm", "type": "list"}, FieldType.LIST),
        ({"property": "Điểm NPS", "type": "integer"}, FieldType.INTEGER),
        ({"property": "Khách", "type": "text"}, FieldType.TEXT),
        ({"property": "Phản hồi", "type": "text"}, FieldType.TEXT),
    ],
)
def test_type_that_the_project_tells(workspace: Workspace, wanted: dict[str, Any], kind: FieldType) -> None:
    """Where Notion tells no type, or the project wants another one that fits, the project's word counts."""
    workspace.properties = [
        *(TITLE, SCORE, RELATION),
        prop("f", "Nhóm", "formula", expression="x"),
        prop("s", "Các điểm", "rollup", function="show_original", **ROLLUP),
    ]
    found = workspace.stream(fields={"mine": wanted}).field("mine")
    assert found is not None
    assert found.type is kind


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("Điểm NSP", r"has no property 'Điểm NSP'; did you mean 'Điểm NPS' \(%3AUPp\)\? An id goes on to work"),
        ("Doanh số", r"no property 'Doanh số'; it has .*'Phản hồi' \(title\)"),
        ("Nhóm", "formula 'Nhóm' cannot be read, of whose result Notion does not tell the type: write it"),
        ({"property": "Ẩn", "type": "number"}, "rollup 'Ẩn' cannot be read, whose relation .* does not see: share"),
        ({"property": "Bấm", "type": "text"}, "button 'Bấm' cannot be read, which has no value"),
        ({"property": "Điểm NPS", "type": "date"}, "number 'Điểm NPS' is not a date; type may be number or integer"),
    ],
)
def test_fields_that_cannot_be(workspace: Workspace, wanted: Any, words: str) -> None:
    """An unknown property, or a type that does not fit, is told with what there is."""
    workspace.properties = [
        *(TITLE, SCORE),
        prop("f", "Nhóm", "formula", expression="x"),
        prop("h", "Ẩn", "rollup", function="sum", relation_property_id="gone", rollup_property_id="x"),
        prop("b", "Bấm", "button"),
    ]
    with pytest.raises(SettingsError, match=f"^source docs: streams.nps.fields.mine: .*{words}"):
        workspace.stream(fields={"mine": wanted})


def test_names_that_clash(workspace: Workspace) -> None:
    """Two properties of one name, or one named like a standard field, are an error that names both and the way out."""
    workspace.properties = [TITLE, prop("a", "Điểm", "number"), prop("b", "diem", "number")]
    with pytest.raises(SettingsError, match=r"number 'diem' would be the field diem, which number 'Điểm' has already"):
        workspace.stream()
    assert workspace.stream(fields={"other_diem": "b"}).field("diem") is not None
    workspace.properties = [TITLE, prop("u", "URL", "url")]
    with pytest.raises(SettingsError, match=r"url 'URL' would be the field url, which every row has .*other_url: 'u'"):
        workspace.stream()
    assert workspace.stream(only_fields=True).field("url") is not None


def test_renamed_property(workspace: Workspace) -> None:
    """By its id, encoded or not, a property is found under any name; by its old name it is not, and that is told."""
    workspace.properties = [TITLE, prop(":UPp", "Score", "number")]
    for written in ("%3AUPp", ":UPp"):
        assert workspace.only(scored(1, 7), fields={"score": written}).fields["score"] == 7
    with pytest.raises(SettingsError, match=r"has no property 'Điểm NPS'; it has .*'Score' \(%3AUPp\)"):
        workspace.stream(fields={"score": "Điểm NPS"})


def test_name_that_is_spelled_otherwise(workspace: Workspace) -> None:
    """A name typed with letters and marks apart is the same name."""
    assert workspace.stream(fields={"score": unicodedata.normalize("NFD", "Điểm NPS")}).field("score")


def test_declared_offline(workspace: Workspace) -> None:
    """Before anybody is asked, named fields are known, of the type that the project tells; others may come."""
    named = {"score": "Điểm NPS", "group": {"property": "Nhóm", "type": "text"}}
    with workspace.connector(fields=named) as connector:
        (stream,) = connector.declared_streams()
        types = {one.name: one.type for one in stream.fields if one.name not in NAMES}
    assert types == {"score": FieldType.UNKNOWN, "group": FieldType.TEXT}
    assert stream.is_open
    assert workspace.server.asked == []


def test_database_with_one_data_source(workspace: Workspace) -> None:
    """The only data source of a database is taken."""
    workspace.databases[ID] = [{"id": ID, "name": "Khảo sát"}]
    assert workspace.stream(database=ID).field("diem_nps") is not None


OTHER = "1f2e0000-0000-4000-8000-00000000000b"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            [{"id": ID, "name": "Khảo sát"}, {"id": OTHER, "name": "Nháp"}],
            rf"has 2 data sources; write one of them as data_source: {ID} \(Khảo sát\) or {OTHER} \(Nháp\)",
        ),
        ([], "has 0 data sources; either there is none"),
    ],
)
def test_database_without_one_data_source(workspace: Workspace, found: list[dict[str, str]], words: str) -> None:
    """Of two data sources neither is guessed: both are named with their ids."""
    workspace.databases[ID] = found
    with pytest.raises(SettingsError, match=f"^source docs: streams.nps: the database {ID} {words}"):
        workspace.stream(database=ID)


def test_not_shared(workspace: Workspace) -> None:
    """Notion's 404 for what is not shared says how to share it, or to write the id of a database as such."""
    with pytest.raises(
        SettingsError, match=f"no data source {OTHER}: either .* Connections; if it is the id of a data"
    ):
        workspace.stream(data_source=OTHER)
    with pytest.raises(SettingsError, match=f"no database {OTHER}: either .* not shared with the integration"):
        workspace.stream(database=OTHER)
    workspace.source = {"in_trash": True}
    with pytest.raises(SettingsError, match="is in Notion's trash; restore it"):
        workspace.stream()


def test_missing_in_a_row(workspace: Workspace) -> None:
    """A value that does not come is no empty value: its row is rejected, as is one that may not be read."""
    with workspace.connector() as connector:
        stream = connector.connect()[0]
        bare = {"object": "page", "id": "row-2"}
        workspace.pages = [rows(scored(1), {**scored(3), "properties": {"t": value("title", "title", [])}}, bare)]
        first = next(connector.read(stream, None))
    assert [one.fields["id"] for one in first.records] == ["row-1"]
    assert [(one.record, one.reason.split(":")[0]) for one in first.rejected] == [
        ("row https://www.notion.so/row-3", "diem_nps cannot be read as number"),
        ("row row-2", "title cannot be read as text"),
    ]
