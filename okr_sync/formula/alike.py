"""Rules for parts that meet: what is compared, or chosen from, is of one kind and comes to one unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.formula.kinds import TIMES, WORDS, Kind, kind_of, note_kind, take_as_times
from okr_sync.formula.refusal import Refused
from okr_sync.formula.units import unify

_FAMILY: Mapping[FieldType, FieldType] = {**{each: each for each in FieldType}, FieldType.INTEGER: FieldType.NUMBER}
_COMPARED: Mapping[FieldType, FieldType] = {**_FAMILY, FieldType.TIMESTAMP: FieldType.DATE}
_UNLIKE = {
    frozenset(TIMES): "date_trunc('day', a_date) is the instant at which a day begins",
    frozenset((FieldType.TEXT, FieldType.NUMBER)): "what stands in quotes is text",
}


def _expect_one_family(nodes: Sequence[exp.Expr], user: str, family: Mapping[FieldType, FieldType]) -> None:
    known = [node for node in nodes if kind_of(node).type is not FieldType.UNKNOWN]
    for node in known[1:]:
        first, found = kind_of(known[0]).type, kind_of(node).type
        if family[first] is not family[found]:
            hint = _UNLIKE.get(frozenset((family[first], family[found])))
            message = f"{user} needs values of one kind; this is {WORDS[found]}, not {WORDS[first]}"
            raise Refused.at(node, f"{message}; {hint}" if hint else message)


def _has_time(nodes: Sequence[exp.Expr]) -> bool:
    return any(kind_of(node).type in TIMES for node in nodes)


def expect_alike(nodes: Sequence[exp.Expr], user: str) -> Kind:
    """The one kind that all of `nodes` are of, such as the branches of a `case`."""
    if _has_time(nodes):
        are_instants = any(kind_of(node).type is FieldType.TIMESTAMP for node in nodes)
        for node in take_as_times(nodes):
            if are_instants:
                note_kind(node, Kind(FieldType.TIMESTAMP))
    _expect_one_family(nodes, user, _FAMILY)
    types = [kind_of(node).type for node in nodes if kind_of(node).type is not FieldType.UNKNOWN]
    common = FieldType.NUMBER if FieldType.NUMBER in types else next(iter(types), FieldType.UNKNOWN)
    return Kind(common, *unify(nodes, user))


def expect_comparable(nodes: Sequence[exp.Expr], user: str) -> None:
    """Refuse to compare unlike kinds. A date and a timestamp are comparable: by days, see `lower`."""
    for node in nodes:
        if kind_of(node).type is FieldType.LIST:
            raise Refused.at(node, f"{user} does not go with a list; write contains(list, 'text')")
    if _has_time(nodes):
        take_as_times(nodes)
    _expect_one_family(nodes, user, _COMPARED)
    unify(nodes, user)
