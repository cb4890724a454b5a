"""Views by cases: `view_cases/*.yaml` hold streams, selects, what makes a row unique, and the rows worked out by hand.

Every select runs on DuckDB and on a PostgreSQL server; `sql` is what is written for DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlglot import exp

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.formula import KEY_COLUMN, KNOWN_COLUMN, CompiledView, compile_views, with_versions, write_sql
from okr_sync.project.metric import View
from tests.formula.engines import Engine
from tests.formula.relations import instant


@dataclass(frozen=True)
class Case:
    as_of: str
    streams: Mapping[str, Any]
    name: str
    select: str
    gives: Sequence[Sequence[Any]]
    key: Sequence[str]
    sql: str | None = None

    def compiled(self) -> CompiledView:
        streams = {
            name: Stream(
                name.partition(".")[2],
                tuple(Field(field, FieldType(type_)) for field, type_ in one["fields"].items()),
                key=tuple(one["key"]),
            )
            for name, one in self.streams.items()
        }
        return compile_views({"it": View(select=self.select)}, with_versions(streams))["it"]

    def query(self, dialect: str) -> str:
        return write_sql(self.compiled().select(instant(self.as_of), table), dialect)


def table(name: str, _: frozenset[str]) -> exp.Expr:
    return exp.Table(this=exp.to_identifier(name, quoted=True))


def cases() -> Iterator[Any]:
    for path in sorted((Path(__file__).parent / "view_cases").glob("*.yaml")):
        content = yaml.safe_load(path.read_text("utf-8"))
        shared = {"as_of": content["as_of"], "streams": content["streams"]}
        for case in content["cases"]:
            yield pytest.param(Case(**shared, **case), id=f"{path.stem}: {case['name']}")


@pytest.mark.parametrize("case", cases())
def test_rows(engine: Engine, case: Case) -> None:
    """A select gives the rows worked out by hand, in whatever order."""
    for name, stream in case.streams.items():
        fields = {one: FieldType(type_) for one, type_ in stream["fields"].items()}
        columns = {KEY_COLUMN: FieldType.TEXT, KNOWN_COLUMN: FieldType.TIMESTAMP, **fields}
        rows = [[f"{number:02}", case.as_of, *row] for number, row in enumerate(stream["rows"])]
        engine.create(columns, rows, name)
    names = [field.name for field in case.compiled().relation.fields]
    found = [shown(row[: len(names)]) for row in engine.query(case.query(engine.dialect))]
    assert sorted(found, key=repr) == sorted((shown(row) for row in case.gives), key=repr)


def shown(row: Sequence[Any]) -> tuple[Any, ...]:
    """Numbers as fractions and instants as the clock of the project's zone shows them, so that rows compare."""
    return tuple(
        f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else float(value) if is_number(value) else value
        for value in row
    )


def is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@pytest.mark.parametrize("case", cases())
def test_key(case: Case) -> None:
    """What makes a row unique is found out from the select."""
    assert list(case.compiled().relation.key) == case.key


@pytest.mark.parametrize("case", [case for case in cases() if case.values[0].sql])
def test_sql(case: Case) -> None:
    """A select is written as the plainest SQL that has its meaning."""
    assert case.query("duckdb") == case.sql


@pytest.mark.parametrize("case", cases())
def test_other_dialects(case: Case) -> None:
    """A view can be written for other engines as well."""
    assert all(case.query(dialect) for dialect in ("spark", "snowflake", "bigquery"))
