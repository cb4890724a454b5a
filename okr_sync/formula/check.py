"""The second pass: refuse whatever the language does not have, wherever it stands.

The language has what `annotate` has a rule for and the functions of the table: a list of what is allowed, so that a
construct that sqlglot learns to parse tomorrow is refused until somebody adds it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from okr_sync.errors import nearest
from okr_sync.formula.annotate import RULES
from okr_sync.formula.function import Function
from okr_sync.formula.functions import FUNCTIONS, INSTEAD, enclosing_aggregate
from okr_sync.formula.over import WINDOW_FUNCTIONS
from okr_sync.formula.refusal import TOO_DEEP, Refused

_MOST_LEVELS = 100
"""How deep a formula may be nested: beyond what people write, within what the recursion of the passes can bear."""


def check(tree: exp.Expr) -> exp.Expr:
    """The same tree, made of nothing but what the language has.

    Raises:
        Refused: a construct or a function that does not exist, or one used in a way it does not have.
    """
    _check_depth(tree)
    for node in tree.walk(bfs=False):
        if type(node) not in RULES:
            raise Refused.at(node, "this is not part of the formula language")
        if type(node) in _CHECKS:
            _CHECKS[type(node)](node)
    return tree


def _check_depth(tree: exp.Expr) -> None:
    level = [tree]
    for _ in range(_MOST_LEVELS):
        level = [child for node in level for child in node.iter_expressions()]
    if level:
        raise Refused.at(tree, TOO_DEEP)


def _check_call(call: exp.Expr) -> None:
    name = call.name.lower()
    function = FUNCTIONS.get(name)
    if function is None:
        raise Refused.at_name(call, f"there is no function {name!r}{_hint(name)}")
    _check_argument_count(call, function)
    outer = enclosing_aggregate(call)
    if function.is_aggregate and outer is not None:
        message = f"{function.name} stands inside {outer.name.lower()}: an aggregate takes values of single records"
        raise Refused.at_name(call, message)


def _hint(name: str) -> str:
    if name in WINDOW_FUNCTIONS:
        return f"; in a view write {WINDOW_FUNCTIONS[name].signature}"
    return f"; {INSTEAD[name]}" if name in INSTEAD else nearest(name, FUNCTIONS)


def _check_argument_count(call: exp.Expr, function: Function) -> None:
    given, most = len(call.expressions), function.most
    if given < function.fewest or (most is not None and given > most):
        raise Refused.at(call, f"write {function.signature}; this has {given} argument{'' if given == 1 else 's'}")


def _check_counted(node: exp.Expr) -> None:
    call = node.parent
    if not isinstance(call, exp.Anonymous) or call.name.lower() != "count":
        whole = call if isinstance(call, exp.Anonymous) else node
        raise Refused.at(whole, "'*' and 'distinct' go with count alone: count(*), count(distinct x)")
    if isinstance(node, exp.Distinct) and len(node.expressions) != 1:
        raise Refused.at(node, "count(distinct x) takes one value")


def _check_is(node: exp.Expr) -> None:
    if not isinstance(node.expression, exp.Null):
        raise Refused.at(node, "'is' goes with null alone; compare with =")


def _check_in(node: exp.Expr) -> None:
    if not node.expressions:
        hint = "for a list field write contains(list, 'text')"
        raise Refused.at(node, f"'in' needs values in parentheses; {hint}")


def _check_between(node: exp.Expr) -> None:
    if node.args.get("symmetric") is not None:
        raise Refused.at(node, "'between' has no 'symmetric' or 'asymmetric'; write the lower bound first")


_CHECKS: Mapping[type[exp.Expr], Callable[[exp.Expr], None]] = {
    exp.Anonymous: _check_call,
    exp.Star: _check_counted,
    exp.Distinct: _check_counted,
    exp.Is: _check_is,
    exp.In: _check_in,
    exp.Between: _check_between,
}
