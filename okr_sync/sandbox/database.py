"""The travel client's database: visits, bookings and listings, as a SQLite file for a `sql` source."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.records import Booking, Listing, Visit

_TABLES = """
CREATE TABLE visits (
    id INTEGER PRIMARY KEY, started_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL, channel TEXT, reached TEXT
);
CREATE TABLE bookings (
    id INTEGER PRIMARY KEY, visit_id INTEGER NOT NULL REFERENCES visits, booked_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL, amount INTEGER NOT NULL, refunded_amount INTEGER NOT NULL,
    is_cancelled BOOLEAN NOT NULL
);
CREATE TABLE listings (
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL,
    photo_count INTEGER NOT NULL, description TEXT, price INTEGER, has_availability BOOLEAN NOT NULL, policy TEXT
);
"""


def write_database(path: Path, agency: Agency) -> None:
    """The present state, in a new file or in place of what a file has. Times are in UTC, as text without a zone."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in ("bookings", "listings", "visits"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.executescript(_TABLES)
        _fill(connection, "visits", map(_visit, agency.visits.all))
        _fill(connection, "bookings", map(_booking, agency.bookings.all))
        _fill(connection, "listings", map(_listing, agency.listings.all))


def _fill(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    rows = list(rows)
    if rows:
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def _visit(one: Visit) -> tuple[Any, ...]:
    return one.id, _time(one.started_at), _time(one.updated_at), one.channel, one.reached


def _booking(one: Booking) -> tuple[Any, ...]:
    times = _time(one.booked_at), _time(one.updated_at)
    return one.id, one.visit_id, *times, one.amount, one.refunded_amount, one.is_cancelled


def _listing(one: Listing) -> tuple[Any, ...]:
    times = _time(one.created_at), _time(one.updated_at)
    standard = one.photo_count, one.description, one.price, one.has_availability, one.policy
    return one.id, one.title, *times, *standard


def _time(moment: datetime) -> str:
    return f"{moment.replace(tzinfo=None):%Y-%m-%d %H:%M:%S.%f}"
