"""Random formulas over random records: DuckDB and PostgreSQL give what a naive reading in Python gives."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from okr_sync.connector import FieldType
from okr_sync.errors import ProjectError
from okr_sync.formula import Moment
from tests.formula.engines import DuckDB, Engine, PostgreSQL
from tests.formula.naive import Term, field, rounded
from tests.formula.random_formulas import AS_OF, FIELDS, records, values
from tests.formula.relations import Fields, compile_metric, instant

floats = st.floats(-1e9, 1e9).filter(lambda x: x == 0 or abs(x) > 1e-300)  # in PostgreSQL, underflow is an error
MOMENT = Moment(instant(AS_OF.isoformat()))


@pytest.fixture(scope="module")
def both(database: duckdb.DuckDBPyConnection, postgresql: PostgreSQL) -> tuple[Engine, Engine]:
    return DuckDB(database), postgresql


def expect_alike(engine: Engine, fields: Fields, formulas: list[Term], all_: list[dict[str, Any]]) -> None:
    found = engine.rows(*(compile_metric(fields, text).value(MOMENT) for text, _ in formulas))[0]
    for (text, meaning), value in zip(formulas, found, strict=True):
        expected = meaning(all_)
        approx = None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert value == approx, f"{engine.dialect}: {text}"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=records, formulas=st.lists(values, min_size=1, max_size=4))
def test_naive_reading(both: tuple[Engine, Engine], rows: list[Any], formulas: list[Term]) -> None:
    """The value on both engines is that of the naive reading."""
    all_ = [dict(zip(FIELDS, row, strict=True)) for row in rows]
    assume(all(map(has_unit, formulas)))
    for engine in both:
        engine.create(FIELDS, rows)
        expect_alike(engine, FIELDS, formulas, all_)


def has_unit(formula: Term) -> bool:
    """Hours times hours are refused as the project loads."""
    try:
        compile_metric(FIELDS, formula[0])
    except ProjectError as error:
        assert "has no unit" in str(error)
        return False
    return True


@settings(max_examples=60, deadline=None)
@given(xs=st.lists(floats | st.integers(-10_000, 10_000).map(lambda n: n / 200), min_size=1, max_size=20))
def test_rounding(both: tuple[Engine, Engine], xs: list[float]) -> None:
    """Any number is rounded to the same double on both engines, by the definition, to the last bit."""
    fields = {"x": FieldType.NUMBER}
    for engine in both:
        engine.create(fields, [[x] for x in xs])
        for digits in (0, 1, 2, 5, -2):
            text, meaning = rounded(field("x"), digits)
            of_one_record = compile_metric(fields, f"max({text})").value(MOMENT).this.this
            expected = [meaning({"x": x}) for x in xs]
            assert [value for (value,) in engine.rows(of_one_record)] == expected, f"{engine.dialect}: {text}"
