"""What was published: added to, never changed, and one process at a time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from okr_sync.store import Publication, Run, Store
from okr_sync.store.engine import connect, parse_url
from tests import postgres
from tests.store.samples import AT, URL

TOLD = Publication(
    destination="team",
    kind="alert",
    subject="2026-11-15",
    as_of=date(2026, 11, 15),
    message="Cảnh báo\n\nchi tiết",
    content={"problems": {"stream:crm.deals": {"began_at": "2026-11-15"}}, "statuses": {}},
    sent_at=AT,
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres.server() as address:
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=postgres.needs_postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return URL
    owner: str = request.getfixturevalue("server")
    name = f"published_{abs(hash(str(tmp_path)))}"
    outside = create_engine(owner.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with outside.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    outside.dispose()
    return owner.replace("/postgres?", f"/{name}?")


def test_the_last_publication_of_a_kind_and_subject(url: str, tmp_path: Path) -> None:
    """Each destination and kind by itself; what had no message is one as well."""
    later = replace(TOLD, subject="2026-11-16", message=None, sent_at=AT + timedelta(days=1))
    with Store.open(url, tmp_path) as store:
        assert store.publication("team", "alert") is None
        for one in (TOLD, later, replace(TOLD, kind="report", subject="2026-W46"), replace(TOLD, destination="mail")):
            store.published(one)
        assert store.publication("team", "alert") == later
        assert store.publication("team", "alert", "2026-11-15") == TOLD
        assert store.publication("team", "report", "2026-W46") == replace(TOLD, kind="report", subject="2026-W46")
        assert store.publication("team", "report", "2026-W47") is None


def test_a_publication_is_kept_by_the_database_itself(url: str, tmp_path: Path) -> None:
    """It was read by somebody: no SQL changes or deletes it."""
    with Store.open(url, tmp_path) as store:
        store.published(TOLD)
    engine = connect(*parse_url(url, tmp_path))
    with engine.connect() as connection:
        for statement in ("UPDATE publication SET message = 'x'", "DELETE FROM publication"):
            with pytest.raises(DBAPIError, match="what was published is never changed"):
                connection.execute(text(statement))
            connection.rollback()
    engine.dispose()


def test_one_process_publishes_at_a_time(url: str, tmp_path: Path) -> None:
    """A second one waits until the first is done, or dead; results are written meanwhile."""
    with Store.open(url, tmp_path) as store, store.publishing():
        script = (
            "import sys; from pathlib import Path; from okr_sync.store import Store\n"
            f"with Store.open({url!r}, Path({str(tmp_path)!r})) as store:\n"
            "    print('waits', flush=True)\n"
            "    with store.publishing():\n"
            "        print('publishes', flush=True)\n"
            "        sys.stdin.read()\n"
        )
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        process = subprocess.Popen([sys.executable, "-c", script], text=True, **pipes)  # type: ignore[call-overload]
        assert process.stdout.readline() == "waits\n"
        store.begin_run(Run(kind="run", version="0.1.0", as_of=date(2026, 11, 15), started_at=AT))
        store.published(TOLD)
        assert process.poll() is None
    assert process.stdout.readline() == "publishes\n"
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        pipe.close()
    with Store.open(url, tmp_path) as store, store.publishing():
        assert store.publication("team", "alert") == TOLD


def test_the_last_run_and_when_one_ended(url: str, tmp_path: Path) -> None:
    """Runs that compute, of the command line and of Dagster; a sync alone is none."""
    with Store.open(url, tmp_path) as store:
        assert store.last_run() is None
        kinds = ("run", "dagster 1f2e", "sync")
        days = [Run(kind=kind, version="0", as_of=date(2026, 11, 15), started_at=AT) for kind in kinds]
        first, second, _ = [store.begin_run(one) for one in days]
        found = store.last_run()
        assert found is not None
        assert (found.id, found.finished_at, found.ended_at) == (second, None, None)
        store.finish_run(first, "done", AT)
        found = store.last_run()
        assert found is not None
        assert (found.id, found.finished_at, found.ended_at) == (second, None, AT)
