"""A help desk's tickets in a warehouse, as many as asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import duckdb

from okr_sync.connector import Field, FieldType, Record, Stream
from okr_sync.formula import CompiledMetric, compile_metrics
from okr_sync.measure import AsOf
from okr_sync.project.cycle import Cycle, end_of
from okr_sync.project.metric import Metric
from okr_sync.warehouse import History, SourceLog, Warehouse, open_warehouse

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NAME = "desk.tickets"
TICKETS = Stream(
    name="tickets",
    fields=(
        Field("id", FieldType.TEXT),
        Field("team", FieldType.TEXT),
        Field("status", FieldType.TEXT),
        Field("client", FieldType.TEXT),
        Field("points", FieldType.INTEGER),
        Field("created_at", FieldType.TIMESTAMP),
        Field("updated_at", FieldType.TIMESTAMP),
        Field("solved_at", FieldType.TIMESTAMP),
    ),
    key=("id",),
    version_at="updated_at",
    created_at="created_at",
)
TEAM_COUNT, STATUS_COUNT, CLIENT_COUNT = 100, 10, 5000
_QUARTER = Cycle("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))
DAY = AsOf(
    _QUARTER.end, end_of(_QUARTER.end, ZONE), _QUARTER, Cycle("2026-Q3", date(2026, 7, 1), date(2026, 9, 30)), ZONE
)


def warehouse_in(folder: Path) -> Warehouse:
    return open_warehouse("duckdb:///warehouse", folder, ZONE)


def fill(folder: Path, record_count: int, versions_each: int = 1) -> None:
    """Tickets that were created evenly over the fourth quarter of 2026.

    One ticket is landed, so that the log is what okr-sync makes it; the rest is written straight into it.
    """
    warehouse = warehouse_in(folder)
    created_at = datetime(2026, 10, 1, tzinfo=UTC)
    first = Record({"id": "first", "created_at": created_at, "updated_at": created_at})
    SourceLog(warehouse, "desk").land(TICKETS, [first], {}, "settings", created_at)
    with duckdb.connect(folder / "warehouse" / "desk.duckdb") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(_FILL, {"records": record_count - 1, "versions": versions_each, "start": created_at})


@contextmanager
def filled_history(record_count: int) -> Iterator[History]:
    """So many tickets in a temporary folder, opened with all their fields."""
    with TemporaryDirectory() as folder:
        fill(Path(folder), record_count)
        fields = [field.name for field in TICKETS.fields]
        with warehouse_in(Path(folder)).history({NAME: TICKETS}, {NAME: fields}) as history:
            yield history


_FILL = f"""
    INSERT INTO tickets BY NAME
    SELECT n::VARCHAR AS _key, n::VARCHAR AS id,
        created_at + to_hours(version::INTEGER) AS _version_at, _version_at AS updated_at,
        '2026-12-31'::TIMESTAMPTZ AS _landed_at, FALSE AS _deleted, md5(hash(n, version)::VARCHAR) AS _hash,
        1 + n * $versions + version AS _sequence,
        'team ' || hash(n, 1) % {TEAM_COUNT} AS team, 'status ' || hash(n, version, 2) % {STATUS_COUNT} AS status,
        'client ' || hash(n, 3) % {CLIENT_COUNT} AS client, hash(n, 4) % 100 AS points,
        created_at, created_at + to_minutes((hash(n, 5) % 20000)::BIGINT) AS solved_at
    FROM range($versions) AS versions(version),
        (SELECT n, $start + to_seconds(n * 7776000 // $records) AS created_at FROM range($records) AS records(n))
"""


def compiled(metrics: dict[str, Metric]) -> dict[str, CompiledMetric]:
    return compile_metrics(metrics, {NAME: TICKETS})
