"""Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.files.batch import BATCH_RECORDS, Batch, DataFile, Header, HeaderColumn
from okr_sync.connector import DataError, FieldType

_UNREADABLE = (pa.ArrowException, OSError, ValueError, OverflowError)


class ParquetReader:
    """Reads records in the order of the file; messages number them from 1."""

    has_header: ClassVar[bool] = True

    def __init__(self, file: DataFile) -> None:
        self._file = file

    def header(self, record_limit: int | None) -> Header:
        del record_limit  # the schema tells
        with self._opened() as content:
            columns = [HeaderColumn(column.name, frozenset({_type(column.type)})) for column in content.schema_arrow]
            return Header(columns, content.metadata.num_rows)

    def batches(self, header: Header) -> Iterator[Batch]:
        del header
        first = 1
        with self._opened() as content:
            for batch in content.iter_batches(BATCH_RECORDS):
                yield Batch(range(first, first + batch.num_rows), [_cells(column) for column in batch.columns])
                first += batch.num_rows

    def place(self, line: int) -> str:
        return f"{self._file}, record {line}"

    @contextmanager
    def _opened(self) -> Iterator[pq.ParquetFile]:
        with self._file.path.open("rb") as raw:
            try:
                yield pq.ParquetFile(raw)
            except _UNREADABLE as error:
                raise DataError(f"{self._file}: is not a Parquet file that can be read ({error})") from error


def _type(kind: pa.DataType) -> FieldType:
    types = pa.types
    if types.is_dictionary(kind):
        return _type(kind.value_type)
    known = {
        FieldType.BOOLEAN: types.is_boolean(kind),
        FieldType.INTEGER: types.is_integer(kind),
        FieldType.NUMBER: types.is_floating(kind) or types.is_decimal(kind),
        FieldType.DATE: types.is_date(kind),
        FieldType.TIMESTAMP: types.is_timestamp(kind),
        FieldType.LIST: types.is_list(kind) and types.is_string(kind.value_type),
    }
    return next((name for name, is_it in known.items() if is_it), FieldType.TEXT)


def _cells(column: pa.Array[Any]) -> list[object]:
    if pa.types.is_timestamp(column.type):
        # Python's times end at microseconds.
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    if pa.types.is_floating(column.type):
        # Data frames write NaN where a number is missing.
        column = pc.if_else(pc.is_nan(column), None, column)
    return column.to_pylist()
