"""The third pass: which field of which relation each name means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.errors import nearest
from okr_sync.formula.functions import FUNCTIONS, INSTEAD
from okr_sync.formula.kinds import Kind, note_kind
from okr_sync.formula.refusal import Refused
from okr_sync.formula.scope import name_of
from okr_sync.formula.view.query import Source
from okr_sync.formula.view.relation import Relation, kind_of_field

ONE_ROW = "this looks at one row at a time; to pick groups write having"


def resolve_columns(tree: exp.Expr, sources: Sequence[Source], no_aggregates: str | None = None) -> None:
    """Note the relation, the true spelling and the kind of every name in `tree`.

    Raises:
        Refused: a name that no relation has, or several have; an aggregate where `no_aggregates` says why not; a
            function that looks up something beside the records.
    """
    for node in list(tree.find_all(exp.Column, exp.Anonymous)):
        if isinstance(node, exp.Column):
            _resolve(node, sources)
        else:
            _check_call(node, no_aggregates)


def expand_names(tree: exp.Expr, fields: Mapping[str, exp.Expr], sources: Sequence[Source]) -> exp.Expr:
    """`group by month` and `having n > 2` may name fields of the select: what these stand for takes their place.

    Raises:
        Refused: the name is a field of a relation as well, and means something else there.
    """
    return tree.transform(lambda node: _expanded(node, fields, sources))


def _expanded(node: exp.Expr, fields: Mapping[str, exp.Expr], sources: Sequence[Source]) -> exp.Expr:
    if not isinstance(node, exp.Column) or node.args.get("table") is not None:
        return node
    name = name_of(node)
    if name not in fields or name_of_plain(fields[name]) == name:
        return node
    whose = next((source for source in sources if source.relation.field(name) is not None), None)
    if whose is not None:
        message = f"{name!r} is a field of {whose.relation.title} and a name of this select; give it another name here"
        raise Refused.at(node, message)
    meant = fields[name].copy()
    return exp.paren(meant, copy=False) if isinstance(meant, exp.Binary) and node.parent is not None else meant


def spelled(identifier: exp.Expr) -> str:
    """A name as it is meant: as in SQL, capital letters count only in double quotes."""
    return str(identifier.name if identifier.args.get("quoted") else identifier.name.lower())


def name_of_plain(tree: exp.Expr) -> str | None:
    """The field's name where the tree is a field and nothing else."""
    return name_of(tree) if isinstance(tree, exp.Column) else None


def _check_call(call: exp.Expr, no_aggregates: str | None) -> None:
    function = FUNCTIONS[call.name.lower()]
    if function.is_aggregate and no_aggregates is not None:
        raise Refused.at_name(call, f"{function.name} does not go here: {no_aggregates}")
    if function.is_lookup:
        hint = "give the fields it takes, and write it in a metric over the view"
        raise Refused.at_name(call, f"{function.name} goes in a metric's formulas, not in a view; {hint}")


def _resolve(column: exp.Column, sources: Sequence[Source]) -> None:
    name = name_of(column)
    source = _named(column, sources) if column.args.get("table") is not None else _having(column, name, sources)
    field = source.relation.field(name)
    if field is None and not source.relation.is_open:
        raise Refused.at(column, f"{source.relation.title} has no field {name!r}{_hint(name, source.relation)}")
    for part in ("db", "catalog"):
        column.set(part, None)
    column.set("this", exp.to_identifier(name, quoted=True).update_positions(column.this))
    alias = exp.to_identifier(source.alias, quoted=True)
    column.set("table", alias.update_positions(column.args["table"]) if column.args.get("table") else alias)
    note_kind(column, Kind(FieldType.UNKNOWN) if field is None else kind_of_field(field))


def _named(column: exp.Column, sources: Sequence[Source]) -> Source:
    qualifier = ".".join(spelled(part) for part in column.parts[:-1])
    for source in sources:
        if qualifier in (source.alias, source.name):
            return source
    known = [source.alias for source in sources]
    raise Refused.at(column, f"nothing after from or join is called {qualifier!r}{nearest(qualifier, known)}")


def _having(column: exp.Column, name: str, sources: Sequence[Source]) -> Source:
    """The one relation that has a field of this name."""
    if len(sources) == 1:
        return sources[0]
    found = [source for source in sources if source.relation.field(name) is not None]
    maybe = [source for source in sources if source.relation.is_open]
    if len(found) == 1 and all(source is found[0] for source in maybe):
        return found[0]
    if not found and not maybe:
        known = [field.name for source in sources for field in source.relation.fields]
        raise Refused.at(column, f"no relation of this select has a field {name!r}{nearest(name, known)}")
    *others, last = [f"{source.alias}.{name}" for source in sources if source in found or source in maybe]
    which = f"{', '.join(others)} or {last}" if others else last
    raise Refused.at(column, f"{name!r} may belong to several relations here; write {which}")


def _hint(name: str, relation: Relation) -> str:
    return f"; {INSTEAD[name]}" if name in INSTEAD else nearest(name, [field.name for field in relation.fields])
