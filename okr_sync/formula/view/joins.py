"""Which rows a join repeats, and what makes a row of the result unique.

A row of one side is repeated where the equalities of the join do not cover a key of the other side: then several rows
over there may meet it. A side whose key nobody knows counts as if several rows met.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.formula.kinds import TIMES, kind_of
from okr_sync.formula.refusal import Refused
from okr_sync.formula.scope import name_of
from okr_sync.formula.view.query import Source
from okr_sync.formula.view.relation import NO_MARK, Mark

Ref = tuple[str, str]
"""A field of a relation of the select: its alias and its name."""
RowKey = frozenset[Ref]


@dataclass(slots=True)
class Rows:
    """The rows that the relations of a select give together."""

    keys: list[RowKey]
    repeats: dict[str, str] = field(default_factory=dict)
    """By alias of a relation whose rows stand several times: why."""
    optional: dict[str, str] = field(default_factory=dict)
    """By alias of a relation that gives the rows although a left join lets some rows be without it: a field of it that
    every record has."""
    same: list[tuple[Ref, Ref]] = field(default_factory=list)
    """Fields that inner joins make equal."""
    fixed: set[Ref] = field(default_factory=set)

    def mark(self, source: Source, name: str) -> Mark:
        own = source.relation.mark(name)
        repeats = own.repeats or self.repeats.get(source.alias)
        present_if = self.optional.get(source.alias) or own.present_if
        return Mark(repeats, present_if) if repeats or present_if else NO_MARK


def join_rows(sources: Sequence[Source], fixed: Iterable[Ref] = ()) -> Rows:
    """Follow the joins from the first relation on. `fixed` are the fields that `where` holds to one constant.

    Raises:
        Refused: a join without an equality between its sides.
    """
    first, *others = sources
    rows = Rows(_keys(first, set(fixed)), fixed=set(fixed))
    before = [first]
    for source in others:
        _join(rows, before, source)
        before.append(source)
    return rows


def _keys(source: Source, fixed: set[Ref]) -> list[RowKey]:
    """What makes a row of it unique: `place = 1` over a numbering that starts anew for each client leaves one each."""
    numbered = [key for name, key in source.relation.starts_anew.items() if (source.alias, name) in fixed]
    return [frozenset((source.alias, name) for name in key) for key in (*source.relation.keys, *numbered)]


def _join(rows: Rows, before: Sequence[Source], source: Source) -> None:
    """Take in one more relation."""
    pairs = _equalities(source)
    fixed = _fixed(source) | rows.fixed
    keys = _keys(source, fixed)
    here = {ref for _, ref in pairs if ref is not None} | fixed
    there = with_equals({ref for ref, _ in pairs if ref is not None} | rows.fixed, rows.same)
    is_one = any(key <= here for key in keys)
    was_one = any(key <= there for key in rows.keys)
    if not is_one:
        for other in before:
            rows.repeats.setdefault(other.alias, _reason(other.alias, source.alias))
    if not was_one:
        nearest = before[0] if len(before) == 1 else next(one for one in before if one.alias in _aliases(source.on))
        rows.repeats.setdefault(source.alias, _reason(source.alias, nearest.alias))
    if source.is_optional and not is_one:
        known = source.relation.key or [name for _, name in sorted(here)] or ["a_field"]
        rows.optional[source.alias] = f"{source.alias}.{known[0]}"
    both = [mine | theirs for mine in rows.keys for theirs in keys]
    kept = rows.keys if is_one else []
    gained = keys if was_one and not source.is_optional else []
    rows.keys = [*kept, *gained] or both
    if not source.is_optional:
        rows.same += [(left, right) for left, right in pairs if left is not None and right is not None]


def _reason(repeated: str, by: str) -> str:
    return f"a row of {repeated} stands there once for each row of {by} that it meets"


def _equalities(source: Source) -> list[tuple[Ref | None, Ref | None]]:
    """The equalities that join: the field on the other side and the one on this, `None` for what is no plain field."""
    assert source.on is not None  # noqa: S101 - the shape was checked
    pairs = []
    for part in _conjuncts(source.on):
        bare = part.unnest()
        if not isinstance(bare, exp.EQ):
            continue
        mine = [side for side in (bare.left, bare.right) if _aliases(side) == {source.alias}]
        others = [side for side in (bare.left, bare.right) if _aliases(side) and source.alias not in _aliases(side)]
        if len(mine) == 1 and len(others) == 1:
            pairs.append((_exact(others[0], mine[0]), _exact(mine[0], others[0])))
    if not pairs:
        message = (
            f"a join needs an equality between {source.alias} and what stands before: on {source.alias}.x = other.y"
        )
        raise Refused.at(source.on, message)
    return pairs


def _exact(side: exp.Expr, other: exp.Expr) -> Ref | None:
    """The field that equals one value of the other side; an instant compared by its day is equal to many."""
    bare = side.unnest()
    if not isinstance(bare, exp.Column):
        return None
    by_days = {kind_of(side).type, kind_of(other).type} >= set(TIMES)
    if by_days and kind_of(side).type is FieldType.TIMESTAMP:
        return None
    return bare.table, name_of(bare)


def _fixed(source: Source) -> set[Ref]:
    """The fields of this side that the join holds to one constant."""
    parts = [] if source.on is None else _conjuncts(source.on)
    return {ref for ref in map(fixed_field, parts) if ref is not None and ref[0] == source.alias}


def fixed_field(condition: exp.Expr) -> Ref | None:
    """The field that a condition `field = constant` holds to one value."""
    bare = condition.unnest()
    if not isinstance(bare, exp.EQ):
        return None
    for side, other in ((bare.left, bare.right), (bare.right, bare.left)):
        if isinstance(side, exp.Column) and isinstance(other, exp.Literal):
            return _exact(side, other)
    return None


def conjuncts(tree: exp.Expr | None) -> list[exp.Expr]:
    """The conditions that must all hold."""
    return [] if tree is None else _conjuncts(tree)


def _conjuncts(tree: exp.Expr) -> list[exp.Expr]:
    bare = tree.unnest()
    return [one for part in bare.flatten() for one in _conjuncts(part)] if isinstance(bare, exp.And) else [tree]


def _aliases(tree: exp.Expr | None) -> set[str]:
    return set() if tree is None else {column.table for column in tree.find_all(exp.Column)}


def with_equals(refs: Iterable[Ref], same: Sequence[tuple[Ref, Ref]]) -> set[Ref]:
    found = set(refs)
    while True:
        more = {b for a, b in same if a in found} | {a for a, b in same if b in found}
        if more <= found:
            return found
        found |= more
