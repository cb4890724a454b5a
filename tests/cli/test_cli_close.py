"""Closing a cycle: graded and signed once, never written again, and found out where the store was changed."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.example import OkrSync, edit
from tests.cli.structure import COMPANY, SETTINGS, TEAM, TICKETS

LAST_DAY = "2025-04-10"
KEY = "a key of our own"
ASPIRATIONAL = "  - {id: bold, name: Be bold, metric: opened, target: 7, ambition: aspirational}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two objectives of a cycle that ended on 10 April 2025."""
    monkeypatch.delenv("OKR_SYNC_SIGNING_KEY", raising=False)
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okr-sync.yaml").write_text(SETTINGS, "utf-8")
    (tmp_path / "tickets.csv").write_text(TICKETS, "utf-8")
    (tmp_path / "okrs" / "team.yaml").write_text(TEAM, "utf-8")
    (tmp_path / "okrs" / "company.yaml").write_text(COMPANY.replace("kpis:", ASPIRATIONAL + "kpis:"), "utf-8")
    return tmp_path


@pytest.fixture
def ended(okr_sync: OkrSync, project: Path) -> Path:
    """The same, computed for its last day."""
    assert okr_sync("run", "--project", project, "--as-of", LAST_DAY).code == 0
    return project


def close(okr_sync: OkrSync, project: Path, *arguments: str) -> dict[str, Any]:
    said = okr_sync("close", "spring", "--project", project, "--by", "An", "--json", *arguments)
    assert (said.code, said.err) == (0, "")
    content: dict[str, Any] = json.loads(said.out)
    return content


def change(project: Path, statement: str) -> None:
    """As somebody with the database in hand would: the triggers are no lock."""
    with closing(sqlite3.connect(project / ".okr-sync" / "store.db")) as connection, connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(statement).rowcount > 0
        for _, sql in triggers:
            connection.execute(sql)


def test_grades_are_those_of_the_last_day(okr_sync: OkrSync, ended: Path) -> None:
    """5 of 8 is 0.6 and not kept; 5 of 7 is 0.7, good for an aspirational one; WEB 0.0, SEO 1.0, OPS 0.0, mean 0.5."""
    found = close(okr_sync, ended)["snapshot"]
    objectives = {one["id"]: one for one in found["objectives"]}
    grades = {one["id"]: (one["grade"], one["status"]) for each in objectives.values() for one in each["key_results"]}
    assert grades == {
        "opened": (0.6, "missed"),
        "late": (0.5, "missed"),
        "late_web": (0.0, "missed"),
        "late_seo": (1.0, "achieved"),
        "late_ops": (0.0, "missed"),
        "wait": (1.0, "achieved"),
        "bold": (0.7, "achieved"),
    }
    words = {one["id"]: one["grade_in_words"] for one in objectives["company"]["key_results"]}
    assert words == {
        "wait": "1.0, committed: kept, 1.0 was promised",
        "bold": "0.7, aspirational: good, which begins at 0.7",
    }
    # (5 / 8 + 3 * 0.5) / 4 = 0.53125; (1 + 5 / 7 + 2 * 0.53125) / 4 = 0.6942
    assert [(name, one["grade"]) for name, one in objectives.items()] == [("company", 0.6), ("help", 0.5)]
    assert objectives["company"]["below"] == [{"grade": 0.5, "id": "help", "progress": 0.53125}]


