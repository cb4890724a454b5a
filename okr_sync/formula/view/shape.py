"""The second pass: refuse what a select does not have, whatever of it sqlglot can parse."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from okr_sync.formula.refusal import Refused

_PARTS = {"expressions", "from_", "joins", "where", "group", "having", "with_"}
_NO_ORDER = "the rows of a view have no order; number them with row_number() over (order by ...)"
_INSTEAD: Mapping[str, str] = {
    "distinct": "'distinct' goes with count alone; for different values write group by with the same fields",
    "order": _NO_ORDER,
    "limit": _NO_ORDER,
    "offset": _NO_ORDER,
}
_TABLE = {"this", "db", "catalog", "alias"}
_MOST_LEVELS = 20
"""How deep selects may stand inside of each other: beyond what people write."""


def check_shape(query: exp.Query) -> None:
    """Refuse the parts that no rule stands for, in the query and in those inside of it.

    Raises:
        Refused: the first of them.
    """
    for node in query.walk(bfs=False):
        if isinstance(node, exp.Select):
            _check_select(node)
        elif isinstance(node, exp.Union):
            _check_union(node)
        elif isinstance(node, exp.Subquery):
            _check_subquery(node)


def _check_select(select: exp.Select) -> None:
    if _level(select) > _MOST_LEVELS:
        raise Refused.at(select, "selects stand inside of each other too deeply; give the inner ones names as views")
    for name, part in select.args.items():
        if part and name not in _PARTS:
            node = part if isinstance(part, exp.Expr) and part.find(exp.Identifier, exp.Literal) else select
            raise Refused.at(node, _INSTEAD.get(name, "this is not part of the language of views"))
    if not select.expressions:
        raise Refused.at(select, "a select names its fields: select key, status from ...")
    if select.args.get("from_") is None:
        raise Refused.at(select, "a select names what it reads: select ... from jira.issues")
    for join in select.args.get("joins") or ():
        _check_join(join)
    _check_group(select.args.get("group"))


def _level(select: exp.Select) -> int:
    """How many selects it stands inside of."""
    level, outer = 0, select.find_ancestor(exp.Select)
    while outer is not None:
        level, outer = level + 1, outer.find_ancestor(exp.Select)
    return level


def _check_join(join: exp.Join) -> None:
    unlike = {name for name, part in join.args.items() if part} - {"this", "on", "side", "kind"}
    if unlike or join.args.get("on") is None:
        raise Refused.at(join.this, "a join says which rows belong together: join ... on a.x = b.x")


def _check_group(group: exp.Group | None) -> None:
    if group is None:
        return
    unlike = {name for name, part in group.args.items() if part} - {"expressions"}
    if unlike or not group.expressions:
        message = "'group by' names what groups are made of: fields, or names of this select"
        raise Refused.at(group.parent or group, message)
    for one in group.expressions:
        if isinstance(one, exp.Literal):
            raise Refused.at(one, "write the field, or its name in the select, instead of its number")


def _check_union(union: exp.Union) -> None:
    unlike = {name for name, part in union.args.items() if part} - {"this", "expression", "with_"}
    if union.args.get("distinct"):
        raise Refused.at(
            union.expression, "write union all; equal rows are then kept, and group by takes them together"
        )
    if unlike:
        name = sorted(unlike)[0]
        part = union.args[name]
        node = part if isinstance(part, exp.Expr) else union.expression
        raise Refused.at(node, _INSTEAD.get(name, "this is not part of the language of views"))


def _check_subquery(subquery: exp.Subquery) -> None:
    if not isinstance(subquery.parent, (exp.From, exp.Join, exp.Union)):
        raise Refused.at(subquery, "a select stands after from or join; join it, and pick with where")
    unlike = {name for name, part in subquery.args.items() if part} - {"this", "alias"}
    if unlike or (not isinstance(subquery.parent, exp.Union) and not subquery.alias):
        raise Refused.at(subquery, "a select after from or join has a name: from (select ...) as a_name")


def check_table(table: exp.Expr) -> None:
    """Refuse what stands after `from` or `join` and is neither a name nor a select."""
    if isinstance(table, exp.Subquery):
        columns = table.args.get("alias")
        if columns is not None and columns.args.get("columns"):
            raise Refused.at(columns, "name the fields in the select itself: select x as a_name")
        return
    alias = table.args.get("alias")
    is_named = isinstance(table, exp.Table) and isinstance(table.this, (exp.Identifier, exp.Dot))
    if not is_named or {name for name, part in table.args.items() if part} - _TABLE:
        raise Refused.at(table, "after from and join stands a stream, its versions, a view, or (select ...) as a_name")
    if alias is not None and alias.args.get("columns"):
        raise Refused.at(alias, "a name of a relation stands alone: from jira.issues as i")
