"""What two selects give, one below the other: `union all`."""

from __future__ import annotations

from sqlglot import exp

from okr_sync.formula.alike import expect_alike
from okr_sync.formula.kinds import note_kind
from okr_sync.formula.refusal import Refused
from okr_sync.formula.view.relation import Mark, Relation, field_of, kind_of_field
from okr_sync.project.units import LABELS


def given_by_both(name: str, first: Relation, second: Relation, place: exp.Expr) -> Relation:
    """A relation with the fields of both; `place` is the second select, for messages. It has no key.

    Raises:
        Refused: their fields are not the same, by name, order, kind and unit.
    """
    names = [one.name for one in first.fields]
    if names != [one.name for one in second.fields]:
        message = f"both sides of union all give the same fields in the same order: {', '.join(names)}"
        raise Refused.at(place, message)
    for one in names:
        _expect_one_unit(one, first, second, place)
    fields = [field_of(one, expect_alike([_stand_in(one, each, place) for each in (first, second)], "'union all'"))
              for one in names]  # fmt: skip
    marks = {one: _mark(first.mark(one), second.mark(one)) for one in names}
    return Relation(
        name, tuple(fields), key=(), marks=marks, rows_repeat=first.rows_repeat or second.rows_repeat, is_view=True
    )


def _expect_one_unit(name: str, first: Relation, second: Relation, place: exp.Expr) -> None:
    """What the sides give is taken as it is: spans of time, too, are put below each other in one unit."""
    units = [field.unit for field in (first.field(name), second.field(name)) if field is not None]
    known = [unit for unit in units if unit is not None and unit not in LABELS]
    if len(set(known)) > 1:
        message = f"'union all' needs {name} in one unit; this gives {known[1]}, not {known[0]}"
        raise Refused.at(_first_place(place), message)


def _mark(first: Mark, second: Mark) -> Mark:
    return Mark(first.repeats or second.repeats, first.present_if or second.present_if)


def _first_place(tree: exp.Expr) -> exp.Expr:
    return next((node for node in tree.walk() if "start" in node.meta), tree)


def _stand_in(name: str, relation: Relation, place: exp.Expr) -> exp.Expr:
    """A column of the field's kind, which messages underline at `place`."""
    field = relation.field(name)
    assert field is not None  # noqa: S101 - the name was taken from there
    column = exp.column(name)
    column.meta.update(_first_place(place).meta)
    note_kind(column, kind_of_field(field))
    return column
