"""Work that ends in time, whatever it waits for.

A thread cannot be ended from outside. So work that may hang runs in one that nobody has to wait for: it is asked to
end, then what it waits for is closed under it, and at last it may change nothing any more and is left behind.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

GRACE_SECONDS = 5.0
"""How long work that is late has to end by itself, and once more after it lost what it waited for."""
_TICK_SECONDS = 0.5


class LateError(Exception):
    """The time is over: nothing may be changed any more."""


@dataclass
class Permit:
    """What somebody who works and somebody who waits for them have in common."""

    late: threading.Event = field(default_factory=threading.Event)
    """Set when the time is over. Work that sees it ends as soon as it can do so well."""
    _changing: threading.Lock = field(default_factory=threading.Lock)
    _is_withdrawn: bool = False

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Around every change that others see. Once this is withdrawn, none is under way and none begins.

        Raises:
            LateError: it is withdrawn.
        """
        with self._changing:
            self.check()
            yield

    def check(self) -> None:
        """Raises LateError where it is withdrawn."""
        if self._is_withdrawn:
            raise LateError

    def withdraw(self) -> None:
        """Waits for a change that is under way."""
        self._is_withdrawn = True
        with self._changing:
            pass


@dataclass(frozen=True)
class Limits:
    """When work is late."""

    allowed: timedelta
    stop: threading.Event
    """Set where nobody wants it any more: it is late at once."""


def work_within(limits: Limits, permit: Permit, work: Callable[[], None], close: Callable[[], None]) -> bool:
    """Whether `work`, in a thread of its own, came to its end; what it raises is raised here.

    Args:
        close: ends what it waits for, such as a connection; called from another thread where it is late.
    """
    ended = threading.Event()
    raised: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            raised.append(error)
        finally:
            ended.set()

    threading.Thread(target=run, daemon=True).start()
    if not _ends(ended, limits):
        permit.late.set()
        if not ended.wait(GRACE_SECONDS):
            threading.Thread(target=_quietly, args=(close,), daemon=True).start()  # closing may hang as well
            ended.wait(GRACE_SECONDS)
        permit.withdraw()
    if not ended.is_set():
        return False
    if raised:
        raise raised[0]
    return True


def _ends(ended: threading.Event, limits: Limits) -> bool:
    until = monotonic() + limits.allowed.total_seconds()
    while not limits.stop.is_set():
        left = until - monotonic()
        if left <= 0 or ended.wait(min(left, _TICK_SECONDS)):
            break
    return ended.is_set()


def _quietly(close: Callable[[], None]) -> None:
    with suppress(Exception):
        close()
