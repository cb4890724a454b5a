"""The passes over one expression of a select: what formulas go through, with the names of its relations."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from okr_sync.formula.annotate import annotate
from okr_sync.formula.check import check
from okr_sync.formula.kinds import CONDITIONS, expect
from okr_sync.formula.over import Over
from okr_sync.formula.refusal import Refused
from okr_sync.formula.view.names import resolve_columns
from okr_sync.formula.view.query import Source
from okr_sync.formula.view.windows import check_windows


def typed_value(tree: exp.Expr, sources: Sequence[Source], no_aggregates: str | None = None) -> exp.Expr:
    """The same tree: allowed, resolved and typed. `no_aggregates` says why there are none, where there are none.

    Raises:
        Refused: the first thing in it that does not go there.
    """
    check(tree)
    check_windows(tree)
    resolve_columns(tree, sources, no_aggregates)
    return annotate(tree)


def typed_condition(tree: exp.Expr, sources: Sequence[Source], user: str, no_aggregates: str | None = None) -> exp.Expr:
    """The same for a condition, which `user` needs and in which no window function stands.

    Raises:
        Refused: as above, or it is no condition.
    """
    over = tree.find(Over)
    if over is not None:
        hint = "give it a name in the select, and pick with where in a view over this one"
        raise Refused.at_name(over, f"{over.name.lower()} over (...) does not go into {user}; {hint}")
    typed_value(tree, sources, no_aggregates)
    expect(tree, CONDITIONS, user)
    return tree
