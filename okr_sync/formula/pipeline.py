"""The passes in their order, and the passage of a file that a problem is reported at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.errors import Problem
from okr_sync.formula.annotate import annotate
from okr_sync.formula.check import check
from okr_sync.formula.kinds import CONDITIONS, NUMBERS, TIMES, Types, expect
from okr_sync.formula.parse import parse
from okr_sync.formula.refusal import Refused, excerpt
from okr_sync.formula.scope import Scope, resolve


@dataclass(frozen=True, slots=True)
class Result:
    """What a formula must give, by the place it stands in."""

    user: str
    types: Types
    hints: Mapping[FieldType, str] = field(default_factory=dict)


VALUE = Result(
    "a metric",
    NUMBERS,
    {
        FieldType.BOOLEAN: "write case when condition then 1 else 0 end",
        **dict.fromkeys(TIMES, "write hours(a, b) or days(a, b)"),
    },
)
WHERE = Result("where", CONDITIONS)
TIME = Result("time", TIMES)
DONE = Result("done", CONDITIONS)
EVENT = Result("an event", TIMES, {FieldType.BOOLEAN: "write where: with the condition, value: min(its time)"})


def read(text: str, scope: Scope, result: Result) -> exp.Expr:
    """Text -> a tree that is allowed, resolved and typed; `lower` comes when the tree is used.

    Raises:
        Refused: the first thing in the text that a formula may not hold.
    """
    tree = annotate(resolve(check(parse(text)), scope))
    expect(tree, result.types, result.user, result.hints)
    return tree


@dataclass(frozen=True, slots=True)
class Passage:
    """A formula as it is written in a file, and where."""

    text: str
    place: str
    field: str

    def problem(self, refused: Refused) -> Problem:
        return Problem(self.place, self.field, str(refused), excerpt(self.text, refused.start, refused.end))
