"""Whether a value is a part of a whole, which nothing can take below 0 or above 1."""

from __future__ import annotations

from sqlglot import exp

from okr_sync.formula.compiled import CompiledMetric


def is_share(metric: CompiledMetric) -> bool:
    """True of `share(c)`, of `count_if(c) / count(*)`, and of things counted where c, by the same things counted."""
    tree = metric.value_tree.unnest()
    if _is_call(tree, "share"):
        return True
    return isinstance(tree, exp.Div) and _is_part(tree.left.unnest(), tree.right.unnest())


def _is_part(part: exp.Expr, whole: exp.Expr) -> bool:
    if not _is_call(whole, "count"):
        return False
    if _is_call(part, "count_if"):
        return isinstance(whole.expressions[0], exp.Star)
    return _is_call(part, "count") and _without_condition(part.expressions[0]) == whole.expressions[0]


def _without_condition(counted: exp.Expr) -> exp.Expr | None:
    """x of `case when c then x end`, distinct where it is; None for anything else."""
    if isinstance(counted, exp.Distinct):
        inner = _without_condition(counted.expressions[0])
        return None if inner is None else exp.Distinct(expressions=[inner.copy()])
    if not isinstance(counted, exp.Case) or counted.args.get("default") is not None or len(counted.args["ifs"]) != 1:
        return None
    found: exp.Expr = counted.args["ifs"][0].args["true"]
    return found


def _is_call(node: exp.Expr, name: str) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() == name
