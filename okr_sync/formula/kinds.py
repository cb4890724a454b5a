"""What a part of a formula is: its type and unit, and the rules for parts that meet.

A part of unknown type (a field of a stream that was not described yet) passes every rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.formula.refusal import Refused


@dataclass(frozen=True, slots=True)
class Kind:
    """`unit` is one of `okr_sync.project.units`, or `None` for a plain or unknown one."""

    type: FieldType
    unit: str | None = None
    is_scaled: bool = False
    """True where only the kind of unit is known: a number that is written out may have converted the value."""


Types = tuple[FieldType, ...]
NUMBERS: Types = (FieldType.INTEGER, FieldType.NUMBER)
TIMES: Types = (FieldType.DATE, FieldType.TIMESTAMP)
CONDITIONS: Types = (FieldType.BOOLEAN,)
TEXTS: Types = (FieldType.TEXT,)
LISTS: Types = (FieldType.LIST,)
ORDERED: Types = (*NUMBERS, *TEXTS, *TIMES)
ANY: Types = tuple(FieldType)

WORDS: Mapping[FieldType, str] = {
    FieldType.TEXT: "text",
    FieldType.INTEGER: "a number",
    FieldType.NUMBER: "a number",
    FieldType.BOOLEAN: "true or false",
    FieldType.DATE: "a date",
    FieldType.TIMESTAMP: "a timestamp",
    FieldType.LIST: "a list",
    FieldType.UNKNOWN: "of unknown type",
}
"""How messages name a type."""

_KIND = "kind"


def kind_of(node: exp.Expr) -> Kind:
    """What `note_kind` said of this node."""
    kind: Kind = node.meta[_KIND]
    return kind


def note_kind(node: exp.Expr, kind: Kind) -> None:
    node.meta[_KIND] = kind


def read_time(text: str) -> date | datetime | None:
    """The date, or the time, that a quoted text writes in ISO form; `None` when it writes neither."""
    for kind in (date, datetime):
        try:
            return kind.fromisoformat(text)
        except ValueError:
            continue
    return None


def expect(node: exp.Expr, types: Types, user: str, hints: Mapping[FieldType, str] | None = None) -> None:
    """Refuse a node that is of none of `types`; `user` names what needs it, `hints` what to do instead.

    A quoted text where only dates or timestamps go becomes one.
    """
    if set(types) <= set(TIMES):
        take_as_times([node])
    found = kind_of(node).type
    if found not in (*types, FieldType.UNKNOWN):
        *others, last = dict.fromkeys(WORDS[each] for each in types)
        needed = f"{', '.join(others)} or {last}" if others else last
        hint = (hints or {}).get(found)
        raise Refused.at(node, f"{user} needs {needed}; this is {WORDS[found]}" + (f"; {hint}" if hint else ""))


def take_as_times(nodes: Sequence[exp.Expr]) -> list[exp.Expr]:
    """Note quoted texts as the dates or timestamps that they write; returns those nodes."""
    quoted = [node for node in nodes if node.is_string]
    for node in quoted:
        time = read_time(node.name)
        if time is None:
            raise Refused.at(node, f"{node.name!r} is not a date; write one such as '2026-12-31' or '2026-12-31 09:00'")
        note_kind(node, Kind(FieldType.TIMESTAMP if isinstance(time, datetime) else FieldType.DATE))
    return quoted
