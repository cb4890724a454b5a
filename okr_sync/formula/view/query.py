"""A select that was read: what it takes from where, and what it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from okr_sync.formula.scope import name_of
from okr_sync.formula.view.grouping import has_aggregates
from okr_sync.formula.view.relation import Relation


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What stands after `from` or `join`: a relation by its name, or a select in parentheses."""

    alias: str
    relation: Relation
    name: str | None = None
    """The stream, its versions or the view; `None` for a select inside of this one."""
    inner: Query | None = None
    is_optional: bool = False
    on: exp.Expr | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True, eq=False)
class SelectQuery:
    """One select, each of its trees checked, resolved and typed."""

    sources: tuple[Source, ...]
    fields: Mapping[str, exp.Expr] = field(repr=False)
    """The trees of the fields that it gives, by name."""
    where: exp.Expr | None = field(repr=False, default=None)
    group: tuple[exp.Expr, ...] = field(repr=False, default=())
    having: exp.Expr | None = field(repr=False, default=None)

    @property
    def is_grouped(self) -> bool:
        """Whether it makes one row of many: by groups, or one of all."""
        return bool(self.group) or self.having is not None or any(map(has_aggregates, self.fields.values()))

    def of_rows(self) -> list[exp.Expr]:
        """The trees that are computed from the rows that `where` picks, where these are grouped: from the groups."""
        return [*self.fields.values(), *([] if self.having is None else [self.having])]

    def trees(self) -> Iterator[exp.Expr]:
        """All of them, those of the joins included."""
        joins = [source.on for source in self.sources]
        for tree in (*joins, *self.fields.values(), self.where, *self.group, self.having):
            if tree is not None:
                yield tree


@dataclass(frozen=True, slots=True, eq=False)
class UnionQuery:
    parts: tuple[Query, ...]


Query = SelectQuery | UnionQuery


def reads(query: Query) -> dict[str, set[str]]:
    """By the name of each stream, versions or view that the query and those inside of it read: the fields."""
    found: dict[str, set[str]] = {}
    if isinstance(query, UnionQuery):
        for part in query.parts:
            _add(found, reads(part))
        return found
    names = {source.alias: source.name for source in query.sources}
    for source in query.sources:
        if source.inner is not None:
            _add(found, reads(source.inner))
        elif source.name is not None:
            found.setdefault(source.name, set())
    for tree in query.trees():
        for column in tree.find_all(exp.Column):
            name = names[column.table]
            if name is not None:
                found[name].add(name_of(column))
    return found


def _add(found: dict[str, set[str]], more: Mapping[str, set[str]]) -> None:
    for name, fields in more.items():
        found.setdefault(name, set()).update(fields)


def given_names(query: Query) -> tuple[str, ...]:
    """The names of the fields that the query gives, in their order."""
    return given_names(query.parts[0]) if isinstance(query, UnionQuery) else tuple(query.fields)
