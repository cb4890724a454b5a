"""Schema drift: how a source's description of a stream differs from what has landed of it.

What formulas read is frozen: were a description without such a field landed, the formulas over it would no longer be
right. So the stream's sync fails, what reads it keeps its last trusted values, and everything else goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from okr_sync.connector import FieldType, Stream


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed since it landed, each in a sentence."""

    broken: tuple[str, ...] = ()
    """Of fields that formulas read."""
    lost: tuple[str, ...] = ()
    """Of other fields."""


def drift_of(offered: Stream, landed: Stream | None, read: Mapping[str, Sequence[str]]) -> Drift:
    """Compare a stream as its source describes it now with the same as it landed.

    Args:
        read: the fields that formulas read, each with who reads it.
    """
    if landed is None or offered.is_open:
        return Drift()
    changed = dict(_changes(offered, landed))
    return Drift(
        tuple(f"{text}; read by {', '.join(read[name])}" for name, text in changed.items() if name in read),
        tuple(text for name, text in changed.items() if name not in read),
    )


def _changes(offered: Stream, landed: Stream) -> Iterator[tuple[str, str]]:
    known = {one.name for one in landed.fields}
    arrived = [one.name for one in offered.fields if one.name not in known]
    for before in landed.fields:
        now = offered.field(before.name)
        if now is None:
            yield before.name, f"field {before.name!r} is gone{_new(arrived)}"
        elif FieldType.UNKNOWN not in (before.type, now.type) and now.type is not before.type:
            yield before.name, f"field {before.name!r} was {before.type} and is now {now.type}"


def _new(arrived: Sequence[str]) -> str:
    """What it may have been renamed to."""
    return f" (new there: {', '.join(arrived)})" if arrived else ""
