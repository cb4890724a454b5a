"""The numbers that a value is made of: the aggregates in its formula, or the metrics, and the formula with numbers.

A mean and a share are taken apart first: `avg(x)` is `sum(x) / count(x)`, `share(c)` is `count_if(c) / count(c)`. So
people can follow the arithmetic, and everything that adds up record by record stands by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.formula.compiled import CompiledMetric, Moment
from okr_sync.formula.functions import FUNCTIONS, enclosing_aggregate
from okr_sync.formula.kinds import Kind, kind_of, note_kind
from okr_sync.formula.lower import lower
from okr_sync.formula.parse import WORDS

ADDITIVE = ("count", "count_if", "sum")
"""Aggregates that add up record by record; `count(distinct x)` does not."""
_WORD = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\b[A-Z]+\b""")
"""A text or a quoted name, which stay as they are, or a word in capital letters."""


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """One number of a formula: an aggregate of the records, or another metric."""

    name: str
    """As it is written: `count_if(score >= 9)`, or the metric's name."""
    unit: str | None
    tree: exp.Expr = field(repr=False)

    @property
    def is_additive(self) -> bool:
        """Whether it is a sum of what each record gives."""
        if not isinstance(self.tree, exp.Anonymous) or self.tree.name.lower() not in ADDITIVE:
            return False
        return not isinstance(self.tree.expressions[0], exp.Distinct)

    def expression(self, moment: Moment) -> exp.Expr:
        """The aggregate, to be selected from the records that count."""
        return lower(self.tree, moment.as_of)

    def amount(self, moment: Moment) -> exp.Expr:
        """What one record gives to an additive figure: 0 where it gives nothing."""
        (argument,) = self.tree.expressions
        if isinstance(argument, exp.Star):
            return exp.Literal.number(1)
        lowered = lower(argument, moment.as_of)
        if self.tree.name.lower() == "sum":
            return exp.Coalesce(this=lowered, expressions=[exp.Literal.number(0)])
        is_counted = lowered if self.tree.name.lower() == "count_if" else exp.Not(this=_is_null(lowered))
        return exp.Case(ifs=[exp.If(this=is_counted, true=exp.Literal.number(1))], default=exp.Literal.number(0))

    def gives(self, moment: Moment) -> list[exp.Expr]:
        """What one record gives: an amount, or the values that another aggregate looks at."""
        if self.is_additive:
            return [self.amount(moment)]
        arguments = [one.expressions[0] if isinstance(one, exp.Distinct) else one for one in self.tree.expressions]
        return [lower(one, moment.as_of) for one in arguments if not isinstance(one, exp.Literal)]

    def gives_nothing(self, moment: Moment) -> exp.Expr | None:
        """The condition under which a record that counts gives nothing to it; `None` where every record does."""
        if not isinstance(self.tree, exp.Anonymous) or self.tree.name.lower() == "count_if":
            return None
        argument = self.tree.expressions[0]
        argument = argument.expressions[0] if isinstance(argument, exp.Distinct) else argument
        return None if isinstance(argument, exp.Star) else _is_null(lower(argument, moment.as_of))


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """A formula taken apart. `each` has every number once, in the order in which they are written."""

    tree: exp.Expr = field(repr=False)
    each: tuple[Figure, ...]

    def in_numbers(self, shown: Mapping[str, str], as_of: str) -> str:
        """The formula with `shown` in the places of its figures, by their names: `100 * (45 - 12) / 80`."""

        def replaced(node: exp.Expr) -> exp.Expr:
            if is_figure(node):
                return exp.var(shown[written(node)])
            return exp.var(as_of) if isinstance(node, exp.Anonymous) and node.name.lower() == "as_of" else node

        return written(self.tree.transform(replaced))


def figures_of(metric: CompiledMetric) -> Figures:
    """The figures of the metric's value."""
    tree = _taken_apart(metric.value_tree)
    nodes = {written(node): node for node in tree.walk(bfs=False) if is_figure(node)}
    return Figures(tree, tuple(Figure(name, kind_of(node).unit, node) for name, node in nodes.items()))


def is_figure(node: exp.Expr) -> bool:
    """Whether it is an aggregate, or the value of another metric: only such names stand outside of aggregates."""
    if isinstance(node, exp.Anonymous):
        return FUNCTIONS[node.name.lower()].is_aggregate
    return isinstance(node, exp.Column) and enclosing_aggregate(node) is None


def written(tree: exp.Expr) -> str:
    """A formula as people write it: names without quotes where they need none, words in small letters."""

    root = exp.Paren(this=tree.copy())
    for node in list(root.find_all(exp.Not, exp.Identifier)):
        if isinstance(node, exp.Identifier):
            node.set("quoted", not (node.name.isidentifier() and node.name.islower()))
        elif isinstance(node.this, exp.Is):
            node.replace(exp.Is(this=node.this.this, expression=exp.Not(this=node.this.expression)))
    text = root.this.sql(normalize_functions=False)
    return _WORD.sub(lambda found: found[0].lower() if found[0] in WORDS else found[0], text)


def _taken_apart(tree: exp.Expr) -> exp.Expr:
    """The formula without means and shares; its kinds are kept."""
    root = exp.Paren(this=tree.copy())
    for call in list(root.find_all(exp.Anonymous)):
        over, under = {"avg": ("sum", "count"), "share": ("count_if", "count")}.get(call.name.lower(), ("", ""))
        if over:
            quotient: exp.Expr = exp.Div(this=_like(call, over), expression=_like(call, under))
            note_kind(quotient, kind_of(call))
            if call.parent is not root:
                quotient = exp.Paren(this=quotient)
                note_kind(quotient, kind_of(call))
            call.replace(quotient)
    whole: exp.Expr = root.this
    return whole


def _like(call: exp.Expr, name: str) -> exp.Expr:
    """Another function of the same argument."""
    made = exp.Anonymous(this=name, expressions=[argument.copy() for argument in call.expressions])
    note_kind(made, kind_of(call.expressions[0]) if name == "sum" else Kind(FieldType.INTEGER))
    return made


def _is_null(value: exp.Expr) -> exp.Expr:
    return exp.Is(this=exp.paren(value, copy=False), expression=exp.Null())
