"""What a project may say of a source of files."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import ValidationError

from connectors.files.settings import FilesSettings
from okr_sync.connector import FieldType


def source(**stream: Any) -> dict[str, Any]:
    return {"connector": "files", "streams": {"incidents": {"path": "a.csv", "key": "id", **stream}}}


FULL = source(
    path=["data/*.csv", "https://example.org/export.csv"],
    key=["id", "site"],
    version_at="changed_at",
    created_at="opened_on",
    missing=["?", ""],
    fields={
        "made_sla": "boolean",
        "changed_at": {"type": "datetime", "format": "%d-%m-%Y %H:%M"},
        "opened_on": "date",
        "client": {"type": "text", "from": "Tên khách hàng"},
    },
    format="csv",
    delimiter=";",
    encoding="windows-1258",
    sheet="Q4",
    timezone="Asia/Ho_Chi_Minh",
    decimal=",",
    thousands=".",
    date_format="%d/%m/%Y",
)
SHEET = "https://docs.google.com/spreadsheets/d/1AbC/edit"


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("text", FieldType.TEXT),
        ("str", FieldType.TEXT),
        ("String", FieldType.TEXT),
        ("int", FieldType.INTEGER),
        ("float", FieldType.NUMBER),
        ("decimal", FieldType.NUMBER),
        ("bool", FieldType.BOOLEAN),
        ("datetime", FieldType.TIMESTAMP),
        ("date", FieldType.DATE),
        ("list", FieldType.LIST),
    ],
)
def test_type_has_synonyms(written: str, kind: FieldType) -> None:
    """A type may be written in the words of other tools, short or long."""
    for field in (written, {"type": written}):
        settings = FilesSettings.model_validate(source(fields={"x": field}))
        assert settings.streams["incidents"].fields["x"].type is kind


def test_one_or_many() -> None:
    """A single path, key or mark stands for a list of one; an empty cell is missing unless settings say otherwise."""
    stream = FilesSettings.model_validate(source(missing="?")).streams["incidents"]
    assert (stream.path, stream.key, stream.missing) == (("a.csv",), ("id",), ("?",))
    assert FilesSettings.model_validate(source()).streams["incidents"].missing == ("",)


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        ({"fields": {"x": "integr"}}, "'integr' is not a type; did you mean 'integer'?; types are text, integer,"),
        ({"fields": {"x": "unknown"}}, "'unknown' is not a type"),
        ({"fields": {"x": 5}}, "valid dictionary"),
        ({"fields": {"Số": "text"}}, "should match pattern"),
        ({"fields": {"x": {"type": "date", "format": "%d-%m"}}}, "'%d-%m' does not hold day, month and year"),
        ({"fields": {"x": {"type": "date", "format": "%Q"}}}, "'%Q' is not a format: 'Q' is a bad directive"),
        ({"fields": {"x": {"type": "date", "format": "%d %d %m %Y"}}}, "is not a format: redefinition of group name"),
        ({"fields": {"x": {"type": "date", "format": 5}}}, "valid string"),
        ({"fields": {"x": {"type": "text", "format": "%d-%m-%Y"}}}, "format goes with type timestamp or date, not"),
        ({"fields": {"at": "text"}, "version_at": "at"}, "version_at names at, a text; it must be a timestamp or a"),
        ({"fields": {"at": "number"}, "created_at": "at"}, "created_at names at, a number"),
        ({"key": []}, "at least 1 item"),
        ({"key": "Số"}, "should match pattern"),
        ({"path": []}, "at least 1 item"),
        ({"path": ""}, "at least 1 character"),
        ({"path": "https://"}, "'https://' is not an address"),
        ({"format": "xml"}, "'csv', 'tsv', 'jsonl', 'parquet' or 'excel'"),
        ({"delimiter": "||"}, "at most 1 character"),
        ({"encoding": "utf-9"}, "'utf-9' is not an encoding; write one such as utf-8"),
        ({"encoding": "rot13"}, "'rot13' is not an encoding"),
        ({"timezone": "Hanoi"}, "'Hanoi' is not a time zone"),
        ({"decimal": ";"}, "'.' or ','"),
        ({"thousands": "."}, "thousands goes with decimal; write both"),
        ({"decimal": ".", "thousands": "."}, "decimal and thousands are both '.'"),
        ({"date_format": "%d/%m"}, "'%d/%m' does not hold day, month and year"),
        ({"fields": {"x": {"type": "text", "unit": "₫"}}}, "unit goes with type number or integer, not with text"),
        ({"fields": {"x": {"type": "number", "unit": "%"}}}, "should match pattern"),
        ({"path": "https://docs.google.com/spreadsheets/u/0/"}, "is not the address of a sheet; open the sheet in a"),
        ({"path": f"{SHEET}#gid=Q4"}, "gid 'Q4' in"),
        ({"path": SHEET, "sheet": "Q4"}, "the address of a Google Sheet tells which sheet, and 'Q4' cannot"),
        ({"path": SHEET, "format": "excel"}, "a Google Sheet is read as CSV; leave out format and delimiter"),
        ({"path": "s3://"}, "'s3://' is not an address of files; write one such as s3://bucket/folder/*.parquet"),
        ({"path": "zip://a.csv::s3://bucket/a.zip"}, "is not an address of files"),
        ({"missing": [None]}, "valid string"),
        ({"mising": "?"}, "Extra inputs are not permitted"),
    ],
)
def test_bad_setting_is_refused(stream: dict[str, Any], message: str) -> None:
    """A setting that cannot be meant is an error that shows the value and what is allowed."""
    with pytest.raises(ValidationError) as caught:
        FilesSettings.model_validate(source(**stream))
    assert message in str(caught.value)


def test_sheet_alone_is_an_address() -> None:
    """`sheet` without `path` is where the stream is; a stream without both is nowhere."""
    stream = FilesSettings.model_validate(SHEET_ALONE).streams["a"]
    assert (stream.path, stream.sheet) == ((SHEET,), None)
    with pytest.raises(ValidationError, match="path\n  Field required"):
        FilesSettings.model_validate(NOWHERE)
    assert not Draft202012Validator(FilesSettings.model_json_schema()).is_valid(NOWHERE)


def test_source_has_a_stream() -> None:
    """A source without streams would sync nothing."""
    with pytest.raises(ValidationError):
        FilesSettings.model_validate({"connector": "files", "streams": {}})


def test_address_is_not_shown() -> None:
    """An address may hold a token, so printing settings does not print it."""
    settings = FilesSettings.model_validate(source(path="https://example.org/export.csv?token=secret"))
    assert "secret" not in repr(settings)


def storage(*paths: str, **options: Any) -> dict[str, Any]:
    return {**source(path=list(paths)), "storage": options}


def test_texts_for_a_storage_are_secrets() -> None:
    """No text that a driver is told is shown; whether it is a key or a region, only the driver knows."""
    settings = FilesSettings.model_validate(
        storage(
            "s3://b/a.csv", key="AKIA", secret="hush", anon=False, client_kwargs={"region_name": "eu", "verify": True}
        )
    )
    assert not {"AKIA", "hush", "eu"} & set(repr(settings).split("'"))
    assert settings.storage["anon"] is False


def test_options_are_for_one_storage() -> None:
    """The credentials of one storage never go to another."""
    FilesSettings.model_validate(storage("s3://b/a.csv", "gs://b/b.csv", "c.csv"))
    with pytest.raises(ValidationError, match="the paths are in gs and s3"):
        FilesSettings.model_validate(storage("s3://b/a.csv", "gs://b/b.csv", key="x"))


NOWHERE = {"connector": "files", "streams": {"a": {"key": "id"}}}
SHEET_ALONE = {"connector": "files", "streams": {"a": {"sheet": SHEET, "key": "id"}}}


@pytest.mark.parametrize(
    "settings",
    [
        FULL,
        source(),
        source(fields={"x": {"type": "list"}, "y": {"type": "number", "unit": "₫"}}),
        storage("s3://b/*.csv", key="x", anon=True, config_kwargs={"s3": {"addressing_style": "path"}}),
        SHEET_ALONE,
    ],
)
def test_schema_describes_what_may_be_written(settings: dict[str, Any]) -> None:
    """What the models accept, the JSON Schema for editors accepts too, in short and long form."""
    FilesSettings.model_validate(settings)
    Draft202012Validator(FilesSettings.model_json_schema()).validate(settings)
