"""The fifth pass: in a select with groups, whatever differs from row to row stands inside of an aggregate."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from okr_sync.formula.functions import FUNCTIONS
from okr_sync.formula.refusal import Refused
from okr_sync.formula.scope import name_of


def has_aggregates(tree: exp.Expr) -> bool:
    return any(_is_aggregate(call) for call in tree.find_all(exp.Anonymous))


def check_grouped(tree: exp.Expr, group: Sequence[exp.Expr]) -> None:
    """Refuse a field that is neither grouped by nor inside of an aggregate.

    Raises:
        Refused: the first of them.
    """
    if tree in group or _is_aggregate(tree):
        return
    if isinstance(tree, exp.Column):
        name = name_of(tree)
        where = "add it to group by" if group else "add group by"
        message = f"{name!r} differs from row to row of a group; {where}, or write an aggregate such as max({name})"
        raise Refused.at(tree, message)
    for part in tree.iter_expressions():
        check_grouped(part, group)


def _is_aggregate(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and FUNCTIONS[node.name.lower()].is_aggregate
