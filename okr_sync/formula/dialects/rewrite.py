"""How an expression is rewritten for a dialect: from the leaves upwards, a rule per kind of node."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from okr_sync.errors import OkrSyncError

Rule = Callable[[exp.Expr], exp.Expr]
"""From a node whose parts were rewritten to what stands in its place. The node is the rule's own: it may be kept."""

Rules = Mapping[type[exp.Expr], Rule]


class NotInDialect(OkrSyncError):
    """A formula uses what a dialect cannot compute exactly."""


def rewrite(node: exp.Expr, rules: Rules) -> exp.Expr:
    """A new tree, of which every node went through its rule and kept its SQL type. `node` stays."""
    if not any(True for _ in node.iter_expressions()):
        made = node.copy()
    else:
        made = type(node)(**{name: _rewrite_part(part, rules) for name, part in node.args.items()})
        made.type = node.type
    rule = rules.get(type(made))
    if rule is None:
        return made
    ruled = rule(made)
    ruled.type = node.type
    return ruled


def _rewrite_part(part: object, rules: Rules) -> object:
    if isinstance(part, list):
        return [_rewrite_part(each, rules) for each in part]
    return rewrite(part, rules) if isinstance(part, exp.Expr) else part


def refuse(what: str, dialect: str, reason: str) -> Rule:
    """The rule for what a dialect has no exact equal of."""

    def refused(_: exp.Expr) -> exp.Expr:
        raise NotInDialect(f"{what} is not available in {dialect}: {reason}")

    return refused
