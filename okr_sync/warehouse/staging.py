"""A full read on its way: batches kept on disk until the whole is known to be complete."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

from okr_sync.connector import Record, Stream
from okr_sync.warehouse.columns import to_columns


class Staging:
    """Collects one full read of a stream in a temporary file. Nothing of it is landed before the read is complete."""

    def __init__(self, stream: Stream, landed_at: datetime, zone: ZoneInfo) -> None:
        self.stream = stream
        self._zone = zone
        self._landed_at = landed_at
        self._count = 0

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory(prefix="okr-sync-")
        self._file = Path(self._folder.name) / "incoming.parquet"
        self._writer = pq.ParquetWriter(self._file, to_columns(self.stream, [], self._landed_at, self._zone).schema)
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()
        self._folder.cleanup()

    def add(self, records: Sequence[Record]) -> None:
        self._writer.write_table(to_columns(self.stream, records, self._landed_at, self._zone, self._count))
        self._count += len(records)

    def finish(self) -> Path:
        """The Parquet file of all that was collected, which is there until this is left."""
        self._writer.close()
        return self._file
