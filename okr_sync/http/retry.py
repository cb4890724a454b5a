"""Repeat a call that is worth another try, as long as the source asks and a run can wait."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from datetime import timedelta
from time import monotonic
from typing import TypeVar

import stamina

from okr_sync.http.faults import BusyError

_T = TypeVar("_T")

PATIENCE = timedelta(minutes=15)
"""How long one call may wait in all, at the source's own word (`Retry-After`), before the run gives up on it."""
_CALLER = stamina.RetryingCaller(attempts=6, timeout=None, wait_initial=1.0, wait_max=60.0, wait_jitter=1.0)
"""Waits of 1, 2, 4, 8 and 16 seconds, each up to a second longer, where the source says nothing."""


_waited_seconds: ContextVar[float] = ContextVar("_waited_seconds", default=0.0)


def waited_seconds() -> float:
    """How long this thread has waited so far before it called again."""
    return _waited_seconds.get()


def always(_: BusyError) -> bool:
    """Every busy answer is worth another try."""
    return True


def retrying(call: Callable[[], _T], is_worth_it: Callable[[BusyError], bool] = always) -> _T:
    """What `call` returns, called again after a `BusyError` until it succeeds, six times at most.

    A wait that the source asks for is kept in full: asking before it is over prolongs it.

    Raises:
        BusyError: the last one, when attempts or patience are used up or `is_worth_it` says no.
    """
    waited = timedelta()
    failed_at: float | None = None

    def once() -> _T:
        nonlocal failed_at
        if failed_at is not None:
            _waited_seconds.set(waited_seconds() + monotonic() - failed_at)
        try:
            return call()
        except BusyError:
            failed_at = monotonic()
            raise

    def backoff(error: Exception) -> bool | timedelta:
        nonlocal waited
        if not isinstance(error, BusyError) or not is_worth_it(error):
            return False
        if error.wait_seconds is None:
            return True
        wait = timedelta(seconds=error.wait_seconds)
        waited += wait
        return wait if waited <= PATIENCE else False

    return _CALLER(backoff, once)
