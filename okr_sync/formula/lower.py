"""The last pass: a typed formula -> standard sqlglot expressions, which sqlglot writes in any dialect.

What is left as it is means in SQL what it means in a formula. The rest:

- a / b never divides whole numbers and is null where b is 0;
- a number with a fraction is a DOUBLE: a DECIMAL of DuckDB runs out of digits when multiplied;
- a date compared with a timestamp compares days, in the session's zone;
- calls are written as their row of the table says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp
from sqlglot.expressions import DType

from okr_sync.connector import FieldType
from okr_sync.formula.functions import FUNCTIONS
from okr_sync.formula.kinds import TIMES, kind_of, read_time
from okr_sync.formula.over import Over, window_function
from okr_sync.formula.write import as_day, divide, key_column

_SQL_TYPES: Mapping[FieldType, exp.DataType] = {
    FieldType.TEXT: DType.VARCHAR.into_expr(),
    FieldType.INTEGER: DType.BIGINT.into_expr(),
    FieldType.NUMBER: DType.DOUBLE.into_expr(),
    FieldType.BOOLEAN: DType.BOOLEAN.into_expr(),
    FieldType.DATE: DType.DATE.into_expr(),
    FieldType.TIMESTAMP: DType.TIMESTAMPTZ.into_expr(),
    FieldType.LIST: exp.DataType.build("array<varchar>"),
    FieldType.UNKNOWN: DType.UNKNOWN.into_expr(),
}


def lower(node: exp.Expr, as_of: exp.Expr) -> exp.Expr:
    """A new tree of standard expressions with their SQL types, `as_of` in the place of `as_of()`. `node` stays."""
    lowered = _RULES.get(type(node), _as_it_is)(node, as_of)
    lowered.type = _SQL_TYPES[kind_of(node).type]
    return lowered


def _as_it_is(node: exp.Expr, as_of: exp.Expr) -> exp.Expr:
    return type(node)(**{name: _lower_part(part, as_of) for name, part in node.args.items()})


def _lower_part(part: object, as_of: exp.Expr) -> object:
    if isinstance(part, list):
        return [_lower_part(each, as_of) for each in part]
    return lower(part, as_of) if isinstance(part, exp.Expr) else part


def _literal(node: exp.Expr, _: exp.Expr) -> exp.Expr:
    kind = kind_of(node).type
    if kind in TIMES:
        return exp.cast(exp.Literal.string(str(read_time(node.name))), _SQL_TYPES[kind])
    literal = exp.Literal(this=node.name, is_string=node.is_string)
    return exp.cast(literal, DType.DOUBLE) if kind is FieldType.NUMBER else literal


def _call(node: exp.Expr, as_of: exp.Expr) -> exp.Expr:
    arguments = (lower(argument, as_of) for argument in node.expressions)
    return FUNCTIONS[node.name.lower()].lower(as_of, *arguments)


def _division(node: exp.Expr, as_of: exp.Expr) -> exp.Expr:
    return divide(lower(node.this, as_of), lower(node.expression, as_of))


def _whole_arithmetic(node: exp.Expr, as_of: exp.Expr) -> exp.Expr:
    """Two whole constants are 32 bits wide in DuckDB: 1000 * 1000 * 1000 * 10 would be an error."""
    lowered = _as_it_is(node, as_of)
    if lowered.this.is_int and lowered.expression.is_int:
        lowered.set("this", exp.cast(lowered.this, DType.DOUBLE))
    return lowered


def _comparison(node: exp.Expr, as_of: exp.Expr) -> exp.Expr:
    return _compare(type(node), node.this, node.expression, as_of)


def _compare(kind: type[exp.Expr], a: exp.Expr, b: exp.Expr, as_of: exp.Expr) -> exp.Expr:
    left, right = lower(a, as_of), lower(b, as_of)
    if _mixes_times(a, b):
        left, right = as_day(left), as_day(right)
    return kind(this=left, expression=right)


def _mixes_times(*nodes: exp.Expr) -> bool:
    return {kind_of(node).type for node in nodes} >= set(TIMES)


def _between(node: exp.Expr, as_of: exp.Expr) -> exp.Expr:
    low, high = node.args["low"], node.args["high"]
    if not _mixes_times(node.this, low, high):
        return _as_it_is(node, as_of)
    from_low = _compare(exp.GTE, node.this, low, as_of)
    to_high = _compare(exp.LTE, node.this, high, as_of)
    return exp.Paren(this=exp.And(this=from_low, expression=to_high))


def _in(node: exp.Expr, as_of: exp.Expr) -> exp.Expr:
    if not _mixes_times(node.this, *node.expressions):
        return _as_it_is(node, as_of)
    equal = (_compare(exp.EQ, node.this, value, as_of) for value in node.expressions)
    return exp.Paren(this=exp.or_(*equal, copy=False))


def _over(node: exp.Expr, as_of: exp.Expr) -> exp.Expr:
    function = window_function(node)
    order = [_ordered(lower(one.this, as_of), bool(one.args.get("desc"))) for one in node.args.get("order") or ()]
    if function.is_tied:
        order.append(_ordered(key_column(), is_descending=False))
    return exp.Window(
        this=function.lower(*(lower(argument, as_of) for argument in node.expressions)),
        partition_by=[lower(one, as_of) for one in node.args.get("partition_by") or ()],
        order=exp.Order(expressions=order) if order else None,
    )


def _ordered(value: exp.Expr, is_descending: bool) -> exp.Expr:
    """What is unknown comes last in either direction, whatever an engine does by itself."""
    return exp.Ordered(this=value, desc=is_descending, nulls_first=False)


_RULES: Mapping[type[exp.Expr], Callable[[exp.Expr, exp.Expr], exp.Expr]] = {
    exp.Literal: _literal,
    exp.Anonymous: _call,
    exp.Div: _division,
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul), _whole_arithmetic),
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE), _comparison),
    exp.Between: _between,
    exp.In: _in,
    Over: _over,
}
