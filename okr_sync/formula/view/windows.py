"""The fourth pass: window functions exist, have what they need, and stand in no other function."""

from __future__ import annotations

from sqlglot import exp

from okr_sync.errors import nearest
from okr_sync.formula.functions import enclosing_aggregate
from okr_sync.formula.over import WINDOW_FUNCTIONS, Over
from okr_sync.formula.refusal import Refused


def check_windows(tree: exp.Expr) -> None:
    """Raises Refused: a window function of `tree` that does not exist, or is used in a way it does not have."""
    for node in tree.find_all(Over):
        _check_over(node)


def _check_over(node: exp.Expr) -> None:
    name = node.name.lower()
    function = WINDOW_FUNCTIONS.get(name)
    if function is None:
        raise Refused.at_name(node, f"there is no window function {name!r}{nearest(name, WINDOW_FUNCTIONS)}")
    given = len(node.expressions)
    if not function.fewest <= given <= len(function.parameters):
        raise Refused.at(node, f"write {function.signature}; this has {given} argument{'' if given == 1 else 's'}")
    if function.needs_order and not node.args.get("order"):
        raise Refused.at_name(node, f"{name} needs an order: {name}(...) over (partition by a order by b)")
    if node.find_ancestor(Over) or enclosing_aggregate(node):
        raise Refused.at_name(
            node, f"{name} over (...) stands inside of another function; give it a name in a view below"
        )
    for ordered in node.args.get("order") or ():
        if ordered.args.get("nulls_first"):
            raise Refused.at(ordered, "what is unknown comes last in every order; leave 'nulls first' out")
