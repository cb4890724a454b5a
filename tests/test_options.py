"""Options that formulas name and a source no longer gives: told where they look renamed, and only there."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from okr_sync import pipeline
from okr_sync.doctor import Finding, Health
from okr_sync.impact import LostOption
from okr_sync.pipeline import SyncOptions

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
MAIN = """\
cycle: {name: autumn, start: 2026-10-01, end: 2026-12-31}
warehouse: WAREHOUSE
sources:
  desk:
    connector: sql
    url: sqlite:///desk.db
    streams:
      tickets: {table: tickets, key: id, version_at: changed_at, fields: {changed_at: timestamp}, timezone: UTC}
      whole: {table: tickets, key: id}
"""
OKRS = """\
objective: Help
id: help
key_results:
  - {id: late, name: Late, metric: done_share, baseline: 0%, target: 50%}
  - {id: speed, name: Speed, metric: done_now, target: 9}
  - {id: wait, name: Wait, metric: waiting, target: 9}
metrics:
  done_now: {stream: desk.STREAM, where: state = 'Done', value: count(*)}
  all_now: {stream: desk.STREAM, value: count(*)}
  done_share: {value: done_now / all_now, unit: percent}
  waiting: {stream: desk.STREAM, where: "state in ('Wating', 'Open')", value: count(*)}
"""


class Desk:
    """A database of tickets, read at noon day after day."""

    def __init__(self, folder: Path, warehouse: str, stream: str) -> None:
        self.folder = folder
        self.now = NOON
        (folder / "okrs").mkdir()
        (folder / "okr-sync.yaml").write_text(MAIN.replace("WAREHOUSE", warehouse), "utf-8")
        (folder / "okrs" / "help.yaml").write_text(OKRS.replace("STREAM", stream), "utf-8")
        self.say("CREATE TABLE tickets (id INTEGER PRIMARY KEY, state TEXT, changed_at TEXT)")
        self.put({1: "Done", 2: "Done", 3: "Done", 4: "Open", 5: "Blocked"})

    def say(self, *statements: str) -> None:
        connection = sqlite3.connect(self.folder / "desk.db")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()

    def put(self, tickets: dict[int, str]) -> None:
        """These tickets in these states, changed just now by the database's own clock."""
        at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
        self.say(*(f"REPLACE INTO tickets VALUES ({number}, '{state}', '{at}')" for number, state in tickets.items()))

    def night(self, days: int = 1) -> list[LostOption]:
        """What a run says of renamed options, then these days pass."""
        report = pipeline.run(self.folder, SyncOptions(), clock=lambda: self.now)
        assert not report.failed_syncs
        self.now += timedelta(days=days)
        return list(report.renamed)

    def doctor(self) -> list[Finding]:
        """What the doctor says of options."""
        (source,) = pipeline.doctor(self.folder, ["desk"], clock=lambda: self.now).sources
        return [one for one in source.findings if one.text.startswith("state ")]


@pytest.fixture
def whole(tmp_path: Path, warehouse_url: str) -> Desk:
    """Every read reads all."""
    return Desk(tmp_path, warehouse_url, "whole")


@pytest.fixture
def changing(tmp_path: Path, warehouse_url: str) -> Desk:
    """A read reads what changed: of what was renamed in the source, only records that are touched come again."""
    return Desk(tmp_path, warehouse_url, "tickets")


def test_option_that_was_renamed_is_told_with_the_key_results_it_touches(whole: Desk) -> None:
    """'Done' is gone and 'Completed' is new: what reads it counts nothing, and who that is stands in the warning."""
    assert whole.night() == []
    whole.say("UPDATE tickets SET state = 'Completed' WHERE state = 'Done'")
    (found,) = whole.night()
    assert (found.stream, found.field, found.value) == ("desk.whole", "state", "Done")
    assert (found.successors, found.moved_count, found.present_count) == (("Completed",), 3, 0)
    assert (found.read_by, found.key_results) == (("metric done_now",), ("late", "speed"))
    assert str(found) == (
        "state 'Done' looks renamed: no record holds it now, 'Completed' is new since 26 Nov 2026, 3 went from one to"
        " the other; read by metric done_now; key results: late, speed. Write the new text in these formulas, beside"
        " the old one where the past counts"
    )
    assert [one.health for one in whole.doctor()] == [Health.BAD, Health.NOTE]


