"""A help desk's tickets in a warehouse, as many as asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

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
IN_FOLDER = "duckdb:///warehouse"
TEAM_COUNT, STATUS_COUNT, CLIENT_COUNT = 100, 10, 5000
_QUARTER = Cycle("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))
DAY = AsOf(
    _QUARTER.end, end_of(_QUARTER.end, ZONE), _QUARTER, Cycle("2026-Q3", date(2026, 7, 1), date(2026, 9, 30)), ZONE
)


def warehouse_in(folder: Path, address: str = IN_FOLDER) -> Warehouse:
    return open_warehouse(address, folder, ZONE)


def fill(folder: Path, record_count: int, versions_each: int = 1, address: str = IN_FOLDER) -> None:
    """Tickets that were created evenly over the fourth quarter of 2026, the same in every engine.

    One ticket is landed, so that the log is what okr-sync makes it; the rest is written straight into it.
    """
    warehouse = warehouse_in(folder, address)
    created_at = datetime(2026, 10, 1, tzinfo=UTC)
    first = Record({"id": "first", "created_at": created_at, "updated_at": created_at})
    SourceLog(warehouse, "desk").land(TICKETS, [first], {}, "settings", created_at)
    with warehouse.write("desk") as transaction:
        transaction.rows(_fill(transaction.table("tickets"), record_count - 1, versions_each))


@contextmanager
def filled_history(record_count: int, address: str = IN_FOLDER) -> Iterator[History]:
    """So many tickets, opened with all their fields; without another address in a temporary folder."""
    with TemporaryDirectory() as folder:
        fill(Path(folder), record_count, address=address)
        fields = [field.name for field in TICKETS.fields]
        with warehouse_in(Path(folder), address).history({NAME: TICKETS}, {NAME: fields}) as history:
            yield history


def _fill(table: str, records: int, versions: int) -> str:
    second, hour, minute = (f"INTERVAL '1 {unit}'" for unit in ("second", "hour", "minute"))
    made_after = f"CAST(floor(CAST(n AS DOUBLE PRECISION) * 7776000 / {records}) AS BIGINT)"
    return f"""
        INSERT INTO {table} (_key, id, _version_at, updated_at, _landed_at, _deleted, _hash, _sequence,
            team, status, client, points, created_at, solved_at)
        SELECT CAST(n AS VARCHAR), CAST(n AS VARCHAR), created_at + {hour} * v, created_at + {hour} * v,
            TIMESTAMPTZ '2026-12-31 00:00:00+00', FALSE, md5(CAST(n AS VARCHAR) || '-' || CAST(v AS VARCHAR)),
            1 + n * {versions} + v, 'team ' || CAST({_chance(1)} % {TEAM_COUNT} AS VARCHAR),
            'status ' || CAST({_chance(2)} % {STATUS_COUNT} AS VARCHAR),
            'client ' || CAST({_chance(3)} % {CLIENT_COUNT} AS VARCHAR), {_chance(4)} % 100,
            created_at, created_at + {minute} * ({_chance(5)} % 20000)
        FROM (
            SELECT n, v, TIMESTAMPTZ '2026-10-01 00:00:00+00' + {second} * {made_after} AS created_at
            FROM (SELECT CAST(r AS BIGINT) AS n FROM generate_series(0, {records - 1}) AS records(r)) AS numbers,
                (SELECT CAST(r AS BIGINT) AS v FROM generate_series(0, {versions - 1}) AS versions(r)) AS changes
        ) AS made
    """


def _chance(number: int) -> str:
    """A number that looks random, another one for each ticket, and for each version of its status."""
    factor = (630360016, 742938285, 950706376, 1226874159, 62089911)[number - 1]
    return f"((n + 1{' + 7 * v' if number == 2 else ''}) * {factor} % 2147483647)"


def compiled(metrics: dict[str, Metric]) -> dict[str, CompiledMetric]:
    return compile_metrics(metrics, {NAME: TICKETS})
