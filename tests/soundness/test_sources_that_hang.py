"""Sources that answer and never end: their time is over, the others' values are right, and the process ends."""

from __future__ import annotations

import json
import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

from filelock import FileLock

from okr_sync.sandbox.faults import Fault, slow
from okr_sync.workspace import open_workspace
from tests.soundness.company import SEARCH, open_company, run_company
from tests.soundness.desk import HANOI, HEADER, QUARTERS, STREAM, log_content, observations

ROOT = Path(__file__).parents[2]
COMMAND_LINE = "from okr_sync import cli; cli.main()"
TAP = """
import json, os, sys, time
if "--discover" in sys.argv:
    schema = {"type": "object", "properties": {"id": {"type": "integer"}}}
    print(json.dumps({"streams": [{"tap_stream_id": "a", "stream": "a", "schema": schema, "key_properties": ["id"]}]}))
else:
    open("tap.pid", "w").write(str(os.getpid()))
    while True:
        print("still at it", file=sys.stderr, flush=True)
        time.sleep(0.1)
"""
FOR_EVER = "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT max(id) AS id FROM n"


class _Trickle(socketserver.BaseRequestHandler):
    """Says that an answer comes, and sends a blank ten times a second: every read of it succeeds."""

    def handle(self) -> None:
        self.request.recv(65536)
        self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
        try:
            while True:
                self.request.sendall(b" ")
                sleep(0.1)
        except OSError:
            """Whoever asked has gone."""


@contextmanager
def trickling() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Trickle) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def write_project(folder: Path, url: str) -> None:
    """Three sources that never end, with two seconds each, and one that is well."""
    (folder / "data").mkdir()
    (folder / "okrs").mkdir()
    (folder / "tap.py").write_text(TAP)
    (folder / "crm.db").touch()
    (folder / "data" / "tasks.csv").write_text(f"{HEADER}\n1,2026-10-02,2026-10-02,,open,1\n")
    rows = {"path": "/rows", "records": "rows", "key": "id", "fields": {"id": "integer"}}
    query = {"query": FOR_EVER, "key": "id", "fields": {"id": "integer"}}
    sources = {
        "api": {"connector": "http", "url": url, "streams": {"a": rows}},
        "tap": {"connector": "singer", "tap": [sys.executable, "tap.py"], "streams": {"a": {}}},
        "crm": {"connector": "sql", "url": "sqlite:///crm.db", "streams": {"a": query}},
    }
    hanging = {name: {**source, "timeout": "2s"} for name, source in sources.items()}
    well = {"desk": {"connector": "files", "streams": {"tasks": STREAM}}}
    main = {"timezone": HANOI, "cycles": QUARTERS, "sources": {**hanging, **well}}
    (folder / "okr-sync.yaml").write_text(json.dumps(main))
    metrics = {name: {"stream": f"{name}.a", "value": "count(*)"} for name in sources}
    metrics["desk"] = {"stream": "desk.tasks", "value": "count(*)"}
    key_results = [{"id": name, "name": name, "metric": name, "target": 100} for name in metrics]
    okr = {"objective": "All", "id": "all", "key_results": key_results, "metrics": metrics}
    (folder / "okrs" / "okr.yaml").write_text(json.dumps(okr))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_sources_that_never_end(tmp_path: Path) -> None:
    """A server that sends a byte now and then, a tap and a query without an end: each has its time, and no more."""
    with trickling() as url:
        write_project(tmp_path, url)
        command = [sys.executable, "-c", COMMAND_LINE, "run", "--json", "--project", str(tmp_path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 4, done.stderr
    report = json.loads(done.stdout)
    errors = {f"{one['source']}.{one['stream']}": one["error"] or "" for one in report["syncs"]}
    assert {name: error[:34] for name, error in errors.items()} == {
        "api.a": "source api: did not end within 2s;",
        "tap.a": "source tap: did not end within 2s;",
        "crm.a": "source crm: did not end within 2s;",
        "desk.tasks": "",
    }
    values = {one["id"]: one["value"] for one in report["key_results"]}
    assert values == {"api": None, "tap": None, "crm": None, "desk": 1}
    assert not is_running(int((tmp_path / "tap.pid").read_text()))
    for name in ("api", "tap", "crm"):
        with FileLock(tmp_path / ".okr-sync" / "warehouse" / f"{name}.lock", blocking=False):
            """It is nobody's."""


def allow(folder: Path, timeout: str) -> None:
    """Write down how long the sync of Jira may take."""
    main = json.loads((folder / "okr-sync.yaml").read_text("utf-8"))
    main["sources"]["jira"]["timeout"] = timeout
    (folder / "okr-sync.yaml").write_text(json.dumps(main), "utf-8")


def test_source_that_is_slow_goes_on_the_next_night(tmp_path: Path) -> None:
    """Jira answers, but not within its time: it ends incomplete, the others are right, and the next run is whole."""
    with open_company(tmp_path, Fault(slow(3), path=SEARCH, requests=(1,))) as sandbox:
        allow(tmp_path, "1s")
        first = run_company(tmp_path, sandbox)
        (failed,) = first.failed_syncs
        assert failed.error is not None and failed.error.startswith("source jira: did not end within 1s;")
        assert {name: one.value for name, one in observations(first).items()} == {
            "issues": None,
            "points": None,
            "tickets": 2,
            "tasks": 1,
            "both": None,
        }
        allow(tmp_path, "30m")
        second = run_company(tmp_path, sandbox)
        assert second.failed_syncs == []
        assert {name: one.value for name, one in observations(second).items()} == {
            "issues": 3,
            "points": 7,
            "tickets": 2,
            "tasks": 1,
            "both": 5,
        }
        assert len(log_content(open_workspace(tmp_path).warehouse, "jira", "issues")) == 3
