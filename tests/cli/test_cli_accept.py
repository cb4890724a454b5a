"""`okr-sync run --accept`: a person lets a value through gates that it failed, and is named for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.example import DAY, OkrSync, edit

WHY = ("--reason", "the team is small", "--by", "Lan")
TICKET = "E,2025-02-08,,done\n"


@pytest.fixture
def withheld(okr_sync: OkrSync, project: Path) -> Path:
    """4 tickets, 5 are needed."""
    edit(project / "okrs" / "help.yaml", "value: count(*)}", "value: count(*), trust: {min_count: 5, max_move: 2}}")
    assert okr_sync("run", "--project", project, "--as-of", DAY).code == 5
    return project


def opened(okr_sync: OkrSync, project: Path, day: str = DAY) -> dict[str, Any]:
    said = json.loads(okr_sync("status", "--project", project, "--as-of", day, "--json").out)
    found: dict[str, Any] = next(one for one in said["objectives"][0]["key_results"] if one["id"] == "opened")
    return found


def test_an_accepted_value_is_published_with_who_and_why(okr_sync: OkrSync, withheld: Path) -> None:
    """4 of 8, half of the way; status and explain say whose word that is."""
    assert (opened(okr_sync, withheld)["status"], opened(okr_sync, withheld)["value"]) == ("withheld", None)
    said = okr_sync("run", "--no-sync", "--accept", "opened", *WHY, "--project", withheld, "--as-of", DAY)

    words = "accepted by Lan: the team is small (the value rests on 4 records, at least 5 are needed)"
    assert (said.code, said.err) == (0, "")
    assert "1 key result changed, 4 as stored" in said.out
    assert words in said.out
    found = opened(okr_sync, withheld)
    assert (found["status"], found["value"], found["progress"]) == ("on track", 4, 0.5)
    assert found["reason"] == f"progress 50 % where 40 % is expected by 9 Feb; {words}"
    assert words in okr_sync("explain", "opened", "--project", withheld, "--as-of", DAY).out


def test_what_was_accepted_stays_so_for_that_day_alone(okr_sync: OkrSync, withheld: Path) -> None:
    """A later run of the day, a plan and a backfill let it through as well, and the next day is withheld again."""
    okr_sync("run", "--no-sync", "--accept", "opened", *WHY, "--project", withheld, "--as-of", DAY)
    again = okr_sync("run", "--no-sync", "--project", withheld, "--as-of", DAY)
    assert (again.code, "0 key results changed" in again.out) == (0, True)
    assert "0 key results would change" in okr_sync("plan", "--project", withheld, "--as-of", DAY).out
    assert "0 new observations" in okr_sync("backfill", "--from", DAY, "--to", DAY, "--project", withheld).out

    assert okr_sync("run", "--no-sync", "--project", withheld, "--as-of", "2025-02-10").code == 5
    tomorrow = opened(okr_sync, withheld, "2025-02-10")
    assert (tomorrow["status"], tomorrow["value"]) == ("withheld", 4)
    assert tomorrow["reason"].endswith("the value of 9 Feb stays")


def test_a_jump_is_accepted_to_one_value_and_to_no_other(okr_sync: OkrSync, withheld: Path) -> None:
    """From 4 to 7 is more than 2; 7 is accepted, and 10 on the same day is another jump."""
    okr_sync("run", "--no-sync", "--accept", "opened", *WHY, "--project", withheld, "--as-of", DAY)
    tickets = withheld / "tickets.csv"
    tickets.write_text(tickets.read_text("utf-8") + "".join(TICKET.replace("E", one) for one in "EFG"), "utf-8")
    assert okr_sync("run", "--project", withheld, "--as-of", DAY).code == 5
    accepted = okr_sync("run", "--no-sync", "--accept", "opened", *WHY, "--project", withheld, "--as-of", DAY)
    assert (accepted.code, opened(okr_sync, withheld)["value"]) == (0, 7)
    again = okr_sync("run", "--no-sync", "--project", withheld, "--as-of", DAY)
    assert (again.code, "0 key results changed" in again.out) == (0, True)

    tickets.write_text(tickets.read_text("utf-8") + "".join(TICKET.replace("E", one) for one in "HIJ"), "utf-8")
    assert okr_sync("run", "--project", withheld, "--as-of", DAY).code == 5
    found = opened(okr_sync, withheld)
    assert (found["status"], found["value"]) == ("withheld", 7)


def test_missing_data_are_never_accepted(okr_sync: OkrSync, project: Path) -> None:
    """Nothing has landed: nobody's word makes a number of that."""
    said = okr_sync("run", "--no-sync", "--accept", "opened", *WHY, "--project", project, "--as-of", DAY)
    assert said.err == (
        "--accept opened: nobody can accept data that are missing: desk.tickets was never synced completely\n"
    )
    assert opened(okr_sync, project)["status"] == "no data"


def test_half_a_sync_is_not_accepted(okr_sync: OkrSync, withheld: Path) -> None:
    """The file is gone on the second night: what is left unread may be anything."""
    (withheld / "tickets.csv").unlink()
    said = okr_sync("run", "--accept", "opened", *WHY, "--project", withheld, "--as-of", DAY)
    assert said.code == 4
    assert "--accept opened: nobody can accept data that are missing: the sync of desk.tickets of" in said.err
    assert opened(okr_sync, withheld)["status"] == "withheld"


def test_where_there_is_nothing_to_accept(okr_sync: OkrSync, withheld: Path) -> None:
    """The gates hold: that is said, and the run goes on."""
    wish = ("--accept", "late", *WHY)
    content = json.loads(okr_sync("run", "--no-sync", *wish, "--json", "--project", withheld, "--as-of", DAY).out)
    assert content["not_accepted"] == [
        {
            "id": "late",
            "reason": "its gates hold, so there is nothing to accept: progress 50 % where 40 % is expected by 9 Feb",
        }
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--accept", "opened"), "--accept needs a --reason; --reason and --by go with --accept"),
        (("--accept", "opened", "--reason", " "), "--accept needs a --reason; --reason and --by go with --accept"),
        (("--by", "Lan"), "--accept needs a --reason; --reason and --by go with --accept"),
        (("--accept", "openned", *WHY), "there is no key result 'openned' in spring; did you mean 'opened'?"),
    ],
)
def test_wishes_that_are_none(okr_sync: OkrSync, withheld: Path, options: tuple[str, ...], message: str) -> None:
    """Refused before any source is asked."""
    said = okr_sync("run", *options, "--project", withheld, "--as-of", DAY)
    assert (said.code, said.out) == (2, "")
    assert message in " ".join(said.err.replace("│", " ").split())
