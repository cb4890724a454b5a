"""Whether an aggregate counts rows that a left join kept without the side that the aggregate is about.

`count_if(t.resolved_at is null)` after `from customers c left join tickets t` would count customers without any ticket
as one open ticket each. An argument is safe where it is unknown (for a sum: or 0) as soon as the joined side is absent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

PresentIf = Callable[[exp.Column], str | None]
_OF_ALL = ("coalesce", "greatest", "least")
"""Functions that are unknown only if all of their arguments are."""


def counts_absent(function: str, argument: exp.Expr, present_if: PresentIf) -> str | None:
    """The field that tells whether the joined side is there, where the aggregate counts rows without it."""
    found = next((mark for mark in map(present_if, argument.find_all(exp.Column)) if mark), None)
    if found is None or isinstance(argument, (exp.Star, exp.Distinct)):
        return None
    if function == "count_if":
        return None if is_never_true(argument, present_if) else found
    return None if _Absent(present_if, or_zero=function == "sum").is_unknown(argument) else found


def is_never_true(condition: exp.Expr, present_if: PresentIf) -> bool:
    """Whether the condition holds in no row that lacks the joined side."""
    return _Absent(present_if).is_never_true(condition)


@dataclass(frozen=True, slots=True)
class _Absent:
    """The rows that lack the joined side."""

    present_if: PresentIf
    or_zero: bool = False

    def is_never_true(self, tree: exp.Expr) -> bool:
        bare = tree.unnest()
        if isinstance(bare, exp.And):
            return any(map(self.is_never_true, bare.iter_expressions()))
        if isinstance(bare, exp.Or):
            return all(map(self.is_never_true, bare.iter_expressions()))
        if isinstance(bare, exp.Not) and isinstance(bare.this.unnest(), exp.Is):
            return _Absent(self.present_if).is_unknown(bare.this.unnest().this)
        return _Absent(self.present_if).is_unknown(bare)

    def is_unknown(self, tree: exp.Expr) -> bool:
        """Whether the value is unknown (or 0) in all of these rows."""
        bare = tree.unnest()
        if isinstance(bare, exp.Column):
            return self.present_if(bare) is not None
        if isinstance(bare, (exp.Literal, exp.Null, exp.Is, exp.Boolean)):
            return isinstance(bare, exp.Null) or self._is_zero(bare)
        if isinstance(bare, exp.Case):
            return self._is_unknown_case(bare)
        return self._is_unknown_operation(bare)

    def _is_zero(self, tree: exp.Expr) -> bool:
        return self.or_zero and isinstance(tree, exp.Literal) and tree.is_number and float(tree.name) == 0

    def _is_unknown_case(self, case: exp.Case) -> bool:
        default = case.args.get("default")
        branches = (self.is_never_true(one.this) or self.is_unknown(one.args["true"]) for one in case.args["ifs"])
        return all(branches) and (default is None or self.is_unknown(default))

    def _is_unknown_operation(self, tree: exp.Expr) -> bool:
        """Most operations and functions are unknown where any part is; 0 stays 0 only by what multiplies it."""
        name = tree.name.lower() if isinstance(tree, exp.Anonymous) else ""
        parts = list(tree.iter_expressions())
        if name in _OF_ALL or isinstance(tree, (exp.And, exp.Or)):
            return all(map(self.is_unknown, parts))
        if name == "nullif" or isinstance(tree, (exp.Neg, exp.Not)):
            return self.is_unknown(parts[0])
        if isinstance(tree, exp.Mul):
            return any(map(self.is_unknown, parts))
        is_zero = isinstance(tree, (exp.Add, exp.Sub)) and all(map(self.is_unknown, parts))
        return is_zero or any(map(_Absent(self.present_if).is_unknown, parts))
