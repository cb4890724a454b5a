"""The fourth pass: the type and unit of every part, from the names upwards; one rule a construct."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.formula.alike import expect_alike, expect_comparable
from okr_sync.formula.function import Function, Parameter
from okr_sync.formula.functions import FUNCTIONS
from okr_sync.formula.kinds import (
    CONDITIONS,
    NUMBERS,
    ORDERED,
    TEXTS,
    Kind,
    expect,
    kind_of,
    note_kind,
)
from okr_sync.formula.over import Over, WindowFunction, window_function
from okr_sync.formula.refusal import Refused
from okr_sync.formula.units import unify, unit_of_product, unit_of_quotient

ARITHMETIC: Mapping[type[exp.Expr], str] = {exp.Add: "'+'", exp.Sub: "'-'", exp.Mul: "'*'", exp.Div: "'/'"}
COMPARISONS: Mapping[type[exp.Expr], str] = {
    exp.EQ: "'='",
    exp.NEQ: "'<>'",
    exp.LT: "'<'",
    exp.LTE: "'<='",
    exp.GT: "'>'",
    exp.GTE: "'>='",
}
_CONDITION = Kind(FieldType.BOOLEAN)
_UNKNOWN = Kind(FieldType.UNKNOWN)
_NO_ARITHMETIC = {
    **dict.fromkeys(
        (FieldType.DATE, FieldType.TIMESTAMP), "for the time between two of them write hours(a, b) or days(a, b)"
    ),
    FieldType.BOOLEAN: "count conditions with count_if(condition)",
}


def annotate(tree: exp.Expr) -> exp.Expr:
    """The same tree, every node with its kind.

    Raises:
        Refused: parts that do not go together, or an argument of a type the function does not take.
    """
    for child in tree.iter_expressions():
        annotate(child)
    note_kind(tree, RULES[type(tree)](tree))
    return tree


def _literal(node: exp.Expr) -> Kind:
    if node.is_string:
        return Kind(FieldType.TEXT)
    return Kind(FieldType.INTEGER if node.is_int else FieldType.NUMBER)


def _same(node: exp.Expr) -> Kind:
    return kind_of(node.this)


def _negative(node: exp.Expr) -> Kind:
    expect(node.this, NUMBERS, "'-'", _NO_ARITHMETIC)
    return kind_of(node.this)


def _arithmetic(node: exp.Expr) -> Kind:
    sign = ARITHMETIC[type(node)]
    operands = (node.this, node.expression)
    for operand in operands:
        expect(operand, NUMBERS, sign, _NO_ARITHMETIC)
    if isinstance(node, exp.Div):
        return Kind(FieldType.NUMBER, *unit_of_quotient(node))
    is_whole = all(kind_of(operand).type is FieldType.INTEGER for operand in operands)
    unit = unit_of_product(node) if isinstance(node, exp.Mul) else unify(operands, sign)
    return Kind(FieldType.INTEGER if is_whole else FieldType.NUMBER, *unit)


def _comparison(node: exp.Expr) -> Kind:
    expect_comparable((node.this, node.expression), COMPARISONS[type(node)])
    return _CONDITION


def _between(node: exp.Expr) -> Kind:
    expect_comparable((node.this, node.args["low"], node.args["high"]), "'between'")
    return _CONDITION


def _in(node: exp.Expr) -> Kind:
    expect_comparable((node.this, *node.expressions), "'in'")
    return _CONDITION


def _like(node: exp.Expr) -> Kind:
    expect(node.this, TEXTS, "'like'")
    expect(node.expression, TEXTS, "'like'")
    return _CONDITION


def _connector(node: exp.Expr) -> Kind:
    for operand in node.iter_expressions():
        expect(operand, CONDITIONS, repr(node.key))
    return _CONDITION


def _branch(node: exp.Expr) -> Kind:
    expect(node.this, CONDITIONS, "'when'")
    return kind_of(node.args["true"])


def _case(node: exp.Expr) -> Kind:
    results = [branch.args["true"] for branch in node.args["ifs"]]
    if node.args.get("default") is not None:
        results.append(node.args["default"])
    return expect_alike(results, "'case'")


def _call(node: exp.Expr) -> Kind:
    function = FUNCTIONS[node.name.lower()]
    for index, argument in enumerate(node.expressions):
        _expect_argument(argument, function.parameter(index), function)
    return function.gives(node.expressions)


def _expect_argument(argument: exp.Expr, parameter: Parameter, function: Function | WindowFunction) -> None:
    expect(argument, parameter.types, function.name, parameter.hints)
    if parameter.choice is not None and not parameter.choice.is_fit(argument):
        raise Refused.at(argument, f"{parameter.name} of {function.signature} is {parameter.choice.words}")


def _over(node: exp.Expr) -> Kind:
    function = window_function(node)
    for argument, parameter in zip(node.expressions, function.parameters, strict=False):
        _expect_argument(argument, parameter, function)
    for ordered in node.args.get("order") or ():
        expect(ordered.this, ORDERED, "'order by'")
    return function.gives(node.expressions)


RULES: Mapping[type[exp.Expr], Callable[[exp.Expr], Kind]] = {
    exp.Identifier: lambda _: _UNKNOWN,
    exp.Column: kind_of,
    exp.Literal: _literal,
    exp.Boolean: lambda _: _CONDITION,
    exp.Null: lambda _: _UNKNOWN,
    exp.Star: lambda _: _UNKNOWN,
    exp.Distinct: lambda node: kind_of(node.expressions[0]),
    exp.Paren: _same,
    exp.Neg: _negative,
    **dict.fromkeys(ARITHMETIC, _arithmetic),
    **dict.fromkeys(COMPARISONS, _comparison),
    exp.Between: _between,
    exp.In: _in,
    exp.Is: lambda _: _CONDITION,
    exp.Like: _like,
    **dict.fromkeys((exp.And, exp.Or, exp.Not), _connector),
    exp.If: _branch,
    exp.Case: _case,
    exp.Anonymous: _call,
    Over: _over,
    exp.Ordered: _same,
}
"""What the language is made of. What has no rule here is not part of it."""
