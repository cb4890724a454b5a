"""Changes of a value, as targets may be written: `+300`, `+2h`, `+500 VND`, `+30%`, `-5pp`, `x1.3`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from okr_sync.project.units import NUMBER, PERCENT, Quantity, UnitError

_TIMES = re.compile(r"\s*x\s*((?:\d[\d_]*)(?:\.\d+)?)\s*")
_POINTS = re.compile(r"\s*([+-]?)\s*((?:\d[\d_]*)(?:\.\d+)?)\s*pp\s*")


class ChangeKind(StrEnum):
    ADD = "add"
    """A number in the unit of the metric, or in one that fits it."""
    POINTS = "points"
    """Percentage points: from 20 % to 25 % are 5 of them."""
    SHARE = "share"
    """A share of the baseline's size, added to it."""
    TIMES = "times"


@dataclass(frozen=True, slots=True)
class Change:
    """How far a value is to move, counted from its baseline. `text` is how people write it: `+30%`."""

    kind: ChangeKind
    quantity: Quantity
    """Its number has the sign of the change; of `TIMES` it is the factor."""

    @classmethod
    def less(cls, quantity: Quantity) -> Change:
        """The change that a quantity below zero means where the baseline is still to be measured."""
        return cls(ChangeKind.SHARE if quantity.unit == PERCENT else ChangeKind.ADD, quantity)

    def from_(self, baseline: float, unit: str | None) -> float:
        """Where the change leads from `baseline`, both in `unit`. A share is one of the baseline's size: up is up.

        Raises:
            UnitError: the change does not fit the unit.
        """
        number = self.quantity.number
        if self.kind is ChangeKind.TIMES:
            return baseline * number
        if self.kind is ChangeKind.SHARE:
            self._refuse_percent(unit)
            return baseline + abs(baseline) * number / 100
        if self.kind is ChangeKind.POINTS:
            if unit != PERCENT:
                raise UnitError(
                    f"{self} are percentage points and do not fit a metric in {unit or NUMBER}; write {number:+g}"
                )
            return baseline + number / 100
        return baseline + self.quantity.to(unit)

    def _refuse_percent(self, unit: str | None) -> None:
        """Of 20 %, `+30%` might be 50 % or 26 %."""
        if unit == PERCENT:
            number = self.quantity.number
            size = f"{abs(number):g}"
            raise UnitError(
                f"{self} of a metric in percent can be read in two ways; write {number:+g}pp for {size} percentage"
                f" points, or x{1 + number / 100:g} for {size} % {'more' if number > 0 else 'less'} than the baseline"
            )

    @property
    def is_down(self) -> bool:
        return self.quantity.number < (1 if self.kind is ChangeKind.TIMES else 0)

    def __str__(self) -> str:
        number, unit = self.quantity.number, self.quantity.unit
        if self.kind is ChangeKind.TIMES:
            return f"x{number:g}"
        if self.kind is ChangeKind.POINTS:
            return f"{number:+g}pp"
        if unit is None:
            return f"{number:+g}"
        return f"{number:+g}%" if self.kind is ChangeKind.SHARE else f"{number:+g} {unit}"


def parse_target(raw: object) -> Quantity | Change:
    """A target as YAML gave it: the value itself, or a change of the baseline.

    Raises:
        UnitError: the text is neither, or a change that changes nothing.
    """
    if isinstance(raw, Change | Quantity):
        return raw
    change = _change(raw) if isinstance(raw, str) else None
    if change is None:
        return Quantity.parse(raw)
    if change.quantity.number == (1 if change.kind is ChangeKind.TIMES else 0):
        raise UnitError(f"{raw!r} changes nothing; write how far the value is to move")
    return change


def _change(text: str) -> Change | None:
    times, points = _TIMES.fullmatch(text), _POINTS.fullmatch(text)
    if times is not None:
        return Change(ChangeKind.TIMES, Quantity(_number(times[1])))
    if points is not None:
        if not points[1]:
            size = points[2]
            raise UnitError(
                f"{text!r} has no sign; write +{size}pp or -{size}pp for a change, {size}% for the value itself"
            )
        return Change(ChangeKind.POINTS, Quantity(_number(points[1] + points[2])))
    if not text.lstrip().startswith("+"):
        return None
    quantity = Quantity.parse(text.lstrip()[1:])
    if quantity.number < 0:
        raise UnitError(f"{text!r} has two signs; write one of them")
    return Change(ChangeKind.SHARE if quantity.unit == PERCENT else ChangeKind.ADD, quantity)


def _number(text: str) -> float:
    return float(text.replace("_", ""))
