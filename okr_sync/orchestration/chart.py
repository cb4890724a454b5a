"""The history of a key result as one line of text: ▁▂▄▆█, a step a day, from its least value to its greatest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import dagster as dg

from okr_sync.project.units import amount
from okr_sync.store import StoredValue

_STEPS = "▁▂▃▄▅▆▇█"
_GAP = "·"
LONGEST = 92
"""Days shown: a quarter."""


def history_chart(history: Sequence[StoredValue], unit: str | None, until: date) -> dg.MarkdownMetadataValue | None:
    """The published value on each day up to `until`, or `None` where none was.

    Args:
        history: every revision of every day, in their order: of a day, the last one counts.
    """
    values = {one.as_of: one.value for one in history if one.as_of <= until}
    first = max(min(values, default=until), until - timedelta(days=LONGEST - 1))
    shown = {day: values.get(day) for day in (first + timedelta(days=n) for n in range((until - first).days + 1))}
    known = [value for value in shown.values() if value is not None]
    if not known:
        return None
    caption = f"{first} to {until}, between {amount(min(known), unit)} and {amount(max(known), unit)}"
    return dg.MetadataValue.md(f"```\n{sparkline(list(shown.values()))}\n```\n{caption}")


def sparkline(values: Sequence[float | None]) -> str:
    """A character for each value; a dot where there is none. Values that are all the same are in the middle."""
    known = [value for value in values if value is not None]
    least, most = min(known, default=0), max(known, default=0)
    return "".join(_GAP if value is None else _step(value, least, most) for value in values)


def _step(value: float, least: float, most: float) -> str:
    if most == least:
        return _STEPS[len(_STEPS) // 2]
    return _STEPS[round((value - least) / (most - least) * (len(_STEPS) - 1))]
