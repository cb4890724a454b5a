"""What a value is made of, for whoever follows it through time: sums that add up, and quotients of them.

A count or a sum adds up: over two sets of records it is the sum of both. So does a sum, a difference or a multiple of
such values. A share, a mean and one such value divided by another are quotients. Nothing else is taken apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.formula.compiled import CompiledMetric
from okr_sync.formula.kinds import Kind, note_kind


@dataclass(frozen=True, slots=True)
class Term:
    """A metric over a stream whose value adds up, and how often it counts."""

    factor: float
    metric: CompiledMetric

    def times(self, factor: float) -> Term:
        return Term(self.factor * factor, self.metric)


Sum = tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """A sum, or a quotient where `under` holds anything, times a factor."""

    over: Sum
    under: Sum = ()
    factor: float = 1.0

    @property
    def terms(self) -> Sum:
        return (*self.over, *self.under)

    @property
    def is_count(self) -> bool:
        """Whether it counts records, and adds up nothing else."""
        trees = [term.metric.value_tree for term in self.over]
        calls = [call.name.lower() for tree in trees for call in tree.find_all(exp.Anonymous)]
        are_whole = all(term.factor == 1 and term.metric.type is FieldType.INTEGER for term in self.over)
        is_multiplied = self.factor != 1 or any(tree.find(exp.Mul, exp.Div) for tree in trees)
        return are_whole and not (self.under or is_multiplied or "sum" in calls)


def parts_of(name: str, metrics: Mapping[str, CompiledMetric]) -> Parts | None:
    """The parts of the metric's value; `None` where it is more than sums and a quotient of them."""
    metric = metrics[name]
    if metric.stream is not None:
        return _Records(metric).parts(metric.value_tree)
    return _over_metrics(metric.value_tree, metrics)


_BY_DAY_ONLY = {"as_of", "business_hours", "convert"}
"""Functions that give a record another amount each day, or look it up in other rows beside the record."""


def is_timeless(metric: CompiledMetric) -> bool:
    """Whether a record alone says where it counts and how much, whenever that is computed."""
    trees = [tree for tree in (metric.value_tree, metric.where_tree, metric.time_tree) if tree is not None]
    return not any(call.name.lower() in _BY_DAY_ONLY for tree in trees for call in tree.find_all(exp.Anonymous))


@dataclass(frozen=True, slots=True)
class _Records:
    """Takes the value of a metric over a stream apart."""

    metric: CompiledMetric

    def parts(self, node: exp.Expr) -> Parts | None:
        if _adds_up(node):
            return Parts((self._term(node, "over"),))
        factor, rest = _without_factor(node)
        quotient = _quotient(rest)
        if quotient is None:
            return None
        inner, over = _without_factor(quotient[0])
        return Parts((self._term(over, "over"),), (self._term(quotient[1], "under"),), factor * inner)

    def _term(self, node: exp.Expr, part: str) -> Term:
        return Term(1.0, replace(self.metric, name=f"{self.metric.name}/{part}", value_tree=node))


def _over_metrics(node: exp.Expr, metrics: Mapping[str, CompiledMetric]) -> Parts | None:
    """The parts of a formula over other metrics, by theirs."""
    if isinstance(node, exp.Column):
        return parts_of(node.name, metrics)
    factor, rest = _without_factor(node)
    if rest is not node:
        inner = _over_metrics(rest, metrics)
        return None if inner is None else replace(inner, factor=inner.factor * factor)
    if not isinstance(node, exp.Add | exp.Sub | exp.Div):
        return _over_metrics(node.this, metrics) if isinstance(node, exp.Paren) else None
    left, right = _over_metrics(node.left, metrics), _over_metrics(node.right, metrics)
    if left is None or right is None or left.under or right.under:
        return None
    if isinstance(node, exp.Div):
        return Parts(_times(left), _times(right))
    return Parts((*_times(left), *_times(right, -1.0 if isinstance(node, exp.Sub) else 1.0)))


def _times(parts: Parts, factor: float = 1.0) -> Sum:
    return tuple(term.times(parts.factor * factor) for term in parts.over)


def _adds_up(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren | exp.Neg):
        return _adds_up(node.this)
    if isinstance(node, exp.Add | exp.Sub):
        return _adds_up(node.left) and _adds_up(node.right)
    if isinstance(node, exp.Mul | exp.Div):
        _, rest = _without_factor(node)
        return rest is not node and _adds_up(rest)
    if not isinstance(node, exp.Anonymous):
        return False
    name, arguments = node.name.lower(), node.expressions
    if name == "coalesce":
        return len(arguments) == 2 and _adds_up(arguments[0]) and _number(arguments[1]) == 0
    return name in ("count_if", "sum") or (name == "count" and not isinstance(arguments[0], exp.Distinct))


def _quotient(node: exp.Expr) -> tuple[exp.Expr, exp.Expr] | None:
    """The sum above and the sum below that a quotient is made of."""
    if isinstance(node, exp.Div) and _adds_up(node.left) and _adds_up(node.right):
        return node.left, node.right
    name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
    if name == "avg":
        return _call("sum", node), _call("count", node)
    if name == "share":
        return _call("count_if", node), _call("count", node)
    return None


def _call(name: str, like: exp.Expr) -> exp.Expr:
    """Another function of the same arguments."""
    call = exp.Anonymous(this=name, expressions=[argument.copy() for argument in like.expressions])
    note_kind(call, Kind(FieldType.NUMBER))
    return call


def _without_factor(node: exp.Expr) -> tuple[float, exp.Expr]:
    """A number that the rest is multiplied with or divided by; 1 where there is none."""
    if isinstance(node, exp.Paren):
        factor, rest = _without_factor(node.this)
        return (factor, rest) if rest is not node.this else (1.0, node)
    if isinstance(node, exp.Mul):
        for number, rest in ((_number(node.left), node.right), (_number(node.right), node.left)):
            if number is not None:
                return number, rest.unnest()
    if isinstance(node, exp.Div):
        number = _number(node.right)
        if number:
            return 1 / number, node.left.unnest()
    return 1.0, node


def _number(node: exp.Expr) -> float | None:
    bare = node.unnest()
    return float(bare.name) if isinstance(bare, exp.Literal) and bare.is_number else None
