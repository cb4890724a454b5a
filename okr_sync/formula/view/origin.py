"""Which fields of streams the fields of views are, where a view passes them on as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from okr_sync.formula.compared import comparisons
from okr_sync.formula.scope import name_of
from okr_sync.formula.view.compile import CompiledView
from okr_sync.formula.view.query import Query, UnionQuery, given_names
from okr_sync.formula.view.relation import versions_below

Origin = tuple[str, str]
"""A stream and its field."""


def origins(relation: str, field: str, views: Mapping[str, CompiledView]) -> set[Origin]:
    """The fields of streams that a field of a stream, of its versions or of a view is; none where it is computed."""
    if relation not in views:
        return {(versions_below(relation) or relation, field)}
    return {one for each in _given(views[relation].query, field) for one in origins(*each, views)}


def compared_by(view: CompiledView, views: Mapping[str, CompiledView]) -> frozenset[tuple[str, str, str]]:
    """The streams' fields that a view's own select compares with something written out, and with what."""
    return frozenset(
        (*origin, text) for relation, field, text in _compared(view.query) for origin in origins(relation, field, views)
    )


def _given(query: Query, field: str) -> Iterator[Origin]:
    """The field of what the query reads that its own `field` is, by the relation's name."""
    if isinstance(query, UnionQuery):
        position = given_names(query).index(field)
        for part in query.parts:
            yield from _given(part, given_names(part)[position])
        return
    tree = query.fields.get(field)
    if isinstance(tree, exp.Column):
        yield from _meant(query, tree)


def _meant(query: Query, column: exp.Column) -> Iterator[Origin]:
    assert not isinstance(query, UnionQuery)  # noqa: S101 - its parts have columns, it has none
    source = next(one for one in query.sources if one.alias == column.table)
    if source.inner is not None:
        yield from _given(source.inner, name_of(column))
    elif source.name is not None:
        yield source.name, name_of(column)


def _compared(query: Query) -> Iterator[tuple[str, str, str]]:
    if isinstance(query, UnionQuery):
        for part in query.parts:
            yield from _compared(part)
        return
    for source in query.sources:
        if source.inner is not None:
            yield from _compared(source.inner)
    for tree in query.trees():
        for column, text in comparisons(tree):
            for relation, field in _meant(query, column):
                yield relation, field, text
