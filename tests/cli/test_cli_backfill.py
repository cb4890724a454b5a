"""`okr-sync backfill`: the days of a span, computed and stored."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.example import SCRIPT, OkrSync, edit

SPAN = ("--from", "2025-01-31", "--to", "2025-02-05")


@pytest.fixture
def landed(okr_sync: OkrSync, project: Path) -> Path:
    assert okr_sync("sync", "--project", project).code == 0
    return project


def test_a_span_is_stored_day_by_day(okr_sync: OkrSync, landed: Path) -> None:
    """Tickets A and B by January's end, C on the 1st, D on the 5th of February; no call on any day."""
    said = okr_sync("backfill", *SPAN, "--project", landed)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "31 Jan 2025 to 5 Feb 2025: 6 days computed, 30 new observations",
        "  calls  no data on 6 days, last on 5 Feb 2025",
        "    the formula has no result for 5 Feb: no record counts, or it divides by nothing",
    ]
    days = ["2025-01-31", "2025-02-01", "2025-02-04", "2025-02-05", "2025-02-06"]
    shown = [json.loads(okr_sync("status", "--project", landed, "--as-of", day, "--json").out) for day in days]
    opened = [one for each in shown for one in each["objectives"][0]["key_results"] if one["id"] == "opened"]
    assert [one["value"] for one in opened] == [2, 3, 3, 4, 4]
    assert opened[-1]["as_of"] == "2025-02-05"


def test_json_counts_what_each_day_stored(okr_sync: OkrSync, landed: Path) -> None:
    """A changed formula restates each of its days, and no other key result."""
    assert okr_sync("backfill", *SPAN, "--project", landed).code == 0
    edit(landed / "okrs" / "help.yaml", "value: count(*)}", "value: count(*) * 2}")
    content = json.loads(okr_sync("backfill", *SPAN, "--project", landed, "--json").out)

    assert (content["from"], content["to"]) == ("2025-01-31", "2025-02-05")
    assert (content["recorded_count"], content["restated_count"], content["closed"]) == (6, 6, [])
    assert [one["recorded_count"] for one in content["days"]] == [1] * 6
    assert [one["id"] for one in content["days"][0]["kept_back"]] == ["calls"]


def test_a_withheld_day_is_told_by_the_exit_code(okr_sync: OkrSync, landed: Path) -> None:
    """3 records are needed: the last two days of January have 2."""
    edit(landed / "okrs" / "help.yaml", "value: count(*)}", "value: count(*), trust: {min_count: 3}}")
    said = okr_sync("backfill", "--from", "2025-01-30", "--to", "2025-02-01", "--project", landed)

    assert said.code == 5
    assert "  opened  withheld on 2 days, last on 31 Jan 2025\n" in said.out


def test_spans_are_refused_with_the_usage(okr_sync: OkrSync, landed: Path) -> None:
    """Both ends are days; the first is the earlier one; the cycle has begun."""
    text = okr_sync("backfill", "--from", "yesterday", "--to", "2025-02-05", "--project", landed)
    assert text.code == 2
    assert "'yesterday' is not a day; write one such as 2026-10-31" in text.err
    early = okr_sync("backfill", "--from", "2024-12-31", "--to", "2025-02-05", "--project", landed)
    assert (early.code, early.err) == (
        2,
        "as of 2024-12-31: cycle spring begins on 2025-01-01; give a day of the cycle\n",
    )


def test_ctrl_c_keeps_the_days_that_were_computed(okr_sync: OkrSync, landed: Path) -> None:
    """On a terminal a bar counts the days; Ctrl-C ends with 130, one line, and every day before it stored."""
    ours, theirs = pty.openpty()
    command = [SCRIPT, "backfill", "--from", "2025-01-01", "--to", "2025-04-10", "--project", str(landed)]
    running = subprocess.Popen(command, stdout=theirs, stderr=theirs, env={**os.environ, "COLUMNS": "120"})
    os.close(theirs)
    shown = b""
    while b" of 100 days" not in shown or b"computed 1" not in shown:
        shown += os.read(ours, 4096)
    time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:  # how a terminal without a program ends
        pass
    assert running.wait(30) == 130
    assert b"interrupted: the days that were computed stay; ending" in shown

    report = json.loads(
        okr_sync("backfill", "--from", "2025-01-01", "--to", "2025-04-10", "--project", landed, "--json").out
    )
    counts = [one["recorded_count"] for one in report["days"]]
    assert counts[0] == 0
    assert 0 < sum(counts) <= 500
    assert counts == sorted(counts)  # what was stored are the first days
