"""What records were before they became what they are: rebuilt from the values that HubSpot remembers of each property.

HubSpot keeps so many of the last values of a property. What one held before those it remembers, or one of which it
remembers none, is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.hubspot.columns import Raw, value_of
from connectors.hubspot.pipelines import ENTERED
from connectors.hubspot.values import read_property
from okr_sync.connector import FieldType
from okr_sync.http.values import to_timestamp

_AT_ONCE = timedelta(seconds=1)
"""A new record's values do not all come in the same instant: HubSpot works some of them out after the others."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a property held from a moment on."""

    at: datetime
    name: str
    value: Any


def versions(present: Raw, histories: Mapping[str, Sequence[Mapping[str, Any]]], names: Collection[str]) -> list[Raw]:
    """The record as it was from each change of the properties `names` on, oldest first; the present one is left out.

    Raises:
        ValueError: the time of a change cannot be read.
    """
    present_since = to_timestamp(present.get("updatedAt"))
    state: dict[str, Any] = {}
    found: list[tuple[datetime, dict[str, Any]]] = []
    changes = sorted(_changes(present, histories, names), key=lambda one: one.at)
    for one in changes:
        state = {**state, one.name: one.value}
        is_new = len(found) == 1 and one.at - changes[0].at <= _AT_ONCE
        if found and (is_new or found[-1][0] == one.at):
            found.pop()
        found.append((one.at, state))
    return [
        {**present, "updatedAt": at.isoformat(), "properties": properties}
        for at, properties in found
        if at < present_since
    ]


def _changes(
    present: Raw, histories: Mapping[str, Sequence[Mapping[str, Any]]], names: Iterable[str]
) -> Iterator[Change]:
    """Of changes in the same instant HubSpot gives the last one first."""
    for name in names:
        known = histories.get(name) or ()
        for one in reversed(known):
            yield Change(to_timestamp(one.get("timestamp")), name, one.get("value"))
        entered = value_of(present, name) if not known and name.startswith(ENTERED) else None
        at = read_property(FieldType.TIMESTAMP, entered)
        if isinstance(at, datetime):  # such a time says itself since when it is known
            yield Change(at, name, entered)
