"""Cells of every type. The shapes are those of the vendor's page "Base record data structure"."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.lark.cells import read_cell
from okr_sync.connector import FieldType, Value

TEXT, NUMBER, BOOLEAN = FieldType.TEXT, FieldType.NUMBER, FieldType.BOOLEAN
INTEGER, TIMESTAMP, LIST = FieldType.INTEGER, FieldType.TIMESTAMP, FieldType.LIST
PERSON = {"id": "ou_8240099442cf5da4", "name": "Nhóm SEO", "en_name": "SEO", "email": "seo@agency.example"}
FEBRUARY = datetime(2023, 2, 4, 16, 0, tzinfo=UTC)  # 1,675,526,400 seconds after 1970


@pytest.mark.parametrize(
    ("kind", "field_type", "raw", "expected"),
    [
        # text, e-mail, bar code
        (1, TEXT, [{"text": "Máy in ", "type": "text"}, {"text": "hỏng", "type": "text"}], "Máy in hỏng"),
        (1, TEXT, [{"text": "@Lan", "type": "mention", "token": "ou_1"}], "@Lan"),
        (1, TEXT, {"link": "mailto:a@agency.example", "text": "a@agency.example", "type": "url"}, "a@agency.example"),
        (1, TEXT, "plain", "plain"),
        # number, progress, currency, rating
        (2, NUMBER, 0.5, 0.5),
        (2, NUMBER, 0, 0),
        (2, NUMBER, -3, -3),
        (2, NUMBER, "12.5", 12.5),
        (2, INTEGER, 5, 5),
        (3, TEXT, "Đang làm", "Đang làm"),
        (4, LIST, ["seo", "web"], ["seo", "web"]),
        # date, created time, last modified time
        (5, TIMESTAMP, 1675526400000, FEBRUARY),
        (1001, TIMESTAMP, 1675526400000, FEBRUARY),
        (1002, TIMESTAMP, 1675526400000, FEBRUARY),
        (5, TIMESTAMP, -86400000, datetime(1969, 12, 31, tzinfo=UTC)),
        (5, TIMESTAMP, 0, datetime(1970, 1, 1, tzinfo=UTC)),
        (5, TEXT, 1675526400000, "2023-02-04T16:00:00+00:00"),
        (7, BOOLEAN, True, True),
        (7, BOOLEAN, False, False),
        # person, group, creator
        (11, LIST, [PERSON, {"id": "ou_2", "en_name": "Ops"}], ["Nhóm SEO", "Ops"]),
        (11, TEXT, [PERSON], "Nhóm SEO"),
        (23, LIST, [{"id": "oc_1", "name": "Dự án web"}], ["Dự án web"]),
        (1003, TEXT, [PERSON], "Nhóm SEO"),
        (1004, TEXT, PERSON, "Nhóm SEO"),
        (13, TEXT, "+84901234567", "+84901234567"),
        (15, TEXT, {"link": "https://agency.example/1", "text": "Trang"}, "https://agency.example/1"),
        (17, LIST, [{"file_token": "J7G", "name": "hop-dong.pdf", "size": 9, "url": "https://x"}], ["hop-dong.pdf"]),
        # links
        (18, LIST, {"link_record_ids": ["reclzUoBLn", "rec7bYQoX1"]}, ["reclzUoBLn", "rec7bYQoX1"]),
        (21, TEXT, {"link_record_ids": ["reclzUoBLn"]}, "reclzUoBLn"),
        (22, TEXT, {"location": "105.8,21.0", "name": "Hồ Gươm", "full_address": "Hồ Gươm, Hà Nội"}, "Hồ Gươm, Hà Nội"),
        (1005, TEXT, "KH-00012", "KH-00012"),
        # formula
        (20, TEXT, {"type": 1, "value": [{"text": "✅ ", "type": "text"}, {"text": "ổn", "type": "text"}]}, "✅ ổn"),
        (20, NUMBER, {"type": 2, "value": [0.25]}, 0.25),
        (20, NUMBER, {"type": 1, "value": [{"text": "12.5", "type": "text"}]}, 12.5),
        (20, TIMESTAMP, {"type": 5, "value": [1675526400000]}, FEBRUARY),
        (20, BOOLEAN, {"type": 7, "value": [False]}, False),
        (20, TEXT, {"type": 7, "value": [True]}, "true"),
        # lookup
        (19, LIST, {"type": 1, "value": [{"text": "a", "type": "text"}, {"text": "b", "type": "text"}]}, ["a", "b"]),
        (19, LIST, {"type": 3, "value": ["won", "lost"]}, ["won", "lost"]),
        (19, NUMBER, {"type": 2, "value": [7]}, 7),
        (19, LIST, {"type": 11, "value": [PERSON]}, ["Nhóm SEO"]),
        (19, LIST, {"type": 5, "value": [1675526400000]}, ["2023-02-04T16:00:00+00:00"]),
    ],
)
def test_shapes(kind: int, field_type: FieldType, raw: Any, expected: Value) -> None:
    """Every shape becomes the value that a person sees in the cell."""
    value = read_cell(kind, field_type, raw)
    assert (value, type(value) is bool) == (expected, type(expected) is bool)


@pytest.mark.parametrize("field_type", [TEXT, NUMBER, TIMESTAMP, LIST, BOOLEAN])
@pytest.mark.parametrize(
    "raw", [None, "", [], {"link_record_ids": None}, {"type": 2, "value": []}, {"type": 1, "value": None}, {"text": ""}]
)
def test_what_is_empty_is_missing(field_type: FieldType, raw: Any) -> None:
    """An empty cell in any of its shapes is no value: not 0, not false, not an empty text or list."""
    assert read_cell(20, field_type, raw) is None


def test_checkbox_nobody_ticked() -> None:
    """A checkbox has two states, so that one that is left out is not ticked; a formula has none."""
    assert read_cell(7, BOOLEAN, None) is False
    assert read_cell(7, TEXT, None) == read_cell(7, TEXT, False) == "false"
    assert read_cell(7, LIST, None) == ["false"]
    assert read_cell(20, BOOLEAN, None) is None


@pytest.mark.parametrize(
    ("kind", "field_type", "raw", "words"),
    [
        (2, NUMBER, "nine", "could not convert"),
        (2, NUMBER, True, "not a number"),
        (2, NUMBER, "NaN", "not a finite number"),
        (5, TIMESTAMP, "yesterday", "could not convert"),
        (2, INTEGER, 1.5, "not a whole number"),
        (19, NUMBER, {"type": 2, "value": [1, 2]}, "2 values, not one"),
        (20, NUMBER, {"type": 1, "value": [{"text": "#DIV/0!", "type": "text"}]}, "could not convert"),
        (20, NUMBER, {"value": [1]}, "without its type"),
        (7, BOOLEAN, "yes", "neither true nor false"),
    ],
)
def test_what_cannot_be_read(kind: int, field_type: FieldType, raw: Any, words: str) -> None:
    """What is not of the type is refused, never guessed: no sum of several, no first of many."""
    with pytest.raises(ValueError, match=words):
        read_cell(kind, field_type, raw)
