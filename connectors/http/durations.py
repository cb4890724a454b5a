"""Spans of time as people write them: `90s`, `5m`, `2h`, `3d`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_SPAN = re.compile(r"(\d+) ?([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def to_span(written: object) -> timedelta:
    if isinstance(written, timedelta):
        return written
    found = _SPAN.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f"{written!r} is not a span of time; write 90s, 5m, 2h or 3d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


Span = Annotated[timedelta, BeforeValidator(to_span, json_schema_input_type=str)]
