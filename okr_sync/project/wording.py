"""How messages show a value from a file."""

from __future__ import annotations

from datetime import date

_LONGEST = 60


def shown(value: object) -> str:
    """A value as a person wrote it, short enough for one line: `'high'`, `30`, `true`, `a list`, `an empty value`."""
    if value is None:
        return "an empty value"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | date):
        return str(value)
    if isinstance(value, str):
        return repr(value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…")
    return "a mapping" if isinstance(value, dict) else "a list"
