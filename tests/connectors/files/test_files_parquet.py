"""Parquet: native types, and damaged files."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from okr_sync.connector import DataError, FieldType
from tests.connectors.files.conftest import Desk

NOON = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
WALL_CLOCK = datetime.fromisoformat("2026-10-01 12:00")


def write(desk: Desk, name: str = "a.parquet", **columns: pa.Array[Any]) -> None:
    pq.write_table(pa.table(columns), desk.folder / name)


@pytest.mark.parametrize(
    ("column", "kind", "values"),
    [
        (pa.array(["x", None]), FieldType.TEXT, ["x", None]),
        (pa.array(["x", ""]).dictionary_encode(), FieldType.TEXT, ["x", None]),
        (pa.array([0, None], pa.int32()), FieldType.INTEGER, [0, None]),
        (pa.array([0.0, float("nan")]), FieldType.NUMBER, [0.0, None]),
        (pa.array([Decimal("-1.50"), None]), FieldType.NUMBER, [-1.5, None]),
        (pa.array([False, None]), FieldType.BOOLEAN, [False, None]),
        (pa.array([date(2026, 10, 1), None]), FieldType.DATE, [date(2026, 10, 1), None]),
        (pa.array([NOON, None], pa.timestamp("ns", "UTC")), FieldType.TIMESTAMP, [NOON, None]),
        # A time without a zone is on Hanoi's clock, seven hours ahead: 12:00 there is 05:00.
        (pa.array([WALL_CLOCK, None], pa.timestamp("ms")), FieldType.TIMESTAMP, [NOON.replace(hour=5), None]),
        (pa.array([["web"], []]), FieldType.LIST, [["web"], []]),
        (pa.array([{"a": 1}, None]), FieldType.TEXT, ['{"a": 1}', None]),
        (pa.array([time(8, 30), None]), FieldType.TEXT, ["08:30:00", None]),
        (pa.array([b"\xc3\xa0", b"\xff"]), FieldType.TEXT, ["à", "\\xff"]),
    ],
)
def test_native_types_are_kept(desk: Desk, column: pa.Array[Any], kind: FieldType, values: list[object]) -> None:
    """A column keeps its own type; NaN, as data frames write it, is a missing number."""
    write(desk, id=pa.array(["1", "2"]), column=column)
    field = desk.connected(path="a.parquet").field("column")
    assert field is not None
    assert field.type is kind
    assert [record["column"] for record in desk.read(path="a.parquet")] == values


def test_declared_types(desk: Desk) -> None:
    """A declared type converts native values and texts, with the format of the field."""
    write(desk, id=pa.array([1, 2]), day=pa.array(["29/02/2016", "-"]), n=pa.array([1.0, 0.0]))
    fields = {"id": "text", "day": {"type": "date", "format": "%d/%m/%Y"}, "n": "boolean"}
    assert desk.read(path="a.parquet", fields=fields, missing="-") == [
        {"id": "1", "day": date(2016, 2, 29), "n": True},
        {"id": "2", "day": None, "n": False},
    ]


def test_bad_cell_is_refused(desk: Desk) -> None:
    """A value that does not fit is an error with the record's number, beyond the first batch too."""
    write(desk, id=pa.array(range(5000)), n=pa.array([1.0] * 4999 + [1.5]))
    message = desk.refusal(DataError, path="a.parquet", fields={"n": "integer"})
    assert "desk.incidents: a.parquet, record 5000: column 'n': 1.5 is not a whole number" in message


def test_no_records_is_a_complete_read(desk: Desk) -> None:
    """A file with a schema and no records is not an error."""
    write(desk, id=pa.array([], pa.string()))
    assert desk.read(path="a.parquet") == []


@pytest.mark.parametrize("keep", [0, 10, 200])
def test_damaged_file_is_refused(desk: Desk, keep: int) -> None:
    """An empty or cut file is an error."""
    write(desk, id=pa.array([str(number) for number in range(1000)]))
    path = desk.folder / "a.parquet"
    path.write_bytes(path.read_bytes()[:keep])
    assert "a.parquet: is not a Parquet file that can be read" in desk.refusal(DataError, path="a.parquet")


def test_damaged_page_is_refused(desk: Desk) -> None:
    """A file whose end is whole but whose data is not is an error when it is read."""
    write(desk, id=pa.array([f"{number:09}" for number in range(1000)]))
    path = desk.folder / "a.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:4] + b"\xff" * 400 + content[404:])
    assert "a.parquet: is not a Parquet file that can be read" in desk.refusal(DataError, path="a.parquet")
