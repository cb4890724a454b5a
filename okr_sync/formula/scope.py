"""The third pass: what each name means here, and whether it may stand where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from okr_sync.connector import FieldType, Stream
from okr_sync.errors import nearest
from okr_sync.formula.functions import FUNCTIONS, INSTEAD, enclosing_aggregate
from okr_sync.formula.kinds import Kind, note_kind
from okr_sync.formula.lookup import Helpers
from okr_sync.formula.refusal import Refused


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a formula may use, and whether it looks at one record or at many."""

    names: Mapping[str, Kind]
    absent: str
    """How to say that a name is not there, before the name: `stream jira.issues has no field`."""
    is_open: bool = False
    """True while names may exist that nobody has listed yet."""
    is_aggregated: bool = False
    """True for a value over many records: fields stand inside aggregates. Else there are no aggregates."""
    no_aggregates: str = "this looks at one record at a time"
    """Why there are no aggregates."""
    helpers: Helpers | None = None
    """What functions may look into beside the records; `None` where they may not."""


def scope_of_records(name: str, stream: Stream, helpers: Helpers | None = None) -> Scope:
    """For formulas that look at one record of a stream: `where`, `time`."""
    names = {field.name: Kind(field.type, field.unit) for field in stream.fields}
    return Scope(names, f"stream {name} has no field", is_open=stream.is_open, helpers=helpers)


def scope_of_aggregates(name: str, stream: Stream, helpers: Helpers | None = None) -> Scope:
    """For the value of a metric over a stream."""
    return replace(scope_of_records(name, stream, helpers), is_aggregated=True)


def scope_of_metrics(metrics: Mapping[str, Kind]) -> Scope:
    """For formulas over the values of metrics."""
    reason = "without a stream a formula is made of other metrics; name the stream whose records this runs over"
    return Scope(metrics, "there is no metric", no_aggregates=reason)


def resolve(tree: exp.Expr, scope: Scope) -> exp.Expr:
    """The same tree, each name known, in its true spelling and with its kind.

    Raises:
        Refused: an unknown name, a field outside an aggregate, or an aggregate where there is none.
    """
    for node in tree.walk(bfs=False):
        if isinstance(node, exp.Column):
            _resolve_name(node, scope)
        elif isinstance(node, exp.Anonymous):
            _check_call(node, scope)
    return tree


def name_of(column: exp.Column) -> str:
    """The name that is meant: as in SQL, capital letters count only in double quotes."""
    identifier = column.this
    return str(identifier.name if identifier.quoted else identifier.name.lower())


def names_in(*trees: exp.Expr | None) -> tuple[str, ...]:
    """The names that formulas use, each once, in the order of their appearance."""
    columns = (column for tree in trees if tree is not None for column in tree.find_all(exp.Column, bfs=False))
    return tuple(dict.fromkeys(name_of(column) for column in columns))


def _check_call(call: exp.Anonymous, scope: Scope) -> None:
    function = FUNCTIONS[call.name.lower()]
    if function.is_aggregate and not scope.is_aggregated:
        raise Refused.at_name(call, f"{function.name} does not go here: {scope.no_aggregates}")
    if not function.is_lookup:
        return
    if scope.helpers is None:
        raise Refused.at_name(call, f"{function.name} goes in a metric over a stream, nowhere else")
    if scope.is_aggregated and enclosing_aggregate(call) is None:
        message = f"{function.name} takes values of single records; write it inside an aggregate"
        raise Refused.at_name(call, f"{message}, such as avg({function.name}(...))")
    scope.helpers.check(call)


def _resolve_name(column: exp.Column, scope: Scope) -> None:
    name = name_of(column)
    if name not in scope.names and not scope.is_open:
        hint = f"; {INSTEAD[name]}" if name in INSTEAD else nearest(name, scope.names)
        raise Refused.at(column, f"{scope.absent} {name!r}{hint}")
    if scope.is_aggregated and enclosing_aggregate(column) is None:
        example = f"count({name}) or last({name}, a_time)"
        raise Refused.at(column, f"{name!r} differs from record to record; write an aggregate such as {example}")
    column.set("this", exp.to_identifier(name, quoted=True).update_positions(column.this))
    note_kind(column, scope.names.get(name, Kind(FieldType.UNKNOWN)))
