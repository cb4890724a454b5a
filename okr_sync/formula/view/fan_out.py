"""Refuse aggregates that would count something more than once, because a join stood its rows there several times.

`min`, `max`, `first`, `last` and `count(distinct x)` give the same however often a value stands there. All others add
rows up: what they add must have a value of its own in each row, or be made with one that has, as `hours * rate`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from okr_sync.formula.functions import FUNCTIONS
from okr_sync.formula.over import Over
from okr_sync.formula.refusal import Refused
from okr_sync.formula.scope import name_of
from okr_sync.formula.view.absence import counts_absent
from okr_sync.formula.view.relation import Mark, Relation

_SAFE = ("min", "max", "first", "last")
_OF_CONDITIONS = ("count_if", "share")
_PASSING = ("coalesce", "greatest", "least", "nullif", "abs", "round")
"""Functions that give one of their arguments: what is repeated in one is repeated in what they give."""
_REMEDY = (
    "add up before the join, in a view of its own, and join that; min, max and count(distinct x) count nothing twice"
)


@dataclass(frozen=True, slots=True)
class Grain:
    """What is known of the rows that an aggregate runs over."""

    mark_of: Callable[[exp.Column], Mark]
    rows_repeat: str | None
    """Why `count(*)` would count something several times."""
    instead_of_rows: str = ""
    """What to write instead of `count(*)`."""


def grain_of(relation: Relation) -> Grain:
    """That of the rows of one relation."""
    key = " and of ".join(f"count(distinct {name})" for name in relation.key[:1])
    instead = (
        f"write {key}, or declare what a row is: key: in the view" if key else "declare what a row is: key: in the view"
    )
    return Grain(lambda column: relation.mark(name_of(column)), relation.rows_repeat, instead)


def refuse_fan_out(trees: Iterable[exp.Expr], grain: Grain) -> None:
    """Raises Refused: an aggregate in one of the trees that counts something more than once."""
    for tree in trees:
        for call in _aggregates(tree):
            _check(call, grain)


def repeated_in(tree: exp.Expr, grain: Grain) -> exp.Column | None:
    """The field whose value `tree` hands on to several rows; `None` where each row has its own."""
    if isinstance(tree, exp.Column):
        return tree if grain.mark_of(tree).repeats else None
    if isinstance(tree, (exp.Mul, exp.Div)):
        return _in_product(tree, grain)
    if isinstance(tree, (exp.Add, exp.Sub, exp.Paren, exp.Neg)):
        return _first(repeated_in(part, grain) for part in tree.iter_expressions())
    if isinstance(tree, exp.Case):
        return _first(repeated_in(result, grain) for result in results(tree))
    if isinstance(tree, exp.Anonymous) and tree.name.lower() in _PASSING:
        return _first(repeated_in(argument, grain) for argument in tree.expressions)
    columns = list(tree.find_all(exp.Column, bfs=False))
    repeated = [column for column in columns if grain.mark_of(column).repeats]
    return repeated[0] if repeated and len(repeated) == len(columns) else None


def results(case: exp.Case) -> list[exp.Expr]:
    """What a `case` may give."""
    default = case.args.get("default")
    return [*(branch.args["true"] for branch in case.args["ifs"]), *([] if default is None else [default])]


def _aggregates(tree: exp.Expr) -> Iterator[exp.Anonymous | Over]:
    for node in tree.find_all(exp.Anonymous, Over, bfs=False):
        if isinstance(node, Over) or (isinstance(node, exp.Anonymous) and FUNCTIONS[node.name.lower()].is_aggregate):
            yield node


def _check(call: exp.Anonymous | Over, grain: Grain) -> None:
    name = call.name.lower()
    argument = call.expressions[0] if call.expressions else exp.Star()
    is_adding = name in ("sum", "avg", "count") if isinstance(call, Over) else name not in _SAFE
    if not is_adding or isinstance(argument, exp.Distinct):
        return
    if isinstance(argument, exp.Star):
        _check_rows(call, [], grain)
    elif name in _OF_CONDITIONS or not any(True for _ in _value_columns(argument)):
        _check_rows(call, list(argument.find_all(exp.Column)), grain)
    else:
        _check_values(call, argument, grain)
    _check_absence(call, argument, grain)


def _check_rows(call: exp.Expr, columns: list[exp.Column], grain: Grain) -> None:
    """Rows are counted: those of the first relation, unless the condition looks at another that has rows of its own."""
    if grain.rows_repeat is not None and not any(grain.mark_of(column).repeats is None for column in columns):
        shown = call.name.lower() if call.expressions and not call.expressions[0].is_star else "count(*)"
        raise Refused.at(call, f"{shown} would count more than once: {grain.rows_repeat}; {grain.instead_of_rows}")


def _check_values(call: exp.Expr, argument: exp.Expr, grain: Grain) -> None:
    column = repeated_in(argument, grain)
    if column is not None:
        why = grain.mark_of(column).repeats
        message = f"{call.name.lower()} would count {name_of(column)!r} more than once: {why}; {_REMEDY}"
        raise Refused.at(column, message)


def _check_absence(call: exp.Expr, argument: exp.Expr, grain: Grain) -> None:
    found = counts_absent(call.name.lower(), argument, lambda column: grain.mark_of(column).present_if)
    if found is None:
        return
    present = f"{found} is not null"
    how = (
        f"write {present} and ..." if call.name.lower() in _OF_CONDITIONS else f"write case when {present} then ... end"
    )
    message = f"a left join keeps rows in which {found} is unknown, and {call.name.lower()} would count them too; {how}"
    raise Refused.at(argument, message)


def _in_product(tree: exp.Expr, grain: Grain) -> exp.Column | None:
    """A factor with a value of its own makes the product each row's own; so does such a numerator."""
    left, right = repeated_in(tree.this, grain), repeated_in(tree.expression, grain)
    sides = [tree.this] if isinstance(tree, exp.Div) else [tree.this, tree.expression]
    if any(repeated_in(side, grain) is None and side.find(exp.Column) for side in sides):
        return None
    return left or right


def _value_columns(tree: exp.Expr) -> Iterator[exp.Column]:
    """The fields whose values a tree may give, or compute with: not those of the conditions of a `case`."""
    if isinstance(tree, exp.Case):
        for result in results(tree):
            yield from _value_columns(result)
    elif isinstance(tree, exp.Column):
        yield tree
    else:
        for part in tree.iter_expressions():
            yield from _value_columns(part)


def _first(columns: Iterable[exp.Column | None]) -> exp.Column | None:
    return next((column for column in columns if column is not None), None)
