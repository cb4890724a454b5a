"""SQLite."""

from __future__ import annotations

from connectors.sql.engines.engine import Engine, Reason

SQLITE = Engine(
    name="SQLite",
    driver="sqlite",
    package="okr-sync",  # comes with Python
    dialect="sqlite",
    clock="SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')",
    is_clock_utc=True,
    reasons={
        "SQLITE_PERM": Reason.REFUSED,
        "SQLITE_AUTH": Reason.REFUSED,
        "SQLITE_ERROR": Reason.MISMATCH,
        "SQLITE_READONLY": Reason.MISMATCH,
        "SQLITE_NOTADB": Reason.MISMATCH,
        "SQLITE_MISMATCH": Reason.BAD_DATA,
    },
    opening=("PRAGMA query_only = ON",),
    # Python's driver begins no transaction for a SELECT; without one, each statement sees a state of its own.
    snapshot=("BEGIN",),
    is_file=True,
    has_text_times=True,
)
