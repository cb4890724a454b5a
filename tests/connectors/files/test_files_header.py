"""Columns' names into fields."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest

from connectors.files.header import identifier
from okr_sync.connector import DataError, Field, FieldType, SettingsError
from tests.connectors.files.conftest import Desk


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("number", "number"),
        ("Sys Updated At", "sys_updated_at"),
        ("Tên khách hàng", "ten_khach_hang"),
        (unicodedata.normalize("NFD", "Tên khách hàng"), "ten_khach_hang"),
        ("Đơn vị đo", "don_vi_do"),
        ("Amount (USD)", "amount_usd"),
        ("--x--", "x"),
        ("Größe", "gro_e"),
        ("2024", "column_2024"),
        ("", "column_3"),
        ("%", "column_3"),
        ("客户", "column_3"),
    ],
)
def test_column_becomes_an_identifier(column: str, name: str) -> None:
    """Lower case letters without marks, digits, `_` for the rest; a position where nothing is left."""
    assert identifier(column, 3) == name


def test_columns_without_declaration_are_kept(desk: Desk) -> None:
    """A column that `fields` does not name is a field of text; its own name is the description where it differs."""
    desk.write("a.csv", "id,Tên khách hàng\n1,Công ty A\n")
    stream = desk.connected()
    assert stream.fields == (
        Field("id", FieldType.TEXT),
        Field("ten_khach_hang", FieldType.TEXT, "Tên khách hàng"),
    )
    assert stream.field("ten_khach_hang") is not None
    assert desk.read() == [{"id": "1", "ten_khach_hang": "Công ty A"}]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_from_names_a_column(desk: Desk, form: Literal["NFC", "NFD"]) -> None:
    """`from` gives a column to a field, in whichever way the file spells its accents."""
    desk.write("a.csv", unicodedata.normalize(form, "id, Giá trị \n1,0\n"))
    fields = {"amount": {"type": "number", "from": "Giá trị"}}
    assert desk.read(fields=fields) == [{"id": "1", "amount": 0.0}]


def test_from_resolves_a_collision(desk: Desk) -> None:
    """Two columns that would become one field are an error until `from` names one of them."""
    desk.write("a.csv", "id,Client,client\n1,A,b\n")
    message = desk.refusal(SettingsError)
    assert message.startswith("desk.incidents: a.csv: columns 'Client' and 'client' would all be the field client;")
    fields = {"client_name": {"type": "text", "from": "Client"}}
    assert desk.read(fields=fields) == [{"id": "1", "client_name": "A", "client": "b"}]


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        ({"key": "nmber"}, "desk.incidents: a.csv: there is no column 'nmber'; did you mean 'number'?"),
        ({"key": ["number", "sit"]}, "there is no column 'sit'; did you mean 'site'?"),
        ({"fields": {"sites": "text"}}, "there is no column 'sites'; did you mean 'site'?"),
        ({"version_at": "at"}, "there is no column 'at'; known: number, site"),
        ({"created_at": "at"}, "there is no column 'at'; known: number, site"),
        (
            {"fields": {"place": {"type": "text", "from": "Stie"}}},
            "there is no column 'Stie' for field place; did you mean 'Site'?",
        ),
        (
            {"fields": {"a": {"type": "text", "from": "Site"}, "b": {"type": "text", "from": "Site"}}},
            "fields a and b are both from column 'Site'",
        ),
    ],
)
def test_column_that_is_not_there(desk: Desk, stream: dict[str, object], message: str) -> None:
    """A name in the settings that the file lacks is an error with the nearest name."""
    desk.write("a.csv", "number,Site\n1,Hanoi\n")
    assert message in desk.refusal(SettingsError, **{"key": "number", **stream})


def test_single_column_hints_at_the_delimiter(desk: Desk) -> None:
    """A file with another delimiter looks like one column, and the message says so."""
    desk.write("a.csv", "id;site\n1;Hanoi\n")
    assert "check `delimiter:`" in desk.refusal(SettingsError)
    assert desk.read(delimiter=";") == [{"id": "1", "site": "Hanoi"}]


def test_repeated_column_is_refused(desk: Desk) -> None:
    """Two columns with one name cannot be told apart."""
    desk.write("a.csv", "id,site,site\n1,a,b\n")
    message = desk.refusal(DataError)
    assert message == "desk.incidents: a.csv: 2 columns are named 'site'; give each column a name of its own"


def test_columns_without_a_name_are_kept(desk: Desk) -> None:
    """A column without a name, such as a data frame's index, is named by its position."""
    desk.write("a.csv", ",id,\n0,a,x\n")
    assert desk.read() == [{"column_1": "0", "id": "a", "column_3": "x"}]
