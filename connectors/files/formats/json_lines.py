"""JSON lines: one object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import ClassVar

from connectors.files.batch import BATCH_RECORDS, Batch, DataFile, Header, HeaderColumn
from connectors.files.formats.text import opened
from connectors.files.natives import type_of
from okr_sync.connector import DataError, FieldType

_Object = dict[str, object]
_HALF_LETTER = re.compile(r"\\u[dD][89a-fA-F]")
"""One half of a letter that JSON writes in two, such as an emoji. Alone, as where a text was cut, it is no text."""


def _once(members: list[tuple[str, object]]) -> _Object:
    together = dict(members)
    if len(together) != len(members):
        names = [name for name, _ in members]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!r} stands twice in one object")
    return together


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_refuse_constant)


class JsonLinesReader:
    """Reads one object a line. Blank lines hold no record."""

    has_header: ClassVar[bool] = False

    def __init__(self, file: DataFile, encoding: str, missing: frozenset[str]) -> None:
        self._file = file
        self._encoding = encoding
        self._missing = missing

    def header(self, record_limit: int | None) -> Header:
        types: dict[str, set[FieldType | None]] = {}
        record_count = 0
        for _, members in islice(self._objects(), record_limit):
            record_count += 1
            for name, value in members.items():
                types.setdefault(name, set()).add(type_of(value, self._missing))
        if not record_count:
            raise DataError(f"{self._file}: the file is empty; every line must be one JSON object")
        return Header([HeaderColumn(name, frozenset(seen)) for name, seen in types.items()], record_count)

    def batches(self, header: Header) -> Iterator[Batch]:
        names = [column.name for column in header.columns]
        objects = self._objects()
        while batch := list(islice(objects, BATCH_RECORDS)):
            starts = [start for start, _ in batch]
            yield Batch(starts, [[members.get(name) for _, members in batch] for name in names])

    def place(self, line: int) -> str:
        return f"{self._file}, line {line}"

    def _objects(self) -> Iterator[tuple[int, _Object]]:
        with opened(self._file, self._encoding) as text:
            for number, line in enumerate(text, start=1):
                if not line.isspace():
                    yield number, self._object(number, line)

    def _object(self, number: int, line: str) -> _Object:
        try:
            value = _DECODER.decode(line)
            if _HALF_LETTER.search(line):
                json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise DataError(f"{self.place(number)}: {error}; every line must be one whole JSON object") from error
        if not isinstance(value, dict):
            raise DataError(
                f"{self.place(number)}: a JSON {type(value).__name__}; every line must be one whole JSON object"
            )
        return value
