"""Units of formulas by cases: `units.yaml` holds what each formula is in and gives, or the words it is refused in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.errors import ProjectError
from okr_sync.formula import CompiledMetric, Moment, compile_metrics
from okr_sync.project.metric import Metric
from tests.formula.relations import create_relation, instant, value_of_all

_CONTENT = yaml.safe_load(Path(__file__).with_name("units.yaml").read_text("utf-8"))
FIELDS = [Field(name, FieldType(kind), unit=unit) for name, (kind, unit) in _CONTENT["fields"].items()]
RECORDS = [[record[field.name] for field in FIELDS] for record in _CONTENT["records"]]
GIVEN = [case for case in _CONTENT["cases"] if "gives" in case]
REFUSED = [case for case in _CONTENT["cases"] if "refused" in case]
MOMENT = Moment(instant("2026-10-05 09:00+07:00"))


def compiled(case: dict[str, Any]) -> CompiledMetric:
    metric = Metric(value=case["formula"], stream="crm.deals", unit=case.get("declared"))
    return compile_metrics({"it": metric}, {"crm.deals": Stream("deals", tuple(FIELDS), key=())})["it"]


def _name(case: dict[str, Any]) -> str:
    return " as ".join(filter(None, (case["formula"], case.get("declared"))))


@pytest.mark.parametrize("case", GIVEN, ids=_name)
def test_unit_and_value(database: duckdb.DuckDBPyConnection, case: dict[str, Any]) -> None:
    """A formula has the unit that its parts give it, and its value is in that unit."""
    create_relation(database, {field.name: field.type for field in FIELDS}, RECORDS)
    metric = compiled(case)
    assert metric.unit == case["unit"]
    assert value_of_all(database, metric, MOMENT) == pytest.approx(case["gives"], rel=1e-12)


@pytest.mark.parametrize("case", REFUSED, ids=_name)
def test_refused(case: dict[str, Any]) -> None:
    """What measures different things is neither added nor compared nor called the other, and the words say where."""
    with pytest.raises(ProjectError) as caught:
        compiled(case)
    (problem,) = caught.value.problems
    assert f"{problem.message}\n{problem.excerpt}".strip() == case["refused"].strip()
