"""What the aggregates of one metric run over, while its formula is lowered."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Records:
    """All records of a relation, or those for which `condition` holds, as of an instant."""

    as_of: exp.Expr
    condition: exp.Expr | None = None

    def only(self, value: exp.Expr, *conditions: exp.Expr) -> exp.Expr:
        """`value` where the record counts and the conditions hold, else null, which aggregates leave out.

        Not FILTER: many filtered aggregates in one SELECT cost DuckDB the square of their number.
        """
        own = () if self.condition is None else (self.condition.copy(),)
        holds = [*own, *conditions]
        if not holds:
            return value
        return exp.Case(ifs=[exp.If(this=exp.and_(*holds, copy=False), true=value)])
