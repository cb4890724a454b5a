"""Numbers as people see them, into numbers as Python writes them."""

from __future__ import annotations

import re
from collections.abc import Callable

_TYPOGRAPHY = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2212": "-", "\u2019": "'"})
"""Blanks that do not break, and the signs that are a minus and an apostrophe in print."""


def number_rewriter(decimal: str | None, thousands: str | None, unit: str | None) -> Callable[[str], str]:
    """The function that writes a number as Python does: of `-₫ 1.200,5` it makes `-1200.5`, of `12,5 %` `12.5%`.

    Nothing is guessed. A separator that is `None` may not occur; one of thousands stands between groups of three, the
    first of which does not begin with 0 (0.123 is no 123); no sign of money or measure but `unit` is passed over. The
    function raises ValueError for everything else.
    """
    grouped = rf"[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+|" if thousands else ""
    fraction = rf"(?:{re.escape(decimal)}\d+)?" if decimal else ""
    pattern = re.compile(rf"[+-]?(?:{grouped}\d+){fraction}(?: ?%)?", re.ASCII)

    def rewrite(text: str) -> str:
        number = text.translate(_TYPOGRAPHY).strip()
        if unit is not None:
            number = _without(unit, number)
        if pattern.fullmatch(number) is None:
            raise ValueError(text)
        if thousands:
            number = number.replace(thousands, "")
        return number.replace(decimal, ".") if decimal else number

    return rewrite


def _without(unit: str, number: str) -> str:
    """`number` without the unit before or behind it; a sign may stand before the unit."""
    sign = number[:1] if number[:1] in ("+", "-") else ""
    rest = number.removeprefix(sign).strip()
    if rest.startswith(unit):
        return sign + rest.removeprefix(unit).strip()
    return sign + rest.removesuffix(unit).strip()