def test_the_snapshot_can_be_checked_by_anyone(okr_sync: OkrSync, ended: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Digest and signature are SHA-256 and HMAC-SHA256 of JSON with sorted keys; definitions carry their own hashes."""
    monkeypatch.setenv("OKR_SYNC_SIGNING_KEY", KEY)
    found = close(okr_sync, ended)
    text = json.dumps(found["snapshot"], sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert found["digest"] == hashlib.sha256(text).hexdigest()
    assert found["signature"] == hmac.new(KEY.encode(), text, "sha256").hexdigest()
    texts = found["snapshot"]["definitions"]
    assert {hashlib.sha256(one.encode()).hexdigest() for one in texts.values()} == set(texts)
    used = {one["definition"] for each in found["snapshot"]["objectives"] for one in each["key_results"]}
    assert used == set(texts)


def test_without_a_key_it_says_that_it_is_not_signed(okr_sync: OkrSync, ended: Path) -> None:
    """The digest is there all the same."""
    said = okr_sync("close", "spring", "--project", ended, "--by", "An")
    assert said.code == 0
    assert "Not signed: set OKR_SYNC_SIGNING_KEY before closing to sign with a key." in said.out
    assert "0.7  Be bold" in said.out and "closed on" in said.out


@pytest.mark.parametrize("command", ["run", "plan"])
def test_nothing_of_a_closed_cycle_is_computed(okr_sync: OkrSync, ended: Path, command: str) -> None:
    """Whatever the sources say since, its numbers stay, and the command says why; KPIs go on."""
    before = close(okr_sync, ended)["snapshot"]
    (ended / "tickets.csv").write_text(TICKETS.replace("2,done,WEB", "200,late,WEB"), "utf-8")
    said = okr_sync(command, "--project", ended)
    assert said.code == (7 if command == "run" else 0)
    assert "cycle spring was closed on" in said.out and "by An: its key results stay as they were signed" in said.out
    status = json.loads(okr_sync("status", "--project", ended, "--json").out)
    (closed,) = status["closed"]
    assert (closed["cycle"], closed["by"], closed["is_signed"]) == ("spring", "An", False)
    now = {one["id"]: one["value"] for each in status["objectives"] for one in each["key_results"]}
    signed = {one["id"]: one["value"] for each in before["objectives"] for one in each["key_results"]}
    assert now == {name: signed[name] for name in now}
    assert okr_sync("close", "spring", "--project", ended, "--verify").code == 0
    if command == "run":
        assert status["kpis"][0]["value"] == pytest.approx((1 + 200 + 3) / 3)


def test_status_shows_that_the_cycle_is_closed(okr_sync: OkrSync, ended: Path) -> None:
    """Right below the cycle's name."""
    close(okr_sync, ended)
    assert "by An" in okr_sync("status", "--project", ended).out.splitlines()[1]


def test_a_cycle_is_closed_once(okr_sync: OkrSync, ended: Path) -> None:
    """The first closing stays."""
    first = close(okr_sync, ended)
    said = okr_sync("close", "spring", "--project", ended, "--by", "Bình")
    assert (said.code, said.out) == (7, "")
    assert "by An: nothing of it is written any more" in said.err
    again = json.loads(okr_sync("close", "spring", "--project", ended, "--verify", "--json").out)
    assert (again["digest"], again["differences"]) == (first["digest"], [])


def test_a_cycle_that_was_not_computed_to_its_end_is_refused(okr_sync: OkrSync, project: Path) -> None:
    """The message names the key results and the command that computes them; what is accepted is written down."""
    okr_sync("run", "--project", project, "--as-of", "2025-04-09")
    said = okr_sync("close", "spring", "--project", project)
    assert said.code == 7
    assert said.err.startswith("cycle spring: not computed for its last day after that was over: wait, bold, opened,")
    assert "run okr-sync run --as-of 2025-04-10, or take what is stored with --accept wait --accept bold" in said.err
    some = ["late", "late_web", "late_seo", "late_ops", "opened"]
    accept = [word for one in some for word in ("--accept", one)]
    assert "over: wait, bold; run" in okr_sync("close", "spring", "--project", project, *accept).err
    whole = close(okr_sync, project, *accept, "--accept", "wait", "--accept", "bold")
    assert whole["snapshot"]["accepted"] == ["wait", "bold", *["opened", "late", "late_web", "late_seo", "late_ops"]]
    assert {one["as_of"] for each in whole["snapshot"]["objectives"] for one in each["key_results"]} == {"2025-04-09"}


def test_a_cycle_that_is_not_over_is_refused(okr_sync: OkrSync, project: Path) -> None:
    """Its last day must have ended."""
    edit(project / "okr-sync.yaml", "end: 2025-04-10", "end: 2099-04-10")
    okr_sync("run", "--project", project)
    said = okr_sync("close", "spring", "--project", project)
    assert (said.code, "cycle spring is not over: its last day is 2099-04-10, today is" in said.err) == (7, True)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["sprin"], 2, "nothing is stored of a cycle 'sprin'; did you mean 'spring'?"),
        (["spring", "--accept", "lat"], 2, "there is no key result 'lat' in spring; did you mean 'late'?"),
        (["spring", "--verify"], 7, "cycle spring is not closed; close it with okr-sync close spring"),
        (["spring", "--verify", "--by", "An"], 2, "--verify changes nothing; leave out --by and --accept"),
    ],
)
def test_what_cannot_be_closed_or_compared(
    okr_sync: OkrSync, ended: Path, arguments: list[str], code: int, message: str
) -> None:
    """Names are looked up, and what does not go together is refused."""
    said = okr_sync("close", *arguments, "--project", ended)
    assert said.code == code and message in " ".join(said.err.replace("│", " ").split())


