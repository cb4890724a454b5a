"""Where records are kept changes nothing of what is kept: whatever comes, both engines end in the same log.

Random pages, whole reads, censuses and returns, of streams of every kind, landed in DuckDB and in PostgreSQL.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okr_sync.connector import Field, FieldType, IncompleteError, Record, Stream
from okr_sync.warehouse import SourceLog, Staging, open_warehouse
from okr_sync.warehouse.place import quoted
from tests.postgres import needs_postgresql
from tests.scripted import HANOI, at
from tests.warehouses import emptied

pytestmark = needs_postgresql

DATED = Stream(
    "things",
    (
        Field("a", FieldType.TEXT),
        Field("b", FieldType.INTEGER),
        Field("status", FieldType.TEXT),
        Field("labels", FieldType.LIST),
        Field("changed_at", FieldType.TIMESTAMP),
    ),
    key=("a", "b"),
    version_at="changed_at",
)
STREAMS = {
    "dated": DATED,
    "silent": replace(DATED, changes_silently=True),
    "undated": replace(DATED, version_at=None),
    "one key": replace(DATED, key=("a",)),
}
records = st.builds(
    lambda a, b, status, labels, hour, is_deleted: Record(
        {"a": a, "b": b, "status": status, "labels": labels, "changed_at": at(1) + timedelta(hours=hour)}, is_deleted
    ),
    st.sampled_from(["Z", "a", "Đ", "é"]),
    st.integers(1, 2),
    st.none() | st.sampled_from(["", "open", "done"]),
    st.none() | st.lists(st.sampled_from(["x", ""]), max_size=2),
    st.integers(0, 3),
    st.sampled_from([False, False, False, True]),
)


@dataclass(frozen=True)
class Step:
    """Something that lands."""

    kind: str
    records: list[Record]


steps = st.lists(
    st.builds(Step, st.sampled_from(["page", "page", "whole", "census", "return"]), st.lists(records, max_size=8)),
    min_size=1,
    max_size=6,
)


def landed(url: str, stream: Stream, given_steps: list[Step]) -> list[Any]:
    """What each step said, and every column of every version in the order of arrival."""
    warehouse = open_warehouse(url, Path(), HANOI)
    source = SourceLog(warehouse, "shop")
    said: list[Any] = [_land(source, stream, step, at(10 + day)) for day, step in enumerate(given_steps)]
    columns = ["_key", "_version_at", "_landed_at", "_deleted", "_hash", "_sequence", *(f.name for f in stream.fields)]
    listed = ", ".join(map(quoted, columns))
    with warehouse.look("shop") as looking:
        assert looking is not None
        if looking.columns(stream.name):
            said += looking.rows(f"SELECT {listed} FROM shop.things ORDER BY _sequence")
    return [*said, source.describe()]


def _land(source: SourceLog, stream: Stream, step: Step, landed_at: datetime) -> object:
    try:
        if step.kind == "page":
            return source.land(stream, step.records, {}, "settings", landed_at)
        if step.kind == "return":
            return source.land_returned(stream, step.records, landed_at)
        if step.kind == "census":
            keys = pa.chunked_array([pa.array([_key(stream, one) for one in step.records], pa.string())])
            return source.take_census(stream, keys, landed_at)
        with Staging(stream, landed_at, HANOI) as staging:
            staging.add(step.records[:3])
            staging.add(step.records[3:])
            return source.land_everything(staging, {}, "settings", landed_at)
    except IncompleteError as error:
        return str(error)


def _key(stream: Stream, record: Record) -> str:
    a, b = record.fields["a"], record.fields["b"]
    return str(a) if stream.key == ("a",) else f'["{a}", {b}]'


@pytest.mark.parametrize("kind", STREAMS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_steps=steps)
def test_both_engines_end_in_the_same_log(
    postgresql_url: str, tmp_path_factory: pytest.TempPathFactory, kind: str, given_steps: list[Step]
) -> None:
    """Every column of every version, and all that was told of it on the way."""
    stream = STREAMS[kind]
    in_duckdb = landed(f"duckdb:///{tmp_path_factory.mktemp('warehouse')}", stream, given_steps)
    assert landed(emptied(postgresql_url), stream, given_steps) == in_duckdb
