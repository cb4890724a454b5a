"""Whether a value is a total, made of counts and sums, or a level that has a height of its own: a rate, a mean."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from okr_sync.formula.compiled import CompiledMetric
from okr_sync.formula.units import is_written

_TOTALS = ("count", "count_if", "sum")
_KEEPING = ("coalesce", "round", "abs")
"""Functions of single values that leave a total one."""


def is_total(name: str, metrics: Mapping[str, CompiledMetric]) -> bool:
    """Whether the metric grows with every record it counts, by itself or through those it is made of."""
    return _adds_up(metrics[name].value_tree, metrics)


def accumulates(name: str, metrics: Mapping[str, CompiledMetric]) -> bool:
    """Whether it is a total that begins at 0 with every cycle: what it counts has its place in the cycle to date."""
    return is_total(name, metrics) and _begins_with_the_cycle(metrics[name], metrics)


def _begins_with_the_cycle(metric: CompiledMetric, metrics: Mapping[str, CompiledMetric]) -> bool:
    if metric.stream is None:
        return all(_begins_with_the_cycle(metrics[name], metrics) for name in metric.inputs)
    return metric.time_tree is not None and metric.window.kind == "cycle"


def _adds_up(node: exp.Expr, metrics: Mapping[str, CompiledMetric]) -> bool:
    if isinstance(node, exp.Column):
        return is_total(node.name, metrics)
    if isinstance(node, exp.Anonymous) and node.name.lower() in _TOTALS:
        return True
    parts = _parts(node)
    return bool(parts) and all(_adds_up(part, metrics) for part in parts)


def _parts(node: exp.Expr) -> list[exp.Expr]:
    """What must be totals for `node` to be one; nothing where no parts could make it one."""
    if isinstance(node, exp.Paren | exp.Neg):
        return [node.this]
    if isinstance(node, exp.Anonymous):
        return node.expressions[:1] if node.name.lower() in _KEEPING else []
    if isinstance(node, exp.Add | exp.Sub | exp.Mul):
        sides = [side for side in (node.left, node.right) if not is_written(side)]
        return sides if len(sides) == 1 or not isinstance(node, exp.Mul) else []
    return [node.left] if isinstance(node, exp.Div) and is_written(node.right) else []
