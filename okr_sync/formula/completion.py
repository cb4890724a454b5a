"""What is counted of an initiative: its records, and those of them that are done."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from okr_sync.connector import FieldType, Stream
from okr_sync.errors import Problem, ProjectError
from okr_sync.formula.compiled import CompiledMetric
from okr_sync.formula.kinds import Kind, note_kind
from okr_sync.formula.pipeline import DONE, VALUE, WHERE, Passage, Result, read
from okr_sync.formula.refusal import Refused
from okr_sync.formula.scope import names_in, scope_of_aggregates, scope_of_records
from okr_sync.project.metric import Metric
from okr_sync.project.model import Initiative


@dataclass(frozen=True, slots=True)
class CompiledCompletion:
    """Two metrics over the same records of one stream, so that one query counts both."""

    stream: str
    records: CompiledMetric
    done: CompiledMetric

    @property
    def metrics(self) -> dict[str, CompiledMetric]:
        return {one.name: one for one in (self.records, self.done)}


def compile_completion(name: str, initiative: Initiative, stream: Stream) -> CompiledCompletion:
    """The completion of an initiative that has `stream` and `done`; `name` tells its metrics from others.

    Raises:
        ProjectError: what its conditions may not hold.
    """
    assert initiative.stream is not None and initiative.done is not None  # noqa: S101 - the caller asked
    problems: list[Problem] = []
    where = _read(initiative, "where", initiative.where, stream, WHERE, problems)
    done = _read(initiative, "done", initiative.done, stream, DONE, problems)
    if problems or done is None:
        raise ProjectError(problems)
    records = CompiledMetric(
        name=f"{name}, records",
        metric=Metric(stream=initiative.stream, where=initiative.where, value="count(*)"),
        stream=initiative.stream,
        inputs=(),
        fields=frozenset(names_in(where, done)),
        field_units={},
        type=FieldType.INTEGER,
        unit=None,
        value_tree=read("count(*)", scope_of_aggregates(initiative.stream, stream), VALUE),
        where_tree=where,
    )
    counted = exp.Anonymous(this="count_if", expressions=[done])
    note_kind(counted, Kind(FieldType.INTEGER))
    return CompiledCompletion(initiative.stream, records, replace(records, name=f"{name}, done", value_tree=counted))


def _read(
    one: Initiative, part: str, text: str | None, stream: Stream, result: Result, problems: list[Problem]
) -> exp.Expr | None:
    if text is None:
        return None
    try:
        return read(text, scope_of_records(one.stream or "", stream), result)
    except Refused as refused:
        problems.append(Passage(text, str(one.place(part)), f"initiatives.{part}").problem(refused))
        return None
