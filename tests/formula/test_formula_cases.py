"""The formula language by cases: `cases/*.yaml` hold records, formulas, their SQL and values worked out by hand.

The SQL is that inside of the `CAST(... AS DOUBLE)` around every value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from okr_sync.connector import FieldType
from okr_sync.formula import Moment
from tests.formula.relations import Fields, compile_metric, create_relation, instant, value_of_all


@dataclass(frozen=True)
class Case:
    fields: Fields
    records: list[list[Any]]
    moment: Moment
    formula: str
    sql: str
    gives: float | None


def cases() -> list[Any]:
    return list(_cases())


def _cases() -> Iterator[Any]:
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        fields = {name: FieldType(type_) for name, type_ in content["fields"].items()}
        moment = Moment(instant(content["as_of"]))
        for case in content["cases"]:
            yield pytest.param(Case(fields, content["records"], moment, **case), id=f"{path.stem}: {case['formula']}")


@pytest.mark.parametrize("case", cases())
def test_value(database: duckdb.DuckDBPyConnection, case: Case) -> None:
    """A formula gives the value worked out by hand, of all records and of the same records picked by a condition."""
    create_relation(database, case.fields, case.records)
    metric = compile_metric(case.fields, case.formula)

    found = value_of_all(database, metric, case.moment)

    assert found == pytest.approx(case.gives)
    assert found is None or type(found) is float


@pytest.mark.parametrize("case", cases())
def test_sql(case: Case) -> None:
    """A formula is written as the plainest SQL that has its meaning."""
    value = compile_metric(case.fields, case.formula).value(case.moment)
    assert value.this.sql("duckdb") == case.sql


@pytest.mark.parametrize("case", cases())
def test_other_dialects(case: Case) -> None:
    """A formula can be written for other engines as well."""
    value = compile_metric(case.fields, case.formula).value(case.moment)
    assert all(value.sql(dialect) for dialect in ("postgres", "snowflake", "bigquery"))
