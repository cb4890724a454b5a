"""Window functions, `f(x) over (partition by a order by b)`: one table, one row a function. Only views have them.

They look at the rows of a partition and give each of them a value. Where the order leaves rows equal and the function
needs one of them to come first, the record's key decides, so that two runs agree. What is unknown comes last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.formula.function import Choice, Parameter, fewest_of, signature_of
from okr_sync.formula.kinds import ANY, NUMBERS, ORDERED, Kind, kind_of


class Over(exp.Expression):
    """A call over a partition: `this` is the function's name, as it is written."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "expressions": False, "partition_by": False, "order": False}


@dataclass(frozen=True, slots=True)
class WindowFunction:
    name: str
    parameters: tuple[Parameter, ...]
    gives: Callable[[Sequence[exp.Expr]], Kind]
    lower: Callable[..., exp.Expr]
    """From the lowered arguments to a standard SQL expression."""
    doc: str
    example: str
    needs_order: bool = False
    is_tied: bool = False
    """True where rows that the order leaves equal must still come one after the other: the key decides."""
    is_shared: bool = False
    """True where several rows get one and the same number, which must not be added up again."""

    @property
    def signature(self) -> str:
        return f"{signature_of(self.name, self.parameters)} over (...)"

    @property
    def fewest(self) -> int:
        return fewest_of(self.parameters)


def _whole(_: Sequence[exp.Expr]) -> Kind:
    return Kind(FieldType.INTEGER)


def _as_first(arguments: Sequence[exp.Expr]) -> Kind:
    return kind_of(arguments[0])


def _number_as_first(arguments: Sequence[exp.Expr]) -> Kind:
    return replace(kind_of(arguments[0]), type=FieldType.NUMBER)


def _neighbour(kind: type[exp.Lag | exp.Lead]) -> Callable[..., exp.Expr]:
    return lambda value, distance=None: kind(this=value, offset=distance or exp.Literal.number(1))


_NUMBER = Parameter("x", NUMBERS)
_DISTANCE = Parameter(
    "n",
    NUMBERS,
    choice=Choice("a whole number from 1, such as 2", lambda node: node.is_int and int(node.name) > 0),
    is_optional=True,
)

_ROWS = (
    WindowFunction(
        name="row_number",
        parameters=(),
        gives=_whole,
        lower=exp.RowNumber,
        doc="The place of the row in its partition, from 1; between equals the key decides",
        example="row_number() over (partition by assignee order by created_at)",
        needs_order=True,
        is_tied=True,
    ),
    WindowFunction(
        name="rank",
        parameters=(),
        gives=_whole,
        lower=exp.Rank,
        doc="The place of the row in its partition, from 1; equals share one, and the next place is left out",
        example="rank() over (order by points desc)",
        needs_order=True,
    ),
    WindowFunction(
        name="lag",
        parameters=(Parameter("x", ANY), _DISTANCE),
        gives=_as_first,
        lower=_neighbour(exp.Lag),
        doc="x of the row before, or n rows before; unknown where there is none",
        example="lag(created_at) over (partition by assignee order by created_at)",
        needs_order=True,
        is_tied=True,
    ),
    WindowFunction(
        name="lead",
        parameters=(Parameter("x", ANY), _DISTANCE),
        gives=_as_first,
        lower=_neighbour(exp.Lead),
        doc="x of the row after, or n rows after; unknown where there is none",
        example="lead(status) over (partition by key order by created_at)",
        needs_order=True,
        is_tied=True,
    ),
    WindowFunction(
        name="count",
        parameters=(Parameter("* | x", ANY, is_optional=True),),
        gives=_whole,
        lower=lambda value=None: exp.Count(this=value or exp.Star()),
        doc="How many rows the partition has, count(*), or in how many x is known; with order by, up to this row",
        example="count(*) over (partition by assignee)",
        is_shared=True,
    ),
    WindowFunction(
        name="sum",
        parameters=(_NUMBER,),
        gives=_as_first,
        lower=lambda value: exp.Sum(this=value),
        doc="The sum over the partition; with order by, up to this row and its equals",
        example="sum(points) over (partition by assignee order by created_at)",
        is_shared=True,
    ),
    WindowFunction(
        name="avg",
        parameters=(_NUMBER,),
        gives=_number_as_first,
        lower=lambda value: exp.Avg(this=value),
        doc="The mean over the partition; with order by, up to this row and its equals",
        example="avg(points) over (partition by assignee)",
        is_shared=True,
    ),
    WindowFunction(
        name="min",
        parameters=(Parameter("x", ORDERED),),
        gives=_as_first,
        lower=lambda value: exp.Min(this=value),
        doc="The least value of the partition; with order by, up to this row and its equals",
        example="min(created_at) over (partition by assignee)",
        is_shared=True,
    ),
    WindowFunction(
        name="max",
        parameters=(Parameter("x", ORDERED),),
        gives=_as_first,
        lower=lambda value: exp.Max(this=value),
        doc="The greatest value of the partition; with order by, up to this row and its equals",
        example="max(points) over (partition by assignee)",
        is_shared=True,
    ),
)

WINDOW_FUNCTIONS: Mapping[str, WindowFunction] = {row.name: row for row in _ROWS}


def window_function(node: exp.Expr) -> WindowFunction:
    """The row of the table that an `Over` calls."""
    return WINDOW_FUNCTIONS[node.name.lower()]
