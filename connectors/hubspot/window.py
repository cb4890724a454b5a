"""A search from end to end, past the 10,000 records at which one search of HubSpot ends, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from connectors.hubspot.api import Api
from connectors.hubspot.columns import Raw
from connectors.hubspot.objects import CrmObject
from connectors.hubspot.values import to_milliseconds, to_moment
from okr_sync.connector import Checkpoint, IncompleteError, SettingsError

_SETTLED_MS = timedelta(hours=1) // timedelta(milliseconds=1)
"""How far the next read goes back: the search may learn of a change this late, mostly within a minute."""
_ARCHIVE_DAYS = 90
"""How long archived records are listed."""
_BEGINNING_MS = 1000
"""HubSpot answers 500 to a search from the very beginning of 1970."""


@dataclass(frozen=True, slots=True)
class Window:
    """The records changed from `since_ms` to `until_ms` whose id lies behind `after`."""

    since_ms: int
    until_ms: int
    after: str = "0"

    @classmethod
    def until(cls, now: datetime, since_ms: int | None = None) -> Window:
        return cls(_BEGINNING_MS if since_ms is None else since_ms, to_milliseconds(now))

    @classmethod
    def interrupted(cls, checkpoint: Checkpoint) -> Window | None:
        """The window that a read did not come to the end of."""
        if "after" not in checkpoint:
            return None
        return cls(int(checkpoint["since_ms"]), int(checkpoint["until_ms"]), str(checkpoint["after"]))

    @property
    def on_its_way(self) -> dict[str, Any]:
        """The checkpoint while there is more of it."""
        return {"since_ms": self.since_ms, "until_ms": self.until_ms, "after": self.after}

    @property
    def done(self) -> dict[str, Any]:
        """The checkpoint behind it."""
        return {"since_ms": max(_BEGINNING_MS, self.until_ms - _SETTLED_MS)}

    def filters(self, cursor: str) -> list[dict[str, str]]:
        return [
            {
                "propertyName": cursor,
                "operator": "BETWEEN",
                "value": str(self.since_ms),
                "highValue": str(self.until_ms),
            },
            {"propertyName": "hs_object_id", "operator": "GT", "value": self.after},
        ]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a window: its records, the window that is left, and whether that is empty."""

    records: Sequence[Raw]
    rest: Window
    total: int
    is_last: bool


def pages(api: Api, one: CrmObject, properties: Sequence[str], window: Window, where: str) -> Iterator[Found]:
    """The window in pages. Each asks anew for ids behind the last one, so none is far from the start of its search.

    Ids never change, so a record that is changed meanwhile moves no other; the changed one comes with the next window.

    Raises:
        IncompleteError: a page is not what follows the last one.
    """
    while True:
        answer = api.search(one.name, window.filters(one.cursor), properties)
        records, total = _checked(answer, int(window.after), where)
        window = replace(window, after=str(records[-1]["id"])) if records else window
        is_last = len(records) >= total and not answer.get("paging")
        yield Found(records, window, total, is_last)
        if is_last:
            return


def refuse_long_pause(where: str, checkpoint: Checkpoint, now: datetime) -> None:
    """Raises SettingsError where records may have come to an end of which HubSpot tells no more."""
    read_ms = checkpoint.get("since_ms", _BEGINNING_MS)
    read_ms = checkpoint.get("until_ms") if read_ms == _BEGINNING_MS else read_ms  # a first read that broke off
    if read_ms is None or now - to_moment(read_ms) <= timedelta(days=_ARCHIVE_DAYS):
        return
    stream = where.rpartition(" ")[2]
    raise SettingsError(
        f"{where}: the last whole read was on {to_moment(read_ms):%Y-%m-%d}, and HubSpot lists archived records for"
        f" {_ARCHIVE_DAYS} days, so some that are gone would still count; list what is left: streams.{stream}:"
        " {census: true}"
    )


def _checked(answer: Mapping[str, Any], after: int, where: str) -> tuple[list[Raw], int]:
    records, total = answer.get("results"), answer.get("total")
    if not isinstance(records, list) or not isinstance(total, int):
        raise IncompleteError(f"{where}: a search without results or total; the next sync asks again")
    try:
        ids = [after, *(int(one["id"]) for one in records)]
    except (KeyError, TypeError, ValueError):
        raise IncompleteError(f"{where}: a record without a number for its id; the next sync asks again") from None
    if any(one >= other for one, other in pairwise(ids)):
        raise IncompleteError(
            f"{where}: HubSpot gave records out of order, so some may be missing; the next sync goes on before them"
        )
    if total and not records:
        raise IncompleteError(f"{where}: HubSpot says that {total} more records follow, and gives none")
    return records, total
