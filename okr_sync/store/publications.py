"""What was published, in a session, and the lock that lets one process publish at a time. For the repository alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Engine, text
from sqlmodel import Session, col, or_, select

from okr_sync.store.errors import StoreError
from okr_sync.store.published import ComputingRun, Publication
from okr_sync.store.tables import PublicationTable, RunTable

PATIENCE_SECONDS = 300
"""How long one process waits for another that is publishing: that one may have several slow destinations."""
_LOCK_KEY = 7_035_911_206
"""Beside that of the store's writers: whoever writes results does not wait for a chat."""


def add(session: Session, given: Publication) -> None:
    session.add(PublicationTable(**asdict(given)))


def last(session: Session, destination: str, kind: str, subject: str | None) -> Publication | None:
    query = select(PublicationTable).where(PublicationTable.destination == destination, PublicationTable.kind == kind)
    if subject is not None:
        query = query.where(PublicationTable.subject == subject)
    row = session.exec(query.order_by(col(PublicationTable.id).desc()).limit(1)).first()
    return None if row is None else Publication(**row.model_dump(exclude={"id"}))


def last_run(session: Session) -> ComputingRun | None:
    computes = or_(col(RunTable.kind).in_(("run", "backfill")), col(RunTable.kind).like("dagster%"))
    query = select(RunTable).where(computes)
    row = session.exec(query.order_by(col(RunTable.id).desc()).limit(1)).first()
    if row is None or row.id is None:
        return None
    ended = select(RunTable.finished_at).where(computes, col(RunTable.finished_at).is_not(None))
    ended_at = session.exec(ended.order_by(col(RunTable.finished_at).desc()).limit(1)).first()
    return ComputingRun(id=row.id, started_at=row.started_at, finished_at=row.finished_at, ended_at=ended_at)


@contextmanager
def alone(engine: Engine, name: str) -> Iterator[None]:
    """While it is held, no other process publishes from this store. It ends with the process, however that ends.

    Raises:
        StoreError: another process holds it for too long.
    """
    busy = f"another process has been publishing from the store {name} for {PATIENCE_SECONDS} s; try again later"
    if engine.dialect.name == "sqlite":
        try:
            with FileLock(Path(f"{engine.url.database}.publishing.lock"), timeout=PATIENCE_SECONDS):
                yield
        except Timeout:
            raise StoreError(busy) from None
        return
    with engine.connect() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        yield
