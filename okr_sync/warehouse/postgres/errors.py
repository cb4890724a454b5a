"""What can go wrong with the database, in words for people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.errors import InsufficientPrivilege

from okr_sync.warehouse.place import PATIENCE_SECONDS, WarehouseError
from okr_sync.warehouse.postgres.address import Address

_ADVICE = {
    "28": "check user and password",
    "3D": "create the database first; okr-sync makes its schemas by itself",
    "42501": "grant this user CREATE on the database, or on the schema of the source",
    "53": "free what the server is short of, then try again",
    "54": "the stream is too wide for PostgreSQL: choose fewer fields in the project",
    "55P03": f"another process has held its tables for {PATIENCE_SECONDS} s; end that process or try again later",
    "57014": "a limit of the server on the time of a statement ended it; raise statement_timeout for this user",
}
"""By SQLSTATE or its class: https://www.postgresql.org/docs/current/errcodes-appendix.html"""
_UNREACHABLE = (
    "check that it is there and reachable, then run again: what was committed is kept, and the next sync goes on from"
    " there"
)


@contextmanager
def explained(address: Address) -> Iterator[None]:
    """Turn what the database reports of its own state into a WarehouseError; a fault of our SQL passes as it is."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError, InsufficientPrivilege) as error:
        raise WarehouseError(
            f"warehouse {address} cannot be used: {_cause(address, error)}; {_advice(error)}"
        ) from None


def _cause(address: Address, error: psycopg.Error) -> str:
    """The first line of what was reported; the others may quote records."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return address.without_secrets(lines[0]) if lines else type(error).__name__


def _advice(error: psycopg.Error) -> str:
    state = error.sqlstate or _state_in_words(str(error))
    return next((text for sign, text in _ADVICE.items() if state.startswith(sign)), _UNREACHABLE)


def _state_in_words(text: str) -> str:
    """The class of what a server answers before there is a connection, for which the driver tells no SQLSTATE."""
    if "authentication failed" in text or "no password supplied" in text or 'role "' in text:
        return "28"
    return "3D" if 'database "' in text and "does not exist" in text else ""
