"""Excel: native cells, rows as the program numbers them, sheets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]

from okr_sync.connector import DataError, FieldType, SettingsError
from tests.connectors.files.conftest import Desk

MORNING = datetime.fromisoformat("2026-10-01 08:30")


def write(
    desk: Desk, *lines: Sequence[object], name: str = "a.xlsx", sheet: str = "Sheet", second: bool = False
) -> None:
    workbook = Workbook()
    workbook.active.title = sheet
    for line in lines:
        workbook.active.append(line)
    if second:
        workbook.create_sheet("Second").append(["id"])
    workbook.save(desk.folder / name)


def test_native_cells_keep_their_type(desk: Desk) -> None:
    """Numbers, dates, times and booleans stay what they are; a column of several types is text."""
    write(
        desk,
        ["id", "Số tiền", "done", "day", "at", "mixed", 2024],
        ["a", 0, False, date(2026, 10, 1), MORNING, 1001, None],
        ["b", -1.5, True, None, date(2026, 10, 1), "A-2", None],
    )
    stream = desk.connected(path="a.xlsx")
    assert {field.name: field.type for field in stream.fields} == {
        "id": FieldType.TEXT,
        "so_tien": FieldType.NUMBER,
        "done": FieldType.BOOLEAN,
        "day": FieldType.DATE,
        "at": FieldType.TIMESTAMP,
        "mixed": FieldType.TEXT,
        "column_2024": FieldType.TEXT,
    }
    first, second = desk.read(path="a.xlsx")
    assert first == {
        "id": "a",
        "so_tien": 0.0,
        "done": False,
        "day": date(2026, 10, 1),
        # Hanoi is seven hours ahead of UTC.
        "at": datetime(2026, 10, 1, 1, 30, tzinfo=UTC),
        "mixed": "1001",
        "column_2024": None,
    }
    assert (second["so_tien"], second["day"], second["mixed"]) == (-1.5, None, "A-2")
    assert second["at"] == datetime(2026, 9, 30, 17, 0, tzinfo=UTC)


def test_declared_types(desk: Desk) -> None:
    """Declared types convert native cells and texts alike."""
    write(desk, ["id", "n", "at"], [1001, "12", "01/10/2026 08:30"], [1002, 3, MORNING])
    fields = {"id": "text", "n": "integer", "at": {"type": "timestamp", "format": "%d/%m/%Y %H:%M"}}
    at = datetime(2026, 10, 1, 1, 30, tzinfo=UTC)
    assert desk.read(path="a.xlsx", fields=fields) == [
        {"id": "1001", "n": 12, "at": at},
        {"id": "1002", "n": 3, "at": at},
    ]


def test_empty_rows_hold_no_record(desk: Desk) -> None:
    """Rows without any content are passed over, before the header too; rows keep the numbers the program shows."""
    write(desk, [], [], [None, "id", "n"], [None, "a", 1], [], [None, "b", "x"])
    assert "desk.incidents: a.xlsx, row 6: column 'n': 'x' is not a number" in desk.refusal(
        DataError, path="a.xlsx", fields={"n": "number"}
    )


def test_duration_is_no_number(desk: Desk) -> None:
    """A time of day is text unless it is declared, and never a number."""
    write(desk, ["id", "spent"], ["a", time(1, 30)])
    assert desk.read(path="a.xlsx")[0]["spent"] == "01:30:00"
    message = desk.refusal(DataError, path="a.xlsx", fields={"spent": "number"})
    assert "row 2: column 'spent': '01:30:00' is not a number" in message


def test_sheet_by_name(desk: Desk) -> None:
    """The first sheet is read unless `sheet` names another; an unknown name is an error with the nearest."""
    write(desk, ["id"], ["a"], sheet="Quý 4", second=True)
    assert desk.read(path="a.xlsx") == [{"id": "a"}]
    assert desk.read(path="a.xlsx", sheet="Second") == []
    message = desk.refusal(SettingsError, path="a.xlsx", sheet="Secnd")
    assert message == "desk.incidents: a.xlsx: there is no sheet 'Secnd'; did you mean 'Second'?"


def test_empty_sheet_is_refused(desk: Desk) -> None:
    """A sheet without a header is not a stream without records."""
    write(desk)
    assert "a.xlsx: the sheet is empty" in desk.refusal(DataError, path="a.xlsx")


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04 cut"])
def test_damaged_file_is_refused(desk: Desk, content: bytes) -> None:
    """A file that is no workbook is an error."""
    desk.write("a.xlsx", content)
    assert "a.xlsx: is not a workbook that can be read" in desk.refusal(DataError, path="a.xlsx")


def test_missing_marks_do_not_make_a_column_text(desk: Desk) -> None:
    """Texts under `missing` are no values, so a column of numbers with such marks stays one of numbers."""
    write(desk, ["id", "n"], ["a", "?"], ["b", 2])
    assert [record["n"] for record in desk.read(path="a.xlsx", missing="?")] == [None, 2.0]


def test_more_rows_than_a_batch(desk: Desk) -> None:
    """Every row is read, over several batches, and their number is told beforehand."""
    write(desk, ["id"], *([number] for number in range(2500)))
    with desk.connector(path="a.xlsx") as files:
        (stream,) = files.connect()
        pages = list(files.read(stream, None))
    assert [record.fields["id"] for page in pages for record in page.records] == list(range(2500))
    assert pages[0].expected_count == 2500
