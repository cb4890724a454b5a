"""Spans of time as people write them in the settings of sources: `90s`, `5m`, `2h`, `3d`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

_SPAN = re.compile(r"(\d+)\s*([smhd])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def to_span(written: object) -> timedelta:
    """Raises ValueError where it is no span."""
    if isinstance(written, timedelta):
        return written
    found = _SPAN.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f"{written!r} is not a span of time; write one such as 30s, 5m, 2h or 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def in_words(span: timedelta) -> str:
    """As it would be written, in the largest unit that has no fraction."""
    for letter, unit in _UNITS.items():
        if span % timedelta(**{unit: 1}) == timedelta():
            return f"{span // timedelta(**{unit: 1})}{letter}"
    return f"{span.total_seconds():g}s"


Span = Annotated[timedelta, BeforeValidator(to_span), WithJsonSchema({"type": "string", "pattern": _SPAN.pattern})]
