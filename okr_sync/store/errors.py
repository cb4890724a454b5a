"""What can go wrong with the store, in words for people. An address is shown as written, without its secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Self

from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from okr_sync.errors import OkrSyncError
from okr_sync.store.watched import Closing

_ADVICE = {
    "database is locked": "another process kept it busy for too long; try again when that one has finished",
    "readonly database": "it cannot be written; check the permissions of the file and of its folder",
    "unable to open": "the file cannot be opened; check the permissions, and that the path is not a folder",
    "not a database": "the file is something else; point store: at another file, or move this one away",
    "malformed": "the file is damaged; put a backup in its place",
    "disk is full": "there is no space left on its disk; make room and run again",
    "disk I/O error": "its disk is full, over a quota or failing; make room or repair it, and run again",
}


class StoreError(OkrSyncError):
    """The store cannot be opened, read or written."""


class ClosedCycleError(OkrSyncError):
    """The cycle was closed: what is stored of it stays as it was signed."""

    def __init__(self, cycle: str, closed_at: datetime, closed_by: str) -> None:
        super().__init__(
            f"cycle {cycle} was closed on {closed_at:%d %b %Y} by {closed_by}: nothing of it is written any more"
        )
        self.cycle = cycle

    @classmethod
    def of(cls, closing: Closing) -> Self:
        return cls(closing.cycle, closing.closed_at, closing.closed_by)


def shown(url: URL) -> str:
    """The address for messages: no password, and no query, which may hold one too."""
    return url.set(query={}).render_as_string(hide_password=True)


@contextmanager
def explained(store: str) -> Iterator[None]:
    """Turn what the database reports of its own state into a StoreError; a fault of our SQL or data passes as it is."""
    try:
        yield
    except (DataError, IntegrityError, ProgrammingError):
        raise
    except DBAPIError as error:
        cause = str(error.orig).strip().partition("\n")[0]
        advice = next((text for sign, text in _ADVICE.items() if sign in cause), "check that it is there and reachable")
        raise StoreError(f"the store {store} cannot be used: {advice} ({cause})") from error
    except OSError as error:
        raise StoreError(f"the store {store} cannot be used: {error.strerror or error}; check its folder") from error
