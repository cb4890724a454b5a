"""The sandbox as a whole: it starts, writes down what it is asked, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from okr_sync.errors import OkrSyncError
from okr_sync.sandbox import Agency, Sandbox, faults
from okr_sync.sandbox.database import write_database
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.troubles import fault_of
from tests.sandbox.clients import NOW, anonymous_client, jira_client


def test_variables(sandbox: Sandbox) -> None:
    """Everything that a project's files may name, and an address that answers."""
    variables = sandbox.variables()
    assert set(variables) >= {
        "JIRA_BASE_URL", "JIRA_EMAIL", "JIRA_API_TOKEN",
        "ZENDESK_URL", "ZENDESK_SUBDOMAIN", "ZENDESK_EMAIL", "ZENDESK_API_TOKEN",
    }  # fmt: skip
    assert variables["JIRA_BASE_URL"].startswith("http://127.0.0.1:")
    assert variables["JIRA_API_TOKEN"] != variables["ZENDESK_API_TOKEN"]


def test_request_log(jira: httpx.Client, sandbox: Sandbox) -> None:
    """Every request is written down with what became of it, and without its credentials."""
    jira.get("/search/jql", params={"jql": "project = WEB"})
    jira.post("/issue/bulkfetch", json={"issueIdsOrKeys": []})
    first, second = sandbox.requests
    assert (first.method, first.path, first.status) == ("GET", "/rest/api/3/search/jql", 200)
    assert (first.query, first.body, first.at) == ("jql=project+%3D+WEB", b"", NOW)
    assert (second.method, second.body, second.status) == ("POST", b'{"issueIdsOrKeys":[]}', 400)
    assert sandbox.variables()["JIRA_API_TOKEN"] not in repr(sandbox.requests)


def test_request_without_an_answer_is_in_the_log(agency: Agency) -> None:
    """A connection that is closed without a word counts as a request with status 0."""
    with Sandbox(agency, [faults.Fault(faults.no_answer())]) as sandbox, jira_client(sandbox) as jira:
        with pytest.raises(httpx.TransportError):
            jira.get("/serverInfo")
        assert [one.status for one in sandbox.requests] == [0]


def test_nothing_is_left_behind(agency: Agency) -> None:
    """After the block nobody listens, no thread runs, and the port can be taken again."""
    with Sandbox(agency) as sandbox, jira_client(sandbox) as jira:
        jira.get("/serverInfo")
        url = sandbox.url("jira")
    assert not [thread for thread in threading.enumerate() if thread.name == "sandbox"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
    with Sandbox(agency, options=Options({"jira": urlsplit(url).port or 0})) as again:
        assert again.url("jira") == url


def test_two_at_once(agency: Agency) -> None:
    """Two sandboxes do not know of each other."""
    with Sandbox(agency) as one, Sandbox(Agency.grow(9, NOW, issue_count=0)) as other:
        with jira_client(one) as jira:
            jira.get("/serverInfo")
        assert one.url("jira") != other.url("jira")
        assert (len(one.requests), len(other.requests)) == (1, 0)


def test_unknown_path(sandbox: Sandbox) -> None:
    """What the sandbox does not imitate is not there."""
    with anonymous_client(sandbox.url("jira")) as client:
        assert client.get("/rest/api/2/search").status_code == 404


def test_from_the_command_line() -> None:
    """`okr-sync sandbox` prints what a shell needs, serves with the faults it was given, and ends with Ctrl-C."""
    options = ["--size", "0.005", "--system", "jira", "--seed", "4", "--fault", "503@jira#2"]
    command = [sys.executable, "-c", "from okr_sync.cli import main; main()", "sandbox", *options]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(4)]
            variables = dict(line.strip().removeprefix("export ").split("=", 1) for line in lines)
            answers = [
                httpx.post(
                    f"{variables['JIRA_BASE_URL']}/rest/api/3/search/approximate-count",
                    json={"jql": "updated >= 0"},
                    auth=(variables["JIRA_EMAIL"], variables["JIRA_API_TOKEN"]),
                )
                for _ in range(2)
            ]
            with closing(sqlite3.connect(variables["AGENCY_DATABASE"].removeprefix("sqlite:///"))) as database:
                assert database.execute("SELECT count(*) FROM visits").fetchone() == (45,)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=10) == 0
        finally:
            process.kill()
    assert answers[0].json() == {"count": 3}
    assert answers[1].status_code == 503


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("503", ("", None, "")),
        ("429@jira", ("", None, "jira")),
        ("cut@zendesk/api/v2#2,3", ("/api/v2", [2, 3], "zendesk")),
        ("silent@/rest#1", ("/rest", [1], "")),
    ],
)
def test_faults_as_people_write_them(text: str, fault: tuple[str, list[int] | None, str]) -> None:
    """A deed, and optionally the system, the beginning of the path and the requests it is done to."""
    read = fault_of(text)
    assert (read.path, read.requests, read.system) == fault


@pytest.mark.parametrize(
    ("text", "message"),
    [("418", "write one of 401, 429"), ("503@jirra", "did you mean 'jira'"), ("503#x", "write one")],
)
def test_faults_that_are_none(text: str, message: str) -> None:
    """What is not a fault is refused with what is one."""
    with pytest.raises(OkrSyncError, match=message):
        fault_of(text)


def test_database_of_the_travel_client(tmp_path: Path) -> None:
    """Visits, bookings and listings are in it as the agency has them, and are written anew the next time."""
    agency = Agency.grow(3, NOW, 0, 0, 0).grow_business(3, 0, 500, 20, 0)
    for _ in range(2):
        write_database(tmp_path / "agency.db", agency)
    with closing(sqlite3.connect(tmp_path / "agency.db")) as database:
        counts = [
            database.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in ("visits", "bookings", "listings")
        ]
        (paid,) = database.execute("SELECT sum(amount - refunded_amount) FROM bookings").fetchone()
    assert counts == [500, len(agency.bookings), 20]
    assert paid == sum(one.amount - one.refunded_amount for one in agency.bookings.all)


def test_taken_port(agency: Agency) -> None:
    """A port that somebody else has is refused at once."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match=r"[Aa]ddress already in use"):
        Sandbox(agency, options=Options({"jira": taken.getsockname()[1]}))
