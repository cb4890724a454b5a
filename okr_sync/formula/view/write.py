"""A select that was read -> a standard SQL query, by sqlglot expressions.

Beside its fields every relation has two columns of its own: the key that tells its rows apart, and since when we know
the latest of the versions that a row rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlglot import exp
from sqlglot.expressions import DType

from okr_sync.formula.lower import lower
from okr_sync.formula.view.query import Query, SelectQuery, Source, UnionQuery, given_names, reads
from okr_sync.formula.write import KEY_COLUMN, key_column

KNOWN_COLUMN = "_known_from"
_SEPARATOR = " | "
"""Between the keys of the rows that a join takes together."""

RelationOf = Callable[[str, frozenset[str]], exp.Expr]
"""From the name of a stream, its versions or a view, and the fields that are read: what stands after FROM."""


def write_query(query: Query, as_of: exp.Expr, relation_of: RelationOf) -> exp.Query:
    """The query for the instant `as_of`, over relations as `relation_of` writes them."""
    if isinstance(query, UnionQuery):
        return _union(query, as_of, relation_of)
    select = exp.Select(
        expressions=[
            *(_named(lower(tree, as_of), name) for name, tree in query.fields.items()),
            _named(_of_group(query, exp.Min, _row_key(query.sources)), KEY_COLUMN),
            _named(_of_group(query, exp.Max, _known(query.sources)), KNOWN_COLUMN),
        ]
    )
    first, *others = query.sources
    select.set("from_", exp.From(this=_relation(first, query, as_of, relation_of)))
    select.set("joins", [_join(one, query, as_of, relation_of) for one in others])
    if query.where is not None:
        select.set("where", exp.Where(this=lower(query.where, as_of)))
    if query.group:
        select.set("group", exp.Group(expressions=[lower(one, as_of) for one in query.group]))
    if query.having is not None:
        select.set("having", exp.Having(this=lower(query.having, as_of)))
    _break_ties(select, query)
    return select


def _union(query: UnionQuery, as_of: exp.Expr, relation_of: RelationOf) -> exp.Query:
    """The rows of both sides, with keys that tell the sides apart."""
    first, second = (
        _side(number, part, write_query(part, as_of, relation_of)) for number, part in enumerate(query.parts)
    )
    return exp.Union(this=first, expression=second, distinct=False)


def _side(number: int, query: Query, written: exp.Query) -> exp.Select:
    key = _keys_of([exp.Literal.string(str(number)), key_column()])
    return exp.Select(
        expressions=[
            *(exp.column(name, quoted=True) for name in given_names(query)),
            _named(key, KEY_COLUMN),
            exp.column(KNOWN_COLUMN, quoted=True),
        ],
        from_=exp.From(this=exp.Subquery(this=written, alias=exp.TableAlias(this=exp.to_identifier("side")))),
    )


def _relation(source: Source, query: SelectQuery, as_of: exp.Expr, relation_of: RelationOf) -> exp.Expr:
    alias = exp.to_identifier(source.alias, quoted=True)
    if source.inner is not None:
        return exp.Subquery(this=write_query(source.inner, as_of, relation_of), alias=exp.TableAlias(this=alias))
    assert source.name is not None  # noqa: S101 - a source is one of the two
    table = relation_of(source.name, frozenset(reads(query).get(source.name, ())))
    if isinstance(table, exp.Query):
        table = exp.Subquery(this=table)
    table.set("alias", exp.TableAlias(this=alias))
    return table


def _join(source: Source, query: SelectQuery, as_of: exp.Expr, relation_of: RelationOf) -> exp.Expr:
    assert source.on is not None  # noqa: S101 - the shape was checked
    return exp.Join(
        this=_relation(source, query, as_of, relation_of),
        side="LEFT" if source.is_optional else None,
        on=lower(source.on, as_of),
    )


def _named(value: exp.Expr, name: str) -> exp.Expr:
    return exp.Alias(this=value, alias=exp.to_identifier(name, quoted=True))


def _of_group(query: SelectQuery, kind: type[exp.Min | exp.Max], value: exp.Expr) -> exp.Expr:
    """Groups share no row, so that the least key of each is its own."""
    return kind(this=value) if query.is_grouped else value


def _row_key(sources: Sequence[Source]) -> exp.Expr:
    return _keys_of([_key(one) for one in sources])


def _key(source: Source) -> exp.Expr:
    key = key_column(source.alias)
    return _text(exp.Coalesce(this=key, expressions=[exp.Literal.string("")])) if source.is_optional else key


def _keys_of(keys: Iterable[exp.Expr]) -> exp.Expr:
    """One text from several: rows of a join are told apart by all of their keys."""
    first, *others = keys
    for key in others:
        both = exp.DPipe(this=first, expression=exp.Literal.string(_SEPARATOR))
        first = _text(exp.DPipe(this=both, expression=key))
    return first


def _text(node: exp.Expr) -> exp.Expr:
    """Said of what a dialect may have to order."""
    node.type = DType.VARCHAR
    return node


def _known(sources: Sequence[Source]) -> exp.Expr:
    first, *others = [exp.column(KNOWN_COLUMN, table=one.alias, quoted=True) for one in sources]
    return exp.Greatest(this=first, expressions=others, ignore_nulls=True) if others else first


def _break_ties(select: exp.Select, query: SelectQuery) -> None:
    """The key that decides between equals is that of the row; between groups, that of the group."""
    for column in list(select.find_all(exp.Column)):
        if column.name != KEY_COLUMN or column.table or column.find_ancestor(exp.Select) is not select:
            continue
        key = _row_key(query.sources)
        is_of_group = query.is_grouped and isinstance(column.parent, exp.Ordered)
        column.replace(_text(exp.Min(this=key)) if is_of_group else key)
