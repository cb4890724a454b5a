"""The reference of the formula language, made from the table of functions."""

from __future__ import annotations

import pytest

from okr_sync.formula import compile_metrics, compile_views, reference
from okr_sync.formula.function import Function
from okr_sync.formula.functions import FUNCTIONS, INSTEAD
from okr_sync.formula.over import WINDOW_FUNCTIONS, WindowFunction
from okr_sync.formula.reference import EXAMPLE_STREAM
from okr_sync.project.metric import Metric, View
from tests.formula.relations import HELPERS


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_function_is_explained(function: Function) -> None:
    """Every function has a one-line explanation and an example that uses it and compiles."""
    assert function.doc
    assert "\n" not in function.doc + function.example
    assert f"{function.name}(" in function.example
    metric = Metric(value=function.example, stream="jira.issues")
    assert compile_metrics({"it": metric}, {"jira.issues": EXAMPLE_STREAM}, helpers=HELPERS)


@pytest.mark.parametrize("function", WINDOW_FUNCTIONS.values(), ids=WINDOW_FUNCTIONS)
def test_every_window_function_is_explained(function: WindowFunction) -> None:
    """Every window function has a one-line explanation and an example that uses it and compiles in a view."""
    assert "\n" not in function.doc + function.example
    assert f"{function.name}(" in function.example
    view = View(select=f"select key, {function.example} as it from jira.issues")
    assert compile_views({"it": view}, {"jira.issues": EXAMPLE_STREAM})


def test_every_function_is_listed() -> None:
    """The reference has one row a function, each of three cells."""
    rows = [line for line in reference().splitlines() if line.startswith("| `")]
    assert len(rows) == len(FUNCTIONS) + len(WINDOW_FUNCTIONS)
    assert {len(row.replace("\\|", "").split("|")) for row in rows} == {5}


def test_signatures() -> None:
    """A signature shows which arguments may be left out and which may be repeated."""
    assert {name: FUNCTIONS[name].signature for name in ("sum", "round", "coalesce", "as_of")} == {
        "sum": "sum(x)",
        "round": "round(x[, n])",
        "coalesce": "coalesce(x, y, ...)",
        "as_of": "as_of()",
    }


def test_what_to_write_instead() -> None:
    """Names that people know from SQL dialects are explained only where they are not names of the language."""
    assert not set(INSTEAD) & set(FUNCTIONS)
