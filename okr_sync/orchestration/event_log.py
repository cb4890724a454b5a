"""Dagster's event log in SQLite: kept open for the length of a step."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME


@contextmanager
def event_log_kept_open(instance: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """Hold a connection to the files to which Dagster writes the events of a run; other storages need none.

    Dagster opens and closes a file for each event. When nobody else has it open, closing folds SQLite's write-ahead log
    into it and deletes the log, which takes several times as long as the event: https://sqlite.org/wal.html#ckpt.
    """
    storage = instance.event_log_storage
    with ExitStack() as stack:
        if isinstance(storage, SqliteEventLogStorage):
            for path in map(Path, (storage.path_for_shard(INDEX_SHARD_NAME), storage.path_for_shard(run_id))):
                if path.exists():
                    stack.enter_context(_kept_open(path))
        yield


@contextmanager
def _kept_open(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        connection.execute("SELECT 1 FROM sqlite_master").fetchall()  # a file is opened by its first query
        yield
