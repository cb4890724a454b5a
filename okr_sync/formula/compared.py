"""Which fields a formula compares with which texts, numbers or truths, as they are written in it.

`status = 'Done'`, `status in ('Done', 'Closed')`, `contains(labels, 'vip')`. What is compared after a function changed
it, as `lower(status)`, is not told: what the source holds is another text.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from okr_sync.formula.scope import name_of

Comparison = tuple[exp.Column, str]
"""A field, and what it is compared with: a text without its quotes, else as SQL writes it."""


def comparisons(tree: exp.Expr) -> Iterator[Comparison]:
    """Every comparison of a field with something that is written out, in a tree that was resolved."""
    for node in tree.find_all(exp.EQ, exp.NEQ, exp.In, exp.Anonymous):
        if isinstance(node, exp.In):
            yield from _with_each(node.this, node.expressions)
        elif isinstance(node, exp.Anonymous):
            if node.name.lower() == "contains":
                yield from _with_each(node.expressions[0], node.expressions[1:])
        else:
            yield from _with_each(node.this, [node.expression])
            yield from _with_each(node.expression, [node.this])


def compared_in(*trees: exp.Expr | None) -> frozenset[tuple[str, str]]:
    """By field, what the formulas of a stream compare it with."""
    return frozenset(
        (name_of(column), text) for tree in trees if tree is not None for column, text in comparisons(tree)
    )


def _with_each(one: exp.Expr, others: list[exp.Expr]) -> Iterator[Comparison]:
    column = one.unnest()
    if isinstance(column, exp.Column):
        for other in others:
            written = other.unnest()
            if isinstance(written, exp.Literal):
                yield column, str(written.name)
            elif isinstance(written, exp.Boolean):
                yield column, str(written.this).lower()
