"""Where a read by time begins: Zendesk takes no start within the last minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from okr_sync.http import RefusedError

_T = TypeVar("_T")

LAG = timedelta(seconds=61)
"""An export must begin more than a minute ago, and leaves out the last one."""
_TOO_RECENT = "StartTimeTooRecent"
_EARLIER_SECONDS = 300


def epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def asked_from(start_time: int, ask: Callable[[int], _T]) -> _T:
    """What `ask` answers from `start_time`, or from five minutes before it, which leaves nothing out."""
    try:
        return ask(start_time)
    except RefusedError as error:
        if _TOO_RECENT not in error.reason:
            raise
        return ask(start_time - _EARLIER_SECONDS)
