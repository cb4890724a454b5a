"""Which metrics are totals of a cycle: they begin at nothing when it begins, and add up what happens in it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from okr_sync.formula.compiled import CompiledMetric

_ADD_UP = ("count", "count_if", "sum")
_AS_ITS_FIRST = ("coalesce", "round")
"""Calls that give a total where their first argument is one and the others are written out."""


def is_total(name: str, metrics: Mapping[str, CompiledMetric]) -> bool:
    """Whether the metric counts or sums up from the start of the cycle, or is made of such metrics by adding,
    subtracting and scaling. A ratio, a mean, or what looks back further, is a level: it may begin anywhere."""
    metric = metrics[name]
    if metric.stream is not None and (metric.time_tree is None or metric.window.kind != "cycle"):
        return False
    return _adds_up(metric.value_tree, metrics)


def _adds_up(node: exp.Expr, metrics: Mapping[str, CompiledMetric]) -> bool:
    if isinstance(node, exp.Paren | exp.Neg):
        return _adds_up(node.this, metrics)
    if isinstance(node, exp.Add | exp.Sub):
        return _adds_up(node.left, metrics) and _adds_up(node.right, metrics)
    if isinstance(node, exp.Mul) and isinstance(node.left, exp.Literal):
        return _adds_up(node.right, metrics)
    if isinstance(node, exp.Mul | exp.Div):
        return isinstance(node.right, exp.Literal) and _adds_up(node.left, metrics)
    if isinstance(node, exp.Anonymous):
        first, *others = node.expressions or [None]
        is_scaled = node.name.lower() in _AS_ITS_FIRST and all(isinstance(one, exp.Literal) for one in others)
        return node.name.lower() in _ADD_UP or (is_scaled and _adds_up(first, metrics))
    return isinstance(node, exp.Column) and node.name in metrics and is_total(node.name, metrics)
