"""What changed between two definitions of a key result or a KPI, part by part, in words that people can compare."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from okr_sync.project.changes import ChangeKind
from okr_sync.project.units import PERCENT

_MEMBERS = "members."


@dataclass(frozen=True, slots=True)
class ChangedPart:
    """One part of a definition, such as `goal.target` or `metrics.late.value`; `None` is a part that is not there."""

    part: str
    old: str | None
    new: str | None


def changed_parts(old_text: str, new_text: str) -> tuple[ChangedPart, ...]:
    """Every part that differs between two texts of `Definition`, in the order of their names."""
    return tuple(_differences("", json.loads(old_text), json.loads(new_text)))


def _differences(part: str, old: JsonValue, new: JsonValue) -> Iterator[ChangedPart]:
    if old == new:
        return
    if isinstance(old, dict | None) and isinstance(new, dict | None):
        before, after = old or {}, new or {}
        for name in sorted({*before, *after}):
            yield from _differences(f"{part}.{name}" if part else name, before.get(name), after.get(name))
        return
    said = _member if part.startswith(_MEMBERS) else _in_words
    yield ChangedPart(part, said(old), said(new))


def _member(value: JsonValue) -> str | None:
    """A member of a template is known by its weight and by the hash of its own definition."""
    if not isinstance(value, list):
        return None
    return f"weight {_in_words(value[0])}, definition {str(value[1])[:8]}"


def _in_words(value: JsonValue) -> str | None:
    """As it would be written in YAML, but for lists of several values."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, list):
        return _of_list(value)
    return ", ".join(f"{name}: {_in_words(one)}" for name, one in sorted(value.items()))


def _of_list(value: list[JsonValue]) -> str:
    """A quantity and a change are lists too: a number and its unit, the latter after its kind."""
    if _is_quantity(value):
        return _quantity(value)
    if len(value) == 3 and value[0] in list(ChangeKind) and _is_quantity(value[1:]):
        return _change(ChangeKind(value[0]), value[1:])
    return ", ".join(_in_words(one) or "none" for one in value)


def _is_quantity(value: list[JsonValue]) -> bool:
    return len(value) == 2 and isinstance(value[0], float) and isinstance(value[1], str | None)


def _quantity(value: list[JsonValue]) -> str:
    number, unit = _number(cast(float, value[0])), value[1]
    if unit is None:
        return number
    return f"{number}%" if unit == PERCENT else f"{number} {unit}"


def _change(kind: ChangeKind, value: list[JsonValue]) -> str:
    number = cast(float, value[0])
    sign = "+" if number >= 0 else ""
    if kind is ChangeKind.TIMES:
        return f"x{_number(number)}"
    return f"{sign}{_number(number)}pp" if kind is ChangeKind.POINTS else f"{sign}{_quantity(value)}"


def _number(value: float) -> str:
    """All of its digits: numbers that differ print differently."""
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else repr(value)
