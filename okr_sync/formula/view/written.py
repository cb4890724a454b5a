"""What a select gives, as it is written: every field has a name of its own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from okr_sync.formula.refusal import Refused
from okr_sync.formula.scope import name_of
from okr_sync.formula.view.names import spelled
from okr_sync.formula.view.query import Source


def fields_as_written(select: exp.Select, sources: Sequence[Source]) -> dict[str, exp.Expr]:
    """The trees of the fields, by name.

    Raises:
        Refused: a field without a name, or with one that is taken; a star.
    """
    fields: dict[str, exp.Expr] = {}
    for one in select.expressions:
        if one.is_star:
            known = [field.name for source in sources for field in source.relation.fields]
            hint = f": {', '.join(dict.fromkeys(known))}" if known else ""
            raise Refused.at(one, f"a view names its fields, so that a new field of a source changes nothing{hint}")
        if not isinstance(one, (exp.Alias, exp.Column)):
            raise Refused.at(one, "this field has no name; write ... as a_name")
        name = spelled(one.args["alias"]) if isinstance(one, exp.Alias) else name_of(one)
        if name in fields or name.startswith("_"):
            why = "is given twice" if name in fields else "begins with '_', which is kept for okr-sync"
            raise Refused.at(one, f"the field {name!r} {why}; write another name: ... as other")
        fields[name] = one.this if isinstance(one, exp.Alias) else one
    return fields
