"""The shape of a row in the table of functions (`okr_sync.formula.functions`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.formula.kinds import Kind, Types


@dataclass(frozen=True, slots=True)
class Choice:
    """What may stand in a formula where a value must be written out."""

    words: str
    is_fit: Callable[[exp.Expr], bool]


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    types: Types
    hints: Mapping[FieldType, str] = field(default_factory=dict)
    """What to do instead, by the type that was given."""
    choice: Choice | None = None
    """Set where the value must be written out in the formula itself."""
    is_optional: bool = False
    is_repeated: bool = False


def fewest_of(parameters: Sequence[Parameter]) -> int:
    return sum(not parameter.is_optional for parameter in parameters)


def signature_of(name: str, parameters: Sequence[Parameter]) -> str:
    """As people write a call: `round(x[, n])`."""
    text = ""
    for parameter in parameters:
        word = (", " if text else "") + parameter.name + (", ..." if parameter.is_repeated else "")
        text += f"[{word}]" if parameter.is_optional else word
    return f"{name}({text})"


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    parameters: tuple[Parameter, ...]
    gives: Callable[[Sequence[exp.Expr]], Kind]
    """From the typed arguments; raises `Refused` where they do not go together."""
    lower: Callable[..., exp.Expr]
    """From the instant that `as_of()` stands for and the lowered arguments to standard SQL expressions."""
    doc: str
    example: str
    """The whole value of a metric, over the stream of `okr_sync.formula.reference`."""
    is_aggregate: bool = False
    is_lookup: bool = False
    """True where it looks into a relation beside the records (`okr_sync.formula.lookup`): only for single records."""

    @property
    def fewest(self) -> int:
        """How many arguments it takes at least."""
        return fewest_of(self.parameters)

    @property
    def most(self) -> int | None:
        """How many arguments it takes at most; `None`: any number."""
        return None if any(parameter.is_repeated for parameter in self.parameters) else len(self.parameters)

    @property
    def signature(self) -> str:
        return signature_of(self.name, self.parameters)

    def parameter(self, index: int) -> Parameter:
        """The parameter that the argument at `index` belongs to."""
        return self.parameters[min(index, len(self.parameters) - 1)]
