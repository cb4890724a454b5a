"""A source that fails costs its own key results their news, never their last value, and the others nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from okr_sync import pipeline
from okr_sync.pipeline import RunReport, SyncOptions
from tests.soundness.company import EXPORT, SEARCH, Switch, open_company, run_company
from tests.soundness.desk import Desk, observations


def values(report: RunReport) -> dict[str, float | None]:
    return {name: one.value for name, one in observations(report).items()}


def withheld(report: RunReport) -> set[str]:
    return {one.key_result.id for one in report.withheld}


def test_failing_source_keeps_its_last_values(tmp_path: Path) -> None:
    """While Jira fails its key results keep yesterday's values and say why; after the repair they go on."""
    jira = Switch()
    with open_company(tmp_path, jira.at(SEARCH)) as sandbox:
        agency = sandbox.agency
        assert values(run_company(tmp_path, sandbox)) == {"issues": 3, "points": 7, "tickets": 2, "tasks": 1, "both": 5}

        agency.clock.advance(timedelta(days=1))
        agency.create_issue("WEB", "Việc 8", story_points=8)
        agency.create_ticket("Hỏi lại")
        agency.clock.advance(timedelta(hours=1))
        jira.is_on = True
        failed = run_company(tmp_path, sandbox)
        assert values(failed) == {"issues": 3, "points": 7, "tickets": 3, "tasks": 1, "both": 5}
        assert withheld(failed) == {"issues", "points", "both"}
        assert [(one.source, one.stream) for one in failed.failed_syncs] == [("jira", "issues")]
        reason = observations(failed)["issues"].reason
        assert reason.startswith("the sync of jira.issues of 06 Oct 2026 10:00 is not complete: source jira: ")
        assert reason.endswith("; the value of 5 Oct stays")
        assert observations(failed)["both"].computed_value == 6  # 3 + 3: not published, since half of it is old
        shown = pipeline.status(tmp_path, clock=agency.clock.now).objectives[0].key_results
        assert {one.id: (one.value, one.status) for one in shown if one.id in ("issues", "tickets")} == {
            "issues": (3, "withheld"),
            "tickets": (3, "at risk"),
        }

        jira.is_on = False
        repaired = run_company(tmp_path, sandbox)
        assert values(repaired) == {"issues": 4, "points": 15, "tickets": 3, "tasks": 1, "both": 7}
        assert withheld(repaired) == set()


def test_all_sources_fail_at_the_first_run(tmp_path: Path) -> None:
    """Without any earlier value there is nothing to keep: no data, not 0."""
    jira, support = Switch(), Switch()
    jira.is_on = support.is_on = True
    with open_company(tmp_path, jira.at(SEARCH), support.at(EXPORT)) as sandbox:
        (tmp_path / "data" / "tasks.csv").unlink()
        found = observations(run_company(tmp_path, sandbox))
    assert {(one.value, one.progress, one.status) for one in found.values()} == {(None, None, "no data")}


def many(count: int) -> list[str]:
    return [f"{number:04},2026-10-02,2026-10-02,,open,1" for number in range(count)]


def test_cut_file_lands_nothing(desk: Desk) -> None:
    """A file whose end is missing changes neither records nor values; once it is whole again, the next run goes on."""
    desk.okrs({"n": "count(*)"})
    desk.tasks(*many(2_500))
    assert desk.values("2026-10-05T12:00+07:00") == {"n": 2_500}
    before = desk.log()
    changed = [line.replace("open", "done") for line in many(2_500)]
    desk.tasks(*changed[:-1], changed[-1][:12])  # 0499,2026-10
    cut = desk.run("2026-10-06T12:00+07:00")
    assert (values(cut), withheld(cut)) == ({"n": 2_500}, {"n"})
    assert "tasks.csv" in observations(cut)["n"].reason
    assert desk.log() == before
    desk.tasks(*changed)
    whole = desk.run("2026-10-06T13:00+07:00")
    assert (withheld(whole), whole.syncs[0].new_count) == (set(), 2_500)


def test_mass_disappearance_is_refused(desk: Desk) -> None:
    """When nearly all records are gone the last value stays, until a person says that they were really deleted."""
    desk.okrs({"n": "count(*)"})
    desk.tasks(*many(100))
    desk.run("2026-10-05T12:00+07:00")
    before = desk.log()
    desk.tasks(*many(10))
    refused = desk.run("2026-10-06T12:00+07:00")
    assert (values(refused), withheld(refused), desk.log()) == ({"n": 100}, {"n"}, before)
    assert "90 of 100 records are gone" in observations(refused)["n"].reason
    accepted = pipeline.run(desk.folder, SyncOptions(accept_deletions=True), clock=desk.clock)
    assert (values(accepted), withheld(accepted)) == ({"n": 10}, set())


@pytest.mark.parametrize("content", [None, "", "id\n1\n"])
def test_file_that_is_gone_or_another_one(desk: Desk, content: str | None) -> None:
    """A file that vanished, is empty or lost its columns is a failure, not a stream without records."""
    desk.okrs({"n": "count(*)"})
    desk.tasks(*many(3))
    desk.run("2026-10-05T12:00+07:00")
    path = desk.folder / "data" / "tasks.csv"
    path.unlink() if content is None else path.write_text(content, "utf-8")
    failed = desk.run("2026-10-06T12:00+07:00")
    assert (values(failed), withheld(failed)) == ({"n": 3}, {"n"})