def test_rename_is_seen_where_only_changes_are_read(changing: Desk) -> None:
    """Old records hold the old name for ever; three that went over, and none that came with it since, are enough."""
    changing.put({9: "Done"})
    changing.night()
    changing.put({1: "Completed", 2: "Completed"})
    assert changing.night() == []
    changing.put({3: "Completed"})
    changing.put({6: "Completed"})
    (found,) = changing.night()
    assert (found.value, found.successors) == ("Done", ("Completed",))
    assert (found.moved_count, found.present_count) == (3, 1)


def test_new_step_of_a_workflow_is_no_rename(changing: Desk) -> None:
    """As long as records come with the old text, too, the new one stands beside it."""
    changing.night()
    changing.put({1: "Shipped", 2: "Shipped", 3: "Shipped", 6: "Done"})
    assert changing.night() == []
    changing.put({7: "Done"})
    assert changing.night() == []


@pytest.mark.parametrize(
    "change",
    [
        {1: "Open", 2: "Open", 3: "Open"},
        {6: "Shipped"},
        {5: "Shipped"},
    ],
    ids=["gone without a new one", "new while it is there", "another one gave way"],
)
def test_no_wolf(whole: Desk, change: dict[int, str]) -> None:
    """A text that no record holds for a while, or a new one beside it, is what happens in every system."""
    whole.night()
    whole.put(change)
    assert whole.night() == []


def test_text_that_left_before_the_new_one_came_is_no_rename(whole: Desk) -> None:
    """What came days after the last record had left it did not take its place."""
    whole.night()
    whole.put({1: "Open", 2: "Open", 3: "Open"})
    whole.night()
    whole.put({6: "Shipped"})
    assert whole.night() == []


def test_first_sync_brings_nothing_new(whole: Desk) -> None:
    """What lands with the first complete sync was there before."""
    whole.put({1: "Completed"})
    assert whole.night() == []


def test_formula_that_names_both_is_not_told(whole: Desk) -> None:
    """Who names the new text beside the old one has seen it."""
    whole.night()
    whole.say("UPDATE tickets SET state = 'Completed' WHERE state = 'Done'")
    file = whole.folder / "okrs" / "help.yaml"
    file.write_text(
        file.read_text("utf-8").replace("where: state = 'Done'", "where: \"state in ('Done', 'Completed')\"")
    )
    assert whole.night() == []


def test_warning_becomes_a_note(whole: Desk) -> None:
    """After two weeks whoever reads it has decided."""
    whole.night()
    whole.say("UPDATE tickets SET state = 'Completed' WHERE state = 'Done'")
    assert len(whole.night(days=15)) == 1
    assert whole.night() == []
    assert {one.health for one in whole.doctor()} == {Health.NOTE}


def test_text_that_never_came_is_a_note_of_the_doctor(whole: Desk) -> None:
    """It may be one that people wait for; where the source has one that is spelled almost so, that is named."""
    assert whole.doctor() == []
    assert whole.night() == []
    (found,) = whole.doctor()
    assert found.health is Health.NOTE
    assert found.text == "state never was 'Wating'; read by metric waiting; key results: wait"
    whole.put({8: "Waiting"})
    whole.night()
    assert "did you mean 'Waiting'?" in whole.doctor()[0].text


def test_field_of_many_values_has_no_options(whole: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names and sentences come and go."""
    monkeypatch.setattr("okr_sync.warehouse.values.MOST_VALUES", 2)
    whole.night()
    whole.say("UPDATE tickets SET state = 'Completed' WHERE state = 'Done'")
    assert whole.night() == []
