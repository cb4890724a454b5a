"""The sandbox as a whole: it starts, writes down what it is asked, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from urllib.parse import urlsplit

import httpx
import pytest

from okr_sync.sandbox import Agency, Sandbox, faults
from okr_sync.sandbox.server import Options
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
    """`okr-sync sandbox` prints what a shell needs, serves, and ends with Ctrl-C."""
    options = ["--issues", "3", "--tickets", "0", "--seed", "4"]
    command = [sys.executable, "-c", "from okr_sync.cli import main; main()", "sandbox", *options]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(7)]
        variables = dict(line.strip().removeprefix("export ").split("=", 1) for line in lines)
        answer = httpx.post(
            f"{variables['JIRA_BASE_URL']}/rest/api/3/search/approximate-count",
            json={"jql": "updated >= 0"},
            auth=(variables["JIRA_EMAIL"], variables["JIRA_API_TOKEN"]),
        )
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    assert answer.json() == {"count": 3}


def test_taken_port(agency: Agency) -> None:
    """A port that somebody else has is refused at once."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match=r"[Aa]ddress already in use"):
        Sandbox(agency, options=Options({"jira": taken.getsockname()[1]}))
