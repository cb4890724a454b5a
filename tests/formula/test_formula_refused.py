"""What the formula language refuses, by cases: `refused.yaml` holds the exact message and the text it underlines.

A case stands for a part of a metric over the example stream (`value`, `where`, `time`), for the value of a metric over
other metrics (`combined`), or for the `done` of a key result.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from traceback import walk_tb
from typing import Any

import pytest
import yaml

import okr_sync.formula
from okr_sync.connector import FieldType
from okr_sync.errors import ProjectError
from okr_sync.formula import compile_condition, compile_metrics, parse
from okr_sync.formula.alike import _UNLIKE
from okr_sync.formula.annotate import _NO_ARITHMETIC
from okr_sync.formula.functions import FUNCTIONS, INSTEAD
from okr_sync.formula.kinds import Kind
from okr_sync.formula.lookup import NO_HELPERS
from okr_sync.formula.pipeline import TIME, VALUE, WHERE, read
from okr_sync.formula.reference import EXAMPLE_STREAM
from okr_sync.formula.refusal import Refused
from okr_sync.formula.scope import Scope, scope_of_aggregates, scope_of_metrics, scope_of_records
from okr_sync.project.metric import Metric
from okr_sync.project.model import Location
from tests.formula.relations import HELPERS

SOURCES = Path(okr_sync.formula.__file__).parent
CASES: list[dict[str, str]] = yaml.safe_load(Path(__file__).with_name("refused.yaml").read_text(encoding="utf-8"))
STREAMS = {"jira.issues": EXAMPLE_STREAM}
INPUTS = {name: Metric(value="count(*)", stream="jira.issues") for name in ("renewed", "due")}
TOO_DEEP = ("(" * 2000 + "1" + ")" * 2000, " + ".join(["1"] * 2000))


def refused(**parts: Any) -> ProjectError:
    """The error that one metric over the example stream raises; a part that is not given is fine."""
    metric = Metric.model_validate({"value": "count(*)", "stream": "jira.issues", **parts})
    with pytest.raises(ProjectError) as caught:
        compile_metrics({"it": metric}, STREAMS, helpers=HELPERS)
    return caught.value


def refused_bare(value: str) -> ProjectError:
    """The error of a value in a project that has no calendars and no exchange rates."""
    with pytest.raises(ProjectError) as caught:
        compile_metrics({"it": Metric(value=value, stream="jira.issues")}, STREAMS)
    return caught.value


def refused_over_metrics(part: str, text: str) -> ProjectError:
    """The error of a formula over the metrics `INPUTS`: the value of another, or the `done` of a key result."""
    with pytest.raises(ProjectError) as caught:
        if part == "done":
            compile_condition(text, compile_metrics(INPUTS, STREAMS), Location("okrs/it.yaml", 1), "metrics.it.done")
        else:
            compile_metrics({**INPUTS, "it": Metric(value=text)}, STREAMS)
    return caught.value


@pytest.mark.parametrize("case", CASES, ids=lambda case: next(iter(case.values())))
def test_refused(case: dict[str, str]) -> None:
    """A formula that is not allowed is refused in words a person can act on, with the offence underlined."""
    part, text = next(iter(case.items()))
    over_metrics = part in ("combined", "done")
    if over_metrics:
        error = refused_over_metrics(part, text)
    else:
        error = refused_bare(text) if part == "bare" else refused(**{part: text})
    (problem,) = error.problems

    assert f"{problem.message}\n{problem.excerpt}".strip() == case["refused"].strip()
    assert problem.field == f"metrics.it.{'value' if part in ('combined', 'bare') else part}"


def test_every_refusal_has_a_case() -> None:
    """Every line of the language that refuses is reached by a case."""
    reached = {_raised_by(*next(iter(case.items()))) for case in CASES}
    reached |= {_raised_by("value", text) for text in TOO_DEEP}
    missing = [f"{file}:{line}" for file, line, last in _refusals() if not _is_in(reached, file, line, last)]
    assert not missing, f"write a case in refused.yaml for what is refused at {missing}"


def test_every_hint_has_a_case() -> None:
    """Every hint of what to do instead is shown by a case."""
    messages = "\n".join(case["refused"] for case in CASES)
    parameters = [parameter for function in FUNCTIONS.values() for parameter in function.parameters]
    hints = {
        *parse._INSTEAD.values(),
        *parse._SYNTAX.values(),
        *INSTEAD.values(),
        *_NO_ARITHMETIC.values(),
        *_UNLIKE.values(),
        *VALUE.hints.values(),
        *(hint for parameter in parameters for hint in parameter.hints.values()),
        *(parameter.choice.words for parameter in parameters if parameter.choice is not None),
    }
    assert not {hint for hint in hints if hint not in messages}


def _refusals() -> Iterator[tuple[str, int, int]]:
    """Where the sources refuse a formula: file, first and last line of the statement. Views have their own cases."""
    for path in sorted(path for path in SOURCES.rglob("*.py") if path.parent.name != "view"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                made_by = ast.unparse(node.exc.func)
                if made_by.partition(".")[0] in ("Refused", "_explain"):
                    yield path.name, node.lineno, node.end_lineno or node.lineno


def _is_in(reached: set[tuple[str, int]], file: str, first: int, last: int) -> bool:
    return any((file, line) in reached for line in range(first, last + 1))


def _raised_by(part: str, text: str) -> tuple[str, int]:
    """The file and the line that refuse a text."""
    try:
        if part == "done":
            compile_condition(text, compile_metrics(INPUTS, STREAMS), Location("okrs/it.yaml", 1), "done")
        else:
            read(text, _scope(part), {"where": WHERE, "time": TIME}.get(part, VALUE))
    except Refused as found:
        error: BaseException = found
    except ProjectError as found:
        assert found.__cause__ is not None
        error = found.__cause__
    frame, line = list(walk_tb(error.__traceback__))[-1]
    return Path(frame.f_code.co_filename).name, line


def _scope(part: str) -> Scope:
    if part == "combined":
        return scope_of_metrics({name: Kind(FieldType.INTEGER) for name in INPUTS})
    make = scope_of_aggregates if part in ("value", "bare") else scope_of_records
    return make("jira.issues", EXAMPLE_STREAM, NO_HELPERS if part == "bare" else HELPERS)


def test_every_part_is_read() -> None:
    """The value, `where` and `time` of a metric are all checked, so that one run shows every problem."""
    problems = refused(value="sum(pints)", where="stats = 'Done'", time="key").problems
    assert [problem.field for problem in problems] == ["metrics.it.value", "metrics.it.where", "metrics.it.time"]


@pytest.mark.parametrize("value", TOO_DEEP)
def test_absurd_nesting(value: str) -> None:
    """A formula nested beyond all reason is refused like any other, and does not break the program."""
    (problem,) = refused(value=value).problems
    assert problem.message == "this is nested too deeply; list values with in (...), make parts metrics of their own"


@pytest.mark.parametrize(
    ("value", "declared", "message"),
    [
        (
            "max(hours(created_at, as_of()))",
            "percent",
            "the formula gives hours, unit says percent; write unit: hours, or leave unit out",
        ),
        (
            "1 - share(points > 1)",
            "VND",
            "the formula gives percent, unit says VND; write unit: percent, or leave unit out",
        ),
    ],
)
def test_refused_units(value: str, declared: str, message: str) -> None:
    """A unit that the formula does not give is refused where it is declared."""
    (problem,) = refused(value=value, unit=declared).problems
    assert problem.field == "metrics.it.unit"
    assert problem.message == message
    assert problem.excerpt == f"  {value}\n  {'^' * len(value)}"
