"""The formula language by cases: `cases/*.yaml` hold records, formulas, their SQL and values worked out by hand.

The SQL is that inside of the `CAST(... AS DOUBLE)` around every value: `sql` for DuckDB, and by its name for each
dialect in which it is more than the same SQL with that dialect's quotes and names of types. `refused` says that a
dialect has no such SQL: `test_formula_dialects` holds the messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlglot
import yaml

from okr_sync.connector import FieldType
from okr_sync.formula import DIALECTS, CompiledMetric, Moment, NotInDialect, write_sql
from tests.formula.engines import Engine
from tests.formula.relations import Fields, compile_metric, instant

SPELLING: Mapping[str, Mapping[str, str]] = {
    "duckdb": {},
    "postgres": {"AS DOUBLE": "AS DOUBLE PRECISION"},
    "spark": {'"': "`", "AS TIMESTAMPTZ": "AS TIMESTAMP", "It''s": "It\\'s"},
    "snowflake": {"AS TIMESTAMPTZ": "AS TIMESTAMPLTZ", "It''s": "It\\'s"},
    "bigquery": {'"': "`", "AS TIMESTAMPTZ": "AS TIMESTAMP", "AS DOUBLE": "AS FLOAT64", "It''s": "It\\'s"},
}
"""How the dialects spell what is otherwise the SQL of DuckDB."""


@dataclass(frozen=True)
class Case:
    fields: Fields
    records: list[list[Any]]
    moment: Moment
    formula: str
    gives: float | None
    sql: Mapping[str, str]
    """By dialect."""

    @property
    def metric(self) -> CompiledMetric:
        return compile_metric(self.fields, self.formula)

    def expected_sql(self, dialect: str) -> str:
        if dialect in self.sql:
            return self.sql[dialect]
        text = self.sql["duckdb"]
        for theirs, ours in SPELLING[dialect].items():
            text = text.replace(theirs, ours)
        return text


def cases() -> list[Any]:
    return list(_cases())


def _cases() -> Iterator[Any]:
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        fields = {name: FieldType(type_) for name, type_ in content["fields"].items()}
        moment = Moment(instant(content["as_of"]))
        for case in content["cases"]:
            sql = {dialect: case[dialect] for dialect in DIALECTS if dialect in case} | {"duckdb": case["sql"]}
            made = Case(fields, content["records"], moment, case["formula"], case["gives"], sql)
            yield pytest.param(made, id=f"{path.stem}: {case['formula']}")


@pytest.mark.parametrize("case", cases())
def test_value(engine: Engine, case: Case) -> None:
    """A formula gives the value worked out by hand, on every engine."""
    engine.create(case.fields, case.records)

    found = engine.rows(case.metric.value(case.moment))[0][0]

    assert found == pytest.approx(case.gives)
    assert found is None or type(found) is float


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("case", cases())
def test_sql(case: Case, dialect: str) -> None:
    """A formula is written as the plainest SQL that has its meaning, which the dialect can read."""
    value, expected = case.metric.value(case.moment), case.expected_sql(dialect)
    if expected == "refused":
        with pytest.raises(NotInDialect):
            write_sql(value, dialect)
        return

    assert write_sql(value.this, dialect) == expected
    assert write_sql(value.this, dialect) == expected, "writing an expression changed it"
    assert sqlglot.parse_one(f"SELECT {write_sql(value, dialect)}", dialect=dialect)
