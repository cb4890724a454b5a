"""Where records are kept changes no number: DuckDB and PostgreSQL measure the same of the same history.

Random formulas over random histories, through everything that measuring does: versions that held on a day, windows,
queries shared by shape, counts, and the sums of every day from one scan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from okr_sync.connector import Field, FieldType, Record, Stream
from okr_sync.errors import ProjectError
from okr_sync.formula import CompiledMetric, compile_metrics
from okr_sync.measure import (
    AsOf,
    Measured,
    Reason,
    Span,
    ToList,
    can_follow,
    explain,
    fields_read,
    follow,
    left_out,
    measure,
)
from okr_sync.project.cycle import Cycle, end_of
from okr_sync.project.metric import Metric
from okr_sync.warehouse import History, SourceLog, open_warehouse
from tests.formula.random_formulas import FIELDS, conditions, records, values
from tests.measure.answers import HANOI
from tests.postgres import needs_postgresql
from tests.warehouses import DUCKDB, emptied

pytestmark = needs_postgresql

Q4 = Cycle("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))
Q3 = Cycle("2026-Q3", date(2026, 7, 1), date(2026, 9, 30))
DAYS = [date(2026, 10, 1), date(2026, 10, 4), date(2026, 10, 9)]
FOLLOWED = Span(date(2026, 9, 28), date(2026, 10, 12), Q4.start, HANOI)
STREAM = Stream(
    "rows",
    (
        Field("id", FieldType.TEXT),
        *(Field(name, kind) for name, kind in FIELDS.items()),
        Field("made_at", FieldType.TIMESTAMP),
        Field("changed_at", FieldType.TIMESTAMP),
    ),
    key=("id",),
    version_at="changed_at",
    created_at="made_at",
)
LANDED_AT = datetime(2026, 10, 20, tzinfo=UTC)
_NUMBERS = count()
"""Each history is a source of its own."""


@dataclass(frozen=True)
class Version:
    key: str
    hours: int
    values: tuple[Any, ...]
    is_deleted: bool

    @property
    def record(self) -> Record:
        """Made on 29 September, changed so many hours later; hour 17 of UTC is midnight."""
        made_at = datetime(2026, 9, 29, tzinfo=UTC)
        times = {"made_at": made_at, "changed_at": made_at + timedelta(hours=self.hours)}
        return Record({"id": self.key, **dict(zip(FIELDS, self.values, strict=True)), **times}, self.is_deleted)


versions = st.builds(
    Version,
    key=st.sampled_from(["1", "2", "Đ", "a b"]),
    hours=st.sampled_from([0, 1, 41, 60, 65, 150, 300]),
    values=records.filter(bool).map(lambda rows: rows[0]),
    is_deleted=st.integers(0, 9).map(lambda n: n == 0),
)
histories = st.lists(versions, max_size=10)
PLACED: list[dict[str, Any]] = [
    {},
    {"time": "t"},
    {"time": "d"},
    {"time": "t", "window": "all"},
    {"time": "d", "window": "trailing 3 days"},
]
"""`t` is an instant, `d` a day."""
ADDED_UP = ["count(*)", "sum(a)", "count_if(p) + sum(b)"]
Question = tuple[str, str | None, dict[str, Any]]


@st.composite
def questions(draw: st.DrawFn) -> Question:
    return draw(values)[0], draw(wheres()), draw(st.sampled_from(PLACED))


@st.composite
def sums(draw: st.DrawFn) -> Question:
    """What can be followed: amounts that are the same on every day."""
    where = draw(wheres())
    assume("as_of()" not in (where or ""))
    return draw(st.sampled_from(ADDED_UP)), where, draw(st.sampled_from(PLACED[:4]))


@st.composite
def wheres(draw: st.DrawFn) -> str | None:
    alike = [None, "s = 'x'", "s = 'Huế'", "a = 1 and p = true", "a = 2 and p = true"]
    return draw(st.sampled_from(alike)) if draw(st.booleans()) else draw(conditions)[0]


@dataclass(frozen=True)
class Asked:
    """Metrics over a stream of their own."""

    source: str
    questions: Sequence[Question]

    @property
    def stream(self) -> str:
        return f"{self.source}.rows"

    def compiled(self) -> dict[str, CompiledMetric]:
        written = {
            f"m{number}": Metric.model_validate({"stream": self.stream, "value": value, "where": where, **placed})
            for number, (value, where, placed) in enumerate(self.questions)
        }
        try:
            return compile_metrics(written, {self.stream: STREAM})
        except ProjectError as error:  # random formulas may multiply hours by hours
            assert "has no unit" in str(error)
            reject()


@contextmanager
def both_engines(addresses: Sequence[str], folder: Path, asked: Asked, history: Sequence[Version]) -> Iterator[Any]:
    """The history, landed and opened in each engine."""
    fields = {name for one in asked.compiled().values() for name in fields_read(one, STREAM)}
    landed = [one.record for one in history]
    with ExitStack() as stack:
        found: list[History] = []
        for address in addresses:
            warehouse = open_warehouse(address, folder, HANOI)
            SourceLog(warehouse, asked.source).land(STREAM, landed, {}, "settings", LANDED_AT)
            found.append(stack.enter_context(warehouse.history({asked.stream: STREAM}, {asked.stream: fields})))
        yield found


@pytest.fixture(scope="module")
def addresses(postgresql_url: str) -> list[str]:
    return [DUCKDB, emptied(postgresql_url)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("engines")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories, questions=st.lists(questions(), min_size=1, max_size=6))
def test_values(addresses: list[str], folder: Path, history: list[Version], questions: list[Question]) -> None:
    """Values, counts, hashes, and the records that count or not with the reason, are the same on both engines."""
    asked = Asked(f"s{next(_NUMBERS)}", questions)
    metrics, days = asked.compiled(), [AsOf(day, end_of(day, HANOI), Q4, Q3, HANOI) for day in DAYS]
    with both_engines(addresses, folder, asked, history) as (duck, postgres):
        on_duck, on_postgres = measure(metrics, duck, days), measure(metrics, postgres, days)
        for here, there in zip(on_duck, on_postgres, strict=True):
            for name, question in zip(metrics, questions, strict=True):
                assert there[name] == alike(here[name]), question
                assert there[name].input_hash == here[name].input_hash, question
        for metric, question in zip(metrics.values(), questions, strict=True):
            here, there = (explain(metric, STREAM, history, days[-1]) for history in (duck, postgres))
            assert (there.columns, there.rows, there.record_count) == (here.columns, here.rows, here.record_count)
            out_here, out_there = (
                left_out(metric, STREAM, history, days[-1], to_list=ToList(tuple(Reason)))
                for history in (duck, postgres)
            )
            assert out_there == out_here, question
            assert postgres.query(there.sql).rows[0][0] == approximately(on_duck[-1][metric.name].value), question


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories, questions=st.lists(sums(), min_size=1, max_size=6))
def test_sums_of_every_day(
    addresses: list[str], folder: Path, history: list[Version], questions: list[Question]
) -> None:
    """What is followed from one scan is the same on both engines, on every day."""
    asked = Asked(f"s{next(_NUMBERS)}", questions)
    metrics = asked.compiled()
    assert all(map(can_follow, metrics.values()))
    with both_engines(addresses, folder, asked, history) as (duck, postgres):
        here, there = (follow(metrics.values(), history, FOLLOWED) for history in (duck, postgres))
    assert there == here, questions


def alike(measured: Measured) -> Measured:
    return replace(measured, value=approximately(measured.value))


def approximately(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)
