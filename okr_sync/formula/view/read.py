"""The passes over one select in their order, and over those inside of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from okr_sync.formula.refusal import Refused
from okr_sync.formula.scope import name_of
from okr_sync.formula.view.absence import is_never_true
from okr_sync.formula.view.fan_out import Grain, refuse_fan_out
from okr_sync.formula.view.given import given_by
from okr_sync.formula.view.grouping import check_grouped
from okr_sync.formula.view.joins import Rows, conjuncts, fixed_field, join_rows
from okr_sync.formula.view.names import ONE_ROW, expand_names, spelled
from okr_sync.formula.view.query import Query, SelectQuery, Source, UnionQuery
from okr_sync.formula.view.relation import Mark, Relation
from okr_sync.formula.view.shape import check_table
from okr_sync.formula.view.typed import typed_condition, typed_value
from okr_sync.formula.view.union import given_by_both
from okr_sync.formula.view.unknown import unknown_relation
from okr_sync.formula.view.written import fields_as_written


@dataclass(frozen=True, slots=True)
class Around:
    """What a select may read."""

    relations: Mapping[str, Relation]
    """Streams, their versions and views."""
    inner: Mapping[str, tuple[Query, Relation]] = field(default_factory=dict)
    """What `with` names."""


def read_query(name: str, tree: exp.Expr, around: Around) -> tuple[Query, Relation]:
    """A tree of the right shape -> the query with everything in it known, and what it gives.

    Raises:
        Refused: the first thing in it that a view may not hold.
    """
    around = _with_inner(tree, around)
    if isinstance(tree, exp.Subquery):
        return read_query(name, tree.this, around)
    if isinstance(tree, exp.Union):
        return _read_union(name, tree, around)
    assert isinstance(tree, exp.Select)  # noqa: S101 - the shape was checked
    return _read_select(name, tree, around)


def _with_inner(tree: exp.Expr, around: Around) -> Around:
    with_ = tree.args.get("with_")
    if with_ is None:
        return around
    for one in with_.expressions:
        name = one.args["alias"].this.name
        if name in around.inner or name in around.relations:
            raise Refused.at(one.args["alias"], f"there is a {name!r} already; choose another name")
        if one.args["alias"].args.get("columns"):
            raise Refused.at(one.args["alias"], "name the fields in the select itself: select x as a_name")
        around = replace(around, inner={**around.inner, name: read_query(name, one.this, around)})
    return around


def _read_union(name: str, union: exp.Union, around: Around) -> tuple[Query, Relation]:
    sides = [read_query(name, side, around) for side in (union.this, union.expression)]
    (_, first), (_, second) = sides
    return UnionQuery(tuple(query for query, _ in sides)), given_by_both(name, first, second, union.expression)


def _read_select(name: str, select: exp.Select, around: Around) -> tuple[Query, Relation]:
    sources = _sources(select, around)
    written = fields_as_written(select, sources)
    where, group, having = (select.args.get(part) for part in ("where", "group", "having"))
    groups = [expand_names(one, written, sources) for one in (group.expressions if group is not None else ())]
    picks = None if having is None else expand_names(having.this, written, sources)
    for place, source in enumerate(sources):
        if source.on is not None:
            typed_condition(source.on, sources[: place + 1], "on", "this looks at two rows at a time")
    query = SelectQuery(
        sources=tuple(sources),
        where=None if where is None else typed_condition(where.this, sources, "where", ONE_ROW),
        fields={one: typed_value(tree, sources) for one, tree in written.items()},
        group=tuple(typed_value(one, sources, "groups are made of single values") for one in groups),
        having=None if picks is None else typed_condition(picks, sources, "having"),
    )
    rows, grain = _rows(query)
    if query.is_grouped:
        for tree in query.of_rows():
            check_grouped(tree, query.group)
    refuse_fan_out(query.of_rows(), grain)
    return query, given_by(name, query, rows, grain)


def _sources(select: exp.Select, around: Around) -> list[Source]:
    tables = [(select.args["from_"].this, None)]
    tables += [(join.this, join) for join in select.args.get("joins") or ()]
    sources: list[Source] = []
    for table, join in tables:
        check_table(table)
        source = _source(table, join, around)
        if any(source.alias == other.alias for other in sources):
            message = f"two relations are called {source.alias!r} here; give one another name: ... as other"
            raise Refused.at(table, message)
        sources.append(source)
    return sources


def _source(table: exp.Expr, join: exp.Join | None, around: Around) -> Source:
    alias = table.args.get("alias")
    own = None if alias is None else alias.this
    on = None if join is None else join.args["on"]
    is_optional = join is not None and join.side == "LEFT"
    if isinstance(table, exp.Subquery):
        assert own is not None  # noqa: S101 - the shape was checked
        query, relation = read_query(spelled(own), table.this, around)
        return Source(spelled(own), relation, None, query, is_optional, on)
    name = _name_in(table)
    short = spelled(own) if own is not None else name.rpartition(".")[2]
    if name in around.inner:
        query, relation = around.inner[name]
        return Source(short, relation, None, query, is_optional, on)
    if name not in around.relations:
        raise Refused.at(table, unknown_relation(name, around.relations, around.inner))
    return Source(short, around.relations[name], name, None, is_optional, on)


def _name_in(table: exp.Expr) -> str:
    """`jira.issues`, as it is written after from or join."""
    alias = table.args.get("alias")
    parts = [part for part in table.find_all(exp.Identifier) if alias is None or part.parent is not alias]
    return ".".join(spelled(part) for part in sorted(parts, key=lambda part: int(part.meta.get("start", 0))))


def _rows(query: SelectQuery) -> tuple[Rows, Grain]:
    """What the joins make of the rows; `where` may take out again what a left join kept."""
    fixed = [ref for ref in map(fixed_field, conjuncts(query.where)) if ref is not None]
    rows = join_rows(query.sources, fixed)
    by_alias = {source.alias: source for source in query.sources}

    def mark_of(column: exp.Column) -> Mark:
        return rows.mark(by_alias[column.table], name_of(column))

    if query.where is not None and rows.optional and is_never_true(query.where, lambda one: mark_of(one).present_if):
        rows.optional.clear()
    first = query.sources[0]
    rows_repeat = rows.repeats.get(first.alias) or first.relation.rows_repeat
    return rows, Grain(mark_of, rows_repeat, _instead(query.sources, rows))


def _instead(sources: Sequence[Source], rows: Rows) -> str:
    first = sources[0]
    key = first.relation.key[0] if first.relation.key else "a_field"
    own = next((one for one in sources if one.alias not in rows.repeats and one.relation.key), None)
    of_own = "" if own is None else f", or count({own.alias}.{own.relation.key[0]}) for the rows of {own.alias}"
    return f"write count(distinct {first.alias}.{key}) for those of {first.alias}{of_own}"
