"""Records into the warehouse, on every engine: how fast, and in how much memory of our process, at two sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from okr_sync.connector import Checkpoint, Connector, Context, Field, FieldType, Page, Record, SourceSettings, Stream
from okr_sync.sync import SourcePlan, StreamSync, Syncing, sync_source
from okr_sync.warehouse import open_warehouse
from tests import postgres
from tests.benchmarks.fresh import Cost, in_fresh_process, measured
from tests.benchmarks.report import show

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SIZES = 10_000, 100_000
PAGE_RECORDS = 1_000
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
TEXTS, NUMBERS = 10, 4
CHANGES = Stream(
    "tickets",
    (
        Field("id", FieldType.INTEGER),
        *(Field(f"text_{number}", FieldType.TEXT) for number in range(TEXTS)),
        *(Field(f"number_{number}", FieldType.NUMBER) for number in range(NUMBERS)),
        Field("labels", FieldType.LIST),
        Field("created_at", FieldType.TIMESTAMP),
        Field("updated_at", FieldType.TIMESTAMP),
    ),
    ("id",),
    "updated_at",
    "created_at",
)
WHOLE = replace(CHANGES, name="whole", is_full_read=True)
Row = tuple[str, ...]


class Generated(Connector):
    """Gives `count` records of 18 fields, made as they are asked for."""

    Settings = SourceSettings
    description = "records out of the air"

    def __init__(self, stream: Stream, count: int) -> None:
        super().__init__(SourceSettings(connector="generated"), Context("generated", Path(), ZONE))
        self._stream = stream
        self._count = count

    def declared_streams(self) -> Sequence[Stream]:
        return [self._stream]

    def connect(self) -> Sequence[Stream]:
        return [self._stream]

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        for first in range(0, self._count, PAGE_RECORDS):
            numbers = range(first, min(first + PAGE_RECORDS, self._count))
            yield Page([_record(number) for number in numbers], {})


def run() -> None:
    columns = "what", "engine", "records", "records/s", "records per CPU second", "peak memory, MB"
    show("landing: records of 18 fields, by changes and as a whole", columns, _rows())


def _rows() -> Iterator[Row]:
    for stream in (CHANGES, WHOLE):
        for count in SIZES:
            for engine in ("DuckDB", *([] if postgres.MISSING else ["PostgreSQL"])):
                yield from _cases(engine, stream, count)


def _cases(engine: str, stream: Stream, count: int) -> Iterator[Row]:
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        url = f"duckdb:///{folder}" if engine == "DuckDB" else stack.enter_context(postgres.server())
        how = "as a whole" if stream.is_full_read else "by changes"
        for what in ("first", "all known"):
            result, cost = in_fresh_process(_land, url, stream, count)
            speeds = f"{count / cost.seconds:,.0f}", f"{count / cost.cpu_seconds:,.0f}"
            yield f"{how}, {what}", engine, f"{count:,}", *speeds, f"{cost.peak_megabytes:.0f}"
            if result.new_count != (count if what == "first" else 0):
                raise RuntimeError(f"{result.new_count} new records")


def _land(url: str, stream: Stream, count: int) -> tuple[StreamSync, Cost]:
    syncing = Syncing(open_warehouse(url, Path(), ZONE), lambda: NOW)
    plan = SourcePlan("bench", Generated(stream, count), {stream.name: "settings"})
    (result,), cost = measured(lambda: sync_source(plan, syncing))
    if result.error is not None:
        raise RuntimeError(result.error)
    return result, cost


def _record(number: int) -> Record:
    fields = {f"text_{n}": f"text {n} of record {number}" for n in range(TEXTS)}
    numbers = {f"number_{n}": number * 1.5 + n for n in range(NUMBERS)}
    times = {"created_at": FIRST, "updated_at": FIRST + timedelta(seconds=number)}
    return Record({"id": number, **fields, **numbers, "labels": ["web", "seo"], **times})