@pytest.mark.parametrize(
    ("statement", "difference"),
    [
        (
            "UPDATE observation SET value = 6 WHERE key_result = 'opened'",
            "objectives.help.key_results.opened.value: signed 5.0, stored 6.0",
        ),
        (
            "UPDATE observation SET evidence = '{}' WHERE key_result = 'wait'",
            "objectives.company.key_results.wait.evidence: signed",
        ),
        (
            "UPDATE key_result SET weight = 9 WHERE id = 'opened'",
            "objectives.help.key_results.opened.weight: signed 1.0",
        ),
        ("UPDATE closed_cycle SET closed_by = 'Bình'", 'closed_by: signed "An", stored "Bình"'),
        ("UPDATE closed_cycle SET digest = 'x'", "the signed snapshot itself: its SHA-256 is"),
        ("UPDATE closed_cycle SET snapshot = replace(snapshot, '0.7', '1.0')", "the signed snapshot itself"),
        (
            "UPDATE completion SET done_count = 9 WHERE record_count = 4",
            "objectives.help.initiatives.Chuẩn hoá checklist",
        ),
    ],
)
def test_a_store_that_was_changed_is_found_out(okr_sync: OkrSync, ended: Path, statement: str, difference: str) -> None:
    """What differs is named, and the exit code says so."""
    close(okr_sync, ended)
    change(ended, statement)
    said = okr_sync("close", "spring", "--project", ended, "--verify")
    assert said.code == 8
    assert difference in said.out


def test_a_signature_is_of_its_key(okr_sync: OkrSync, ended: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another key, or none, proves nothing; a digest made anew for a changed snapshot is found out by the signature."""
    monkeypatch.setenv("OKR_SYNC_SIGNING_KEY", KEY)
    text = json.dumps(close(okr_sync, ended)["snapshot"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    verify = ("close", "spring", "--project", ended, "--verify")
    assert "the signature is good" in okr_sync(*verify).out
    monkeypatch.setenv("OKR_SYNC_SIGNING_KEY", "another")
    assert "was not made of this snapshot with the key" in okr_sync(*verify).out
    monkeypatch.delenv("OKR_SYNC_SIGNING_KEY")
    assert "cannot be checked; set OKR_SYNC_SIGNING_KEY" in okr_sync(*verify).out
    monkeypatch.setenv("OKR_SYNC_SIGNING_KEY", KEY)
    forged = hashlib.sha256(text.replace('"An"', '"Bo"').encode()).hexdigest()
    names = "closed_by = 'Bo', snapshot = replace(snapshot, '\"An\"', '\"Bo\"')"
    change(ended, f"UPDATE closed_cycle SET {names}, digest = '{forged}'")
    said = okr_sync(*verify)
    assert said.code == 8 and "signature: was not made of this snapshot" in said.out
