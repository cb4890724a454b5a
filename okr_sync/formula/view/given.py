"""The last pass over a select: what it gives, as a relation that others may read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

from okr_sync.connector import Field
from okr_sync.formula.kinds import kind_of
from okr_sync.formula.over import Over, window_function
from okr_sync.formula.scope import name_of
from okr_sync.formula.view.fan_out import Grain, repeated_in
from okr_sync.formula.view.grouping import has_aggregates
from okr_sync.formula.view.joins import Ref, Rows, conjuncts, fixed_field, with_equals
from okr_sync.formula.view.query import SelectQuery, Source
from okr_sync.formula.view.relation import Key, Mark, Relation, field_of

_IN_SEVERAL_GROUPS = "groups are made by it, and one value of it may stand in several of them"
_MOST_KEYS = 8
"""Sets of fields that make a row unique, beyond which no more are looked for."""


def given_by(name: str, query: SelectQuery, rows: Rows, grain: Grain) -> Relation:
    """The fields of a select with their types, what makes its rows unique, and what must not be added up."""
    plain = _plain(query)
    keys = _group_keys(query) if query.is_grouped else _row_keys(query, rows, plain)
    described = {field.name: field.description for source in query.sources for field in source.relation.fields}
    fields = [field_of(one, kind_of(tree), _description(tree, described)) for one, tree in query.fields.items()]
    return Relation(
        name=name,
        fields=tuple(fields),
        key=_in_order(min(keys, key=len), fields) if keys else (),
        link=_link(query.sources, plain),
        keys=tuple(keys),
        marks=_marks(query, grain, plain),
        rows_repeat=None if query.is_grouped else grain.rows_repeat,
        starts_anew={} if query.is_grouped else _starts_anew(query, plain),
        is_view=True,
    )


def _description(tree: exp.Expr, described: Mapping[str, str]) -> str:
    return described.get(name_of(tree), "") if isinstance(tree, exp.Column) else ""


def _plain(query: SelectQuery) -> dict[Ref, str]:
    """The fields that the select hands on as they are, by where they come from: under which name."""
    return {(tree.table, name_of(tree)): name for name, tree in query.fields.items() if isinstance(tree, exp.Column)}


def _in_order(key: Key, fields: Sequence[Field]) -> tuple[str, ...]:
    return tuple(field.name for field in fields if field.name in key)


def _group_keys(query: SelectQuery) -> list[Key]:
    """What is grouped by is unique, if all of it is given; an aggregate without groups gives one row."""
    names: set[str] = set()
    for one in query.group:
        name = next((name for name, tree in query.fields.items() if tree == one), None)
        if name is None:
            return []
        names.add(name)
    return [frozenset(names)]


def _row_keys(query: SelectQuery, rows: Rows, plain: Mapping[Ref, str]) -> list[Key]:
    fixed = {ref for ref in map(fixed_field, conjuncts(query.where)) if ref is not None}
    found = (_named({*key} - fixed, rows, plain) for key in rows.keys[:_MOST_KEYS])
    return list(dict.fromkeys(key for key in found if key is not None))


def _named(refs: set[Ref], rows: Rows, plain: Mapping[Ref, str]) -> Key | None:
    """The names that the select gives to these fields, or to their equals; `None` if it leaves one out."""
    names = set()
    for ref in refs:
        name = next((plain[one] for one in sorted(with_equals({ref}, rows.same)) if one in plain), None)
        if name is None:
            return None
        names.add(name)
    return frozenset(names)


def _starts_anew(query: SelectQuery, plain: Mapping[Ref, str]) -> dict[str, Key]:
    found = {}
    for name, tree in query.fields.items():
        if isinstance(tree, Over) and tree.name.lower() == "row_number":
            parts = [_given_as(part, query, plain) for part in tree.args.get("partition_by") or ()]
            if all(part is not None for part in parts):
                found[name] = frozenset(part for part in parts if part is not None)
    for source in query.sources if len(query.sources) == 1 else ():
        for one, key in source.relation.starts_anew.items():
            refs = [plain.get((source.alias, part)) for part in (one, *sorted(key))]
            if all(ref is not None for ref in refs):
                found[str(refs[0])] = frozenset(str(ref) for ref in refs[1:])
    return found


def _given_as(tree: exp.Expr, query: SelectQuery, plain: Mapping[Ref, str]) -> str | None:
    if isinstance(tree, exp.Column):
        return plain.get((tree.table, name_of(tree)))
    return next((name for name, field in query.fields.items() if field == tree), None)


def _marks(query: SelectQuery, grain: Grain, plain: Mapping[Ref, str]) -> dict[str, Mark]:
    """What to know of the fields that are given: whether they repeat, and whether their side may be absent."""
    marks = {}
    for name, tree in query.fields.items():
        repeats = _repeats(tree, query, grain)
        present_if = None if query.is_grouped else _present_if(tree, grain, plain)
        if repeats or present_if:
            marks[name] = Mark(repeats, present_if)
    return marks


def _repeats(tree: exp.Expr, query: SelectQuery, grain: Grain) -> str | None:
    if query.is_grouped and not has_aggregates(tree):
        return (
            "groups are made by it, and one value of it may stand in several of them" if len(query.group) > 1 else None
        )
    shared = next((over for over in _overs(tree) if window_function(over).is_shared), None)
    if shared is not None:
        return f"{shared.name.lower()}(...) over (...) gives one number to many rows"
    column = None if query.is_grouped else repeated_in(tree, grain)
    return None if column is None else grain.mark_of(column).repeats


def _overs(tree: exp.Expr) -> Iterator[exp.Expr]:
    """The window functions that a tree hands on as they are, or adds up; not those it divides by."""
    if isinstance(tree, Over):
        yield tree
    elif isinstance(tree, (exp.Mul, exp.Div)):
        yield from _overs(tree.this)
    elif isinstance(tree, (exp.Add, exp.Sub, exp.Paren, exp.Neg, exp.Anonymous, exp.Case)):
        for part in tree.iter_expressions():
            yield from _overs(part)


def _present_if(tree: exp.Expr, grain: Grain, plain: Mapping[Ref, str]) -> str | None:
    """The field of this select that tells whether the joined side is there, or its name below."""
    marks = (grain.mark_of(column).present_if for column in tree.find_all(exp.Column))
    found = next((mark for mark in marks if mark is not None), None)
    if found is None:
        return None
    alias, _, name = found.rpartition(".")
    return plain.get((alias, name), name)


def _link(sources: Sequence[Source], plain: Mapping[Ref, str]) -> str | None:
    """The page of the first record whose link can be made from what the select hands on."""
    for source in sources:
        template = source.relation.link
        names = re.findall(r"\{(\w+)\}", template or "")
        given = {name: plain.get((source.alias, name)) for name in names}
        if template is not None and names and all(given.values()):
            return template.format_map({name: f"{{{one}}}" for name, one in given.items()})
    return None
