"""How queries write instants: as constants, or as parameters, so that one text serves every day."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum

from sqlglot import exp


class Given(IntEnum):
    """The instants that a query may be given, by their places among its parameters."""

    AS_OF = 1
    HELD_UNTIL = 2
    WINDOW_END = 3
    WINDOW_START = 4

    @property
    def tree(self) -> exp.Expr:
        return exp.Parameter(this=exp.Literal.number(self.value))

    @property
    def sql(self) -> str:
        """The same in every dialect that runs here: `$1`."""
        return f"${self.value}"


def instant(value: datetime) -> exp.Expr:
    """An instant as a constant of the query."""
    return exp.cast(exp.Literal.string(value.isoformat()), exp.DataType.Type.TIMESTAMPTZ)
