"""How far each figure of a formula takes its value from one state to another: exact, and in no order.

A sum passes on what its parts changed by. A product changes by the change of one factor times the mean of the other,
before and after, and the other way round; a quotient likewise: each part is changed before the other, and after it, and
the mean of both is what it did (the value of Shapley for two players). So the parts add up to the difference, whichever
comes first, and each figure has a slope: what one more of it does to the value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from okr_sync.errors import OkrSyncError
from okr_sync.formula.figures import Figures, is_figure, written

Both = tuple[float | None, float | None]
"""Before and after."""


class NotSplit(OkrSyncError):
    """A formula, or values, of which a difference cannot be split by figures; says why."""


@dataclass(frozen=True, slots=True)
class Influence:
    """A value before and after, and by figure what one more of it does to the difference."""

    before: float
    after: float
    slopes: Mapping[str, float]


def influence(figures: Figures, values: Mapping[str, Both]) -> Influence:
    """The slopes of a formula between two states; `values` has each figure in both.

    Raises:
        NotSplit: one of the values is no data, or the formula is more than sums, products, quotients and roundings.
    """
    return _of(figures.tree, values)


def _of(node: exp.Expr, values: Mapping[str, Both]) -> Influence:
    if is_figure(node):
        before, after = values[written(node)]
        if before is None or after is None:
            raise NotSplit(f"{written(node)} has no data on one of the two days")
        return Influence(before, after, {written(node): 1.0})
    if isinstance(node, exp.Literal) and not node.is_string:
        return Influence(float(node.name), float(node.name), {})
    if isinstance(node, exp.Paren):
        return _of(node.this, values)
    if isinstance(node, exp.Neg):
        return _scaled(_of(node.this, values), -1.0)
    if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div):
        return _of_two(node, _of(node.left, values), _of(node.right, values))
    if isinstance(node, exp.Anonymous):
        return _of_call(node, values)
    raise NotSplit(f"{written(node)} is more than sums, products and quotients of what records add up to")


def _of_two(node: exp.Expr, a: Influence, b: Influence) -> Influence:
    match node:
        case exp.Add():
            return Influence(a.before + b.before, a.after + b.after, _sum(a, 1.0, b, 1.0))
        case exp.Sub():
            return Influence(a.before - b.before, a.after - b.after, _sum(a, 1.0, b, -1.0))
        case exp.Mul():
            of_a, of_b = (b.before + b.after) / 2, (a.before + a.after) / 2
            return Influence(a.before * b.before, a.after * b.after, _sum(a, of_a, b, of_b))
    if b.before == 0 or b.after == 0:
        raise NotSplit(f"{written(node.expression)} is 0 on one of the two days")
    of_a = (1 / b.before + 1 / b.after) / 2
    of_b = -(a.before + a.after) / 2 / b.before / b.after
    return Influence(a.before / b.before, a.after / b.after, _sum(a, of_a, b, of_b))


def _of_call(node: exp.Anonymous, values: Mapping[str, Both]) -> Influence:
    name = node.name.lower()
    if name == "coalesce" and _is_zero(node.expressions[-1]) and len(node.expressions) == 2:
        return _of(node.expressions[0], {one: (_or_0(before), _or_0(after)) for one, (before, after) in values.items()})
    if name == "nullif":
        return _of(node.expressions[0], values)  # where they are equal the value is no data, and is not split
    if name in ("round", "abs"):
        inner = _of(node.expressions[0], values)
        digits = int(node.expressions[1].sql()) if len(node.expressions) > 1 else 0
        before, after = ((abs(x) if name == "abs" else _rounded(x, digits)) for x in (inner.before, inner.after))
        slope = (after - before) / (inner.after - inner.before) if inner.after != inner.before else 0.0
        return Influence(before, after, _scaled(inner, slope).slopes)
    raise NotSplit(f"{name} is more than sums, products and quotients of what records add up to")


def _sum(a: Influence, of_a: float, b: Influence, of_b: float) -> dict[str, float]:
    slopes = {name: slope * of_a for name, slope in a.slopes.items()}
    for name, slope in b.slopes.items():
        slopes[name] = slopes.get(name, 0.0) + slope * of_b
    return slopes


def _scaled(one: Influence, factor: float) -> Influence:
    slopes = {name: slope * factor for name, slope in one.slopes.items()}
    return Influence(one.before * factor, one.after * factor, slopes)


def _rounded(value: float, digits: int) -> float:
    """Halves away from 0, as formulas round."""
    scale = 10.0**digits
    whole, rest = divmod(abs(value) * scale, 1)
    return math.copysign((whole + (rest >= 0.5)) / scale, value)


def _is_zero(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string and float(node.name) == 0


def _or_0(value: float | None) -> float:
    return 0.0 if value is None else value
