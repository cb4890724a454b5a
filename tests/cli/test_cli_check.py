"""`okr-sync check` as people and machines read its advice, in both languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.example import OkrSync, edit

OKRS = """\
objective: Khách hàng vui hơn
id: happy
key_results:
  - {id: days, name: Tổ chức 4 hội thảo, metric: opened, target: 4}
metrics:
  opened: {stream: desk.tickets, time: opened_on, value: count(*)}
"""
COUNT = "happy has 1 key result; two to four serve best"
ACTIVITY = "'Tổ chức' is something to do; say what is different once it is done; the work is an initiative"


@pytest.fixture
def folder(project: Path) -> Path:
    (project / "okrs" / "help.yaml").write_text(OKRS, "utf-8")
    return project


def test_advice_with_its_reasons(folder: Path, okr_sync: OkrSync) -> None:
    """Each piece of advice is a line with place and code; each rule's reason comes once, and how to silence it."""
    said = okr_sync("check", "--project", folder)
    assert (said.code, said.err) == (0, "")
    assert [line.rstrip() for line in said.out.splitlines()] == [
        f"okrs/help.yaml:3: key_results: [kr-count] {COUNT}",
        f"okrs/help.yaml:4: key_results.days.name: [activity] {ACTIVITY}",
        "",
        "Why",
        "  kr-count  Two to four key results tell whether an objective is reached; more of them blur what matters.",
        "  activity  Work can be finished without changing anything. A key result is the change; the work is an"
        " initiative.",
        "To leave one out, write   silence: {CODE: your reason}   there, or in okr-sync.yaml for the whole project.",
        "",
        "The project is right; advice: 2.",
    ]


def test_advice_for_machines(folder: Path, okr_sync: OkrSync) -> None:
    """JSON has code, place, field, message and reason of each, and the language they are in."""
    said = json.loads(okr_sync("check", "--json", "--project", folder).out)
    assert said["language"] == "en"
    assert said["advice"][0] == {
        "code": "kr-count",
        "place": "okrs/help.yaml:3",
        "field": "key_results",
        "message": COUNT,
        "why": "Two to four key results tell whether an objective is reached; more of them blur what matters.",
    }


def test_advice_in_vietnamese(folder: Path, okr_sync: OkrSync) -> None:
    """The project says its language, and the command may ask for another."""
    edit(folder / "okr-sync.yaml", "timezone:", "language: vi\ntimezone:")
    said = okr_sync("check", "--project", folder).out.splitlines()
    assert said[0] == "okrs/help.yaml:3: key_results: [kr-count] happy có 1 key result; từ hai đến bốn là tốt nhất"
    assert said[-1] == "Dự án hợp lệ; góp ý: 2."
    assert COUNT in okr_sync("check", "--language", "en", "--project", folder).out


def test_silence(folder: Path, okr_sync: OkrSync) -> None:
    """What is silenced with a reason is not said."""
    edit(folder / "okrs" / "help.yaml", "id: happy", "id: happy\nsilence: {kr-count: one is enough, activity: by law}")
    assert okr_sync("check", "--project", folder).out == "The project is right.\n"


def test_silence_without_a_reason(folder: Path, okr_sync: OkrSync) -> None:
    """A silence says why, for those who come after."""
    edit(folder / "okrs" / "help.yaml", "id: happy", "id: happy\nsilence: {kr-count: }")
    said = okr_sync("check", "--project", folder)
    assert (said.code, said.err) == (3, "okrs/help.yaml:3: silence.kr-count: an empty value is not text\n")


def test_language_that_is_not_spoken(folder: Path, okr_sync: OkrSync) -> None:
    """Only the two languages are there."""
    edit(folder / "okr-sync.yaml", "timezone:", "language: fr\ntimezone:")
    said = okr_sync("check", "--project", folder)
    assert (said.code, said.err) == (3, "okr-sync.yaml:1: language: 'fr' is not one of 'en' or 'vi'\n")
