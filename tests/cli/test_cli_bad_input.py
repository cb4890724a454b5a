"""Bad input: one clear message, the documented exit code, nothing wrong written, and the repaired project goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.example import DAY, OBJECTIVE, SETTINGS, OkrSync, edit

OKRS = "okrs/help.yaml"


@dataclass(frozen=True)
class Bad:
    """A mistake in one file, and what the message must say."""

    file: str
    spoil: Callable[[Path], object]
    message: tuple[str, ...]


def replaced(old: str, new: str) -> Callable[[Path], None]:
    return lambda path: edit(path, old, new)


WRONG_PROJECTS = {
    "unknown field": Bad(OKRS, replaced("avg(hours)", "avg(hurs)"), ("okrs/help.yaml:", "hurs", "'hours'")),
    "unknown function": Bad(OKRS, replaced("avg(hours)", "avrg(hours)"), ("okrs/help.yaml:", "avrg", "avg")),
    "unknown stream": Bad(
        OKRS, replaced("desk.tickets", "desk.tickts"), ("okrs/help.yaml:10", "'tickts'", "'tickets'")
    ),
    "unknown metric": Bad(OKRS, replaced("metric: opened", "metric: openned"), ("okrs/help.yaml:", "'opened'")),
    "divided text": Bad(OKRS, replaced("value: avg(hours), unit", "value: max(state) / 2, unit"), ("okrs/help.yaml:",)),
    "target is baseline": Bad(OKRS, replaced("target: 0%", "target: 50%"), ("okrs/help.yaml:4", "50", "baseline")),
    "metric cycle": Bad(
        OKRS, lambda path: path.write_text(OBJECTIVE + "  a: {value: b + 1}\n  b: {value: a + 1}\n"), ("a", "b")
    ),
    "duplicate ids": Bad(OKRS, replaced("id: opened", "id: late"), ("okrs/help.yaml:", "late")),
    "a tab": Bad(OKRS, replaced("id: help", "id:\thelp\n\towner: x"), ("okrs/help.yaml:", "tab")),
    "not UTF-8": Bad(OKRS, lambda path: path.write_bytes(OBJECTIVE.encode("utf-16")), ("okrs/help.yaml", "UTF-8")),
    "missing variable": Bad(
        "okr-sync.yaml",
        replaced("tickets.csv", "'${OKR_SYNC_TEST_NOWHERE}'"),
        ("okr-sync.yaml:", "OKR_SYNC_TEST_NOWHERE"),
    ),
    "a gate in another unit": Bad(
        OKRS, replaced("avg(hours), unit: hours}", "avg(hours), unit: hours, trust: {max_move: 3 VND}}"), ("VND",)
    ),
}


@pytest.fixture(autouse=True)
def _waits_are_off(no_waits: None) -> None:
    """Every command here may meet a source that fails."""


@pytest.mark.parametrize("name", WRONG_PROJECTS)
def test_wrong_projects_are_refused_and_go_on_when_repaired(okr_sync: OkrSync, project: Path, name: str) -> None:
    """Exit code 3, a message with place and value, nothing on standard output, the last numbers untouched."""
    bad = WRONG_PROJECTS[name]
    assert okr_sync("run", "--project", project, "--as-of", DAY).code == 0
    before = okr_sync("status", "--project", project, "--as-of", DAY, "--json").out
    good = (project / bad.file).read_bytes()
    bad.spoil(project / bad.file)

    said = okr_sync("run", "--project", project, "--as-of", DAY, "--json")
    assert (said.code, said.out) == (3, ""), said.err
    assert all(part in said.err for part in bad.message), said.err
    assert "Traceback" not in said.err

    (project / bad.file).write_bytes(good)
    assert okr_sync("status", "--project", project, "--as-of", DAY, "--json").out == before
    assert okr_sync("run", "--project", project, "--as-of", DAY).code == 0


WRONG_FILES = {
    "malformed line": (replaced("B,2025-01-20,2,done", "B,2025-01-20,2,done,and,more"), "tickets.csv"),
    "no number": (replaced("B,2025-01-20,2,done", "B,2025-01-20,two,done"), "two"),
    "vanished": (lambda path: path.unlink(), "tickets.csv"),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_file_that_cannot_be_read_fails_its_source_alone(okr_sync: OkrSync, project: Path, name: str) -> None:
    """Exit code 4; no number changes, and the repaired file is read by the next run."""
    spoil, message = WRONG_FILES[name]
    file = project / "tickets.csv"
    assert okr_sync("run", "--project", project, "--as-of", DAY).code == 0
    before = _values(okr_sync, project)
    good = file.read_bytes()
    spoil(file)

    said = okr_sync("run", "--project", project, "--as-of", DAY)
    assert said.code == 4
    assert "\ndesk.tickets: " in said.out
    assert message in said.out
    assert _values(okr_sync, project) == before

    file.write_bytes(good)
    assert okr_sync("run", "--project", project, "--as-of", DAY).code == 0
    assert _values(okr_sync, project) == before


def test_several_mistakes_are_told_at_once(okr_sync: OkrSync, project: Path) -> None:
    """One run of check is enough to find them all."""
    edit(project / OKRS, "target: 0%", "target: 50%")
    edit(project / OKRS, "id: opened", "id: wait")

    said = okr_sync("check", "--project", project, "--json")
    assert (said.code, said.out) == (3, "")
    assert said.err.count("okrs/help.yaml:") >= 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["status", "--as-of", "2025-02-30"], "'2025-02-30' is not a day; write one such as 2026-10-31"),
        (["status", "--as-of", "yesterday"], "'yesterday' is not a day"),
        (["plan", "--as-of", "9999-01-01"], "has not come yet"),
        (["plan", "--as-of", "2024-12-31"], "begins on 2025-01-01"),
        (["explain", "opend", "--as-of", DAY], "did you mean 'opened'?"),
        (["explain", "late", "--metric", "late_shar", "--as-of", DAY], "did you mean 'late_share'?"),
        (["explain", "late", "--csv", "--json"], "choose one of --csv and --json"),
        (["streams", "desk.tickts"], "did you mean 'desk.tickets'?"),
        (["run", "--source", "dsk"], "there is no source 'dsk' in the project"),
        (["run", "--no-sync", "--source", "desk"], "--no-sync asks no source"),
        (["explain", "late", "--limit", "0"], "--limit"),
    ],
)
def test_commands_that_cannot_be_followed(okr_sync: OkrSync, project: Path, arguments: list[str], message: str) -> None:
    """Exit code 2, the message on standard error, nothing on standard output, and nothing written."""
    said = okr_sync(*arguments, "--project", project)

    assert (said.code, said.out) == (2, "")
    assert message in " ".join(said.err.split())


def test_a_folder_without_a_project_is_named(okr_sync: OkrSync, tmp_path: Path) -> None:
    """The message says which file is looked for, and how a project is made."""
    said = okr_sync("status", "--project", tmp_path)

    assert (said.code, said.out) == (3, "")
    assert "okr-sync.yaml" in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_none_is_refused(okr_sync: OkrSync, project: Path) -> None:
    """Exit code 6 where the store's file is something else."""
    (project / ".okr-sync").mkdir()
    (project / ".okr-sync" / "store.db").write_text("not a database, " * 100)

    said = okr_sync("run", "--project", project, "--as-of", DAY)
    assert (said.code, said.out) == (6, "")
    assert "store.db" in said.err


def test_a_value_that_fails_its_gate_is_withheld(okr_sync: OkrSync, project: Path) -> None:
    """Exit code 5, and the status table says why."""
    edit(project / OKRS, "value: avg(hours), unit: hours}", "value: avg(hours), unit: hours, trust: {min_count: 5}}")

    assert okr_sync("run", "--project", project, "--as-of", DAY).code == 5
    assert "rests on 4 records, at least 5 are needed" in okr_sync("status", "--project", project, "--as-of", DAY).out


def _values(okr_sync: OkrSync, project: Path) -> list[float | None]:
    content = json.loads(okr_sync("status", "--project", project, "--as-of", DAY, "--json").out)
    return [one["value"] for objective in content["objectives"] for one in objective["key_results"]]


def test_the_example_is_right(okr_sync: OkrSync, project: Path) -> None:
    """What the cases above spoil is a project without mistakes."""
    assert (project / "okr-sync.yaml").read_text("utf-8") == SETTINGS
    assert okr_sync("check", "--project", project).code == 0
