"""What becomes of units where values meet: the algebra of hours, VND and percent.

- Spans of time that are added or compared are converted to the finest of their units, which is always exact.
- A percentage is a plain factor beside a unit: VND * percent is VND.
- A number that is written out may itself be a conversion, as in `sum(spent_seconds) / 3600`. What is multiplied or
  divided by one keeps what it measures, but not its unit: the metric's `unit:` says that.
- `points` and `count` are labels: they name what was counted and go with every unit.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from okr_sync.connector import FieldType
from okr_sync.formula.kinds import Kind, kind_of, note_kind
from okr_sync.formula.over import Over
from okr_sync.formula.refusal import Refused
from okr_sync.project.units import LABELS, NUMBER, PERCENT, SECONDS, is_duration


def unify(nodes: Sequence[exp.Expr], user: str) -> tuple[str | None, bool]:
    """The unit of values once they are added, compared or chosen from, and whether a written number scaled all of them.

    Spans of time are converted where they stand. A plain number goes with every unit.

    Raises:
        Refused: they measure different things.
    """
    measured = [node for node in nodes if _measures(node) is not None]
    if not measured:
        return _common_label(nodes), False
    first = kind_of(measured[0])
    for node in measured[1:]:
        if _measures(node) != _measures(measured[0]):
            unit = kind_of(node).unit
            raise Refused.at(node, f"{user} needs values of one unit; this is in {unit}, not in {first.unit}")
    exact = [node for node in measured if not kind_of(node).is_scaled]
    if not exact:
        return first.unit, True
    unit = _finest([kind_of(node).unit or "" for node in exact])
    for node in exact:
        _convert(node, unit)
    return unit, False


def unit_of_product(node: exp.Expr) -> tuple[str | None, bool]:
    """The unit of `a * b`, and whether a written number scaled it.

    Raises:
        Refused: both have a unit; hours times VND is nothing that has a name.
    """
    a, b = node.this, node.expression
    if is_written(a) or is_written(b):
        return _scaled(b if is_written(a) else a)
    both = [each for each in (a, b) if _is_real(each)]
    if len(both) == 2:
        units = f"{kind_of(a).unit} times {kind_of(b).unit}"
        raise Refused.at(node, f"{units} has no unit; one side of '*' must be a plain number or a percentage")
    if both:
        return kind_of(both[0]).unit, kind_of(both[0]).is_scaled
    return (PERCENT if _measures(a) == _measures(b) == PERCENT else None), False


def unit_of_quotient(node: exp.Expr) -> tuple[str | None, bool]:
    """The unit of `a / b`, and whether a written number scaled it: hours / hours is plain, VND / count is VND."""
    a, b = node.this, node.expression
    if is_written(b):
        return _scaled(a)
    if not _is_real(a) or is_written(a):
        return None, False
    if not _is_real(b):
        return kind_of(a).unit, kind_of(a).is_scaled
    if _measures(a) == _measures(b) and not (kind_of(a).is_scaled or kind_of(b).is_scaled):
        unify((a, b), "'/'")
    return None, False


def is_written(node: exp.Expr) -> bool:
    """Whether a value is made of numbers in the formula alone, such as `3600` or `(60 * 60)`."""
    return node.find(exp.Column, exp.Anonymous, Over) is None


def as_declared(tree: exp.Expr, declared: str | None) -> exp.Expr | None:
    """The value of a metric in the unit that its project declares, noted as its kind; `None` where it gives another."""
    kind = kind_of(tree)
    if declared is None:
        unit = None if kind.is_scaled else kind.unit
    elif _is_free(kind, declared):
        unit = declared
    elif not kind.is_scaled and is_duration(declared) and is_duration(kind.unit or ""):
        return _in_unit(tree, kind.unit or "", declared)
    else:
        return None
    note_kind(tree, Kind(kind.type, unit))
    return tree


def _is_free(kind: Kind, declared: str) -> bool:
    """Whether a value of this kind may be called `declared` as it stands."""
    if kind.unit in (None, NUMBER, declared) or (kind.unit in LABELS and declared in LABELS):
        return True
    return kind.is_scaled and (declared == NUMBER or _dimension(declared) == _dimension(kind.unit or ""))


def _in_unit(tree: exp.Expr, given: str, wanted: str) -> exp.Expr:
    """A span of time in another unit: times or divided by a whole number."""
    is_finer = SECONDS[wanted] < SECONDS[given]
    many, few = (given, wanted) if is_finer else (wanted, given)
    factor = exp.Literal.number(SECONDS[many] // SECONDS[few])
    note_kind(factor, Kind(FieldType.INTEGER))
    found = (exp.Mul if is_finer else exp.Div)(this=_in_parentheses(tree.copy()), expression=factor)
    note_kind(found, Kind(kind_of(tree).type if is_finer else FieldType.NUMBER, wanted))
    return found


def _in_parentheses(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Column | exp.Anonymous | exp.Paren):
        return node
    whole = exp.Paren(this=node)
    note_kind(whole, kind_of(node))
    return whole


def _convert(node: exp.Expr, unit: str) -> None:
    """Put a span of time into a finer unit, where it stands in its formula."""
    given = kind_of(node).unit or unit
    if given != unit:
        node.replace(_in_unit(node, given, unit))


def _scaled(node: exp.Expr) -> tuple[str | None, bool]:
    """What is left of a unit beside a written number."""
    return (kind_of(node).unit, True) if _is_real(node) else (None, False)


def _measures(node: exp.Expr) -> str | None:
    """What a value measures: time, percent or a currency; `None` for plain and merely labelled numbers."""
    unit = kind_of(node).unit
    return None if unit is None or unit in LABELS else _dimension(unit)


def _is_real(node: exp.Expr) -> bool:
    return _measures(node) not in (None, PERCENT)


def _dimension(unit: str) -> str:
    return "time" if is_duration(unit) else unit


def _finest(units: Sequence[str]) -> str:
    return min(units, key=lambda unit: SECONDS.get(unit, 0))


def _common_label(nodes: Sequence[exp.Expr]) -> str | None:
    """What plain numbers count: points and points are points, points and a written number too."""
    labels = {kind_of(node).unit for node in nodes if not is_written(node)}
    return labels.pop() if len(labels) == 1 else None
