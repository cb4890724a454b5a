"""Rows into the relation `incoming`, by COPY."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from okr_sync.connector import DataError, Stream


def copy_rows(connection: psycopg.Connection[Any], stream: Stream, batches: Iterable[pa.RecordBatch]) -> None:
    """Raises: DataError: a text holds the character U+0000, which PostgreSQL cannot keep."""
    with connection.cursor() as cursor, cursor.copy("COPY incoming FROM STDIN") as copy:
        for batch in batches:
            _refuse_nul(stream, batch)
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                copy.write_row(row)


def _refuse_nul(stream: Stream, batch: pa.RecordBatch) -> None:
    for field, column in zip(batch.schema, batch.columns, strict=True):
        texts, owners = column, None
        if pa.types.is_list(field.type):
            texts, owners = pc.list_flatten(column), pc.list_parent_indices(column)
        elif not pa.types.is_string(field.type):
            continue
        found = pc.index(pc.match_substring(texts, "\0"), True).as_py()
        if found >= 0:
            place = found if owners is None else owners[found].as_py()
            raise DataError(
                f"stream {stream.name}: field {field.name} of record {batch['_key'][place].as_py()!r} holds the"
                " character U+0000, which PostgreSQL cannot keep; correct it in the source"
            )
