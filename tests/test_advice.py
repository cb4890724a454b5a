"""Advice that rests on what has landed: what a metric was in the cycle before, from the files to the words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from okr_sync import pipeline
from okr_sync.advice import facts_of
from okr_sync.project.lint import Past
from okr_sync.workspace import open_workspace

NOW = datetime(2026, 11, 15, tzinfo=UTC)
SETTINGS = """\
cycles: {starts: [jan, apr, jul, oct]}
sources:
  crm:
    connector: files
    streams: {deals: {path: deals.csv, key: id, version_at: day, fields: {id: text, day: date, won: boolean}}}
"""
DEALS = """\
id,day,won
A,2026-07-10,true
B,2026-08-20,true
C,2026-09-30,false
D,2026-10-05,true
"""
OKRS = """\
objective: Grow
id: grow
key_results:
  - {id: signed, name: New contracts, metric: signed, target: 2}
  - {id: more, name: Many contracts, metric: signed_twice, target: 5}
  - {id: rate, name: Close more, metric: rate, baseline: 40%, target: 80%}
  - {id: ever, name: All deals, metric: ever, target: 100}
metrics:
  signed: {stream: crm.deals, where: won, time: day, value: count(*)}
  signed_twice: {value: signed * 2}
  rate: {stream: crm.deals, time: day, value: share(won)}
  ever: {stream: crm.deals, value: count(*)}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three deals of the third quarter, two of them won, and one of the fourth."""
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okr-sync.yaml").write_text(SETTINGS, "utf-8")
    (tmp_path / "deals.csv").write_text(DEALS, "utf-8")
    (tmp_path / "okrs" / "grow.yaml").write_text(OKRS, "utf-8")
    return tmp_path


def test_without_data_the_files_alone_are_judged(folder: Path) -> None:
    """Before the first sync nothing is said of what metrics were."""
    facts = facts_of(open_workspace(folder, lambda: NOW))
    assert facts.past == {}
    assert facts.totals == {"signed", "signed_twice", "ever"}
    assert facts.accumulating == {"signed", "signed_twice"}  # all deals there ever were do not begin with a cycle
    assert facts.units["rate"] == "percent"


def test_what_has_landed_tells_of_the_cycle_before(folder: Path) -> None:
    """Two of three deals of the third quarter were won, whatever came after it."""
    pipeline.sync(folder, pipeline.SyncOptions(), lambda: NOW)
    facts = facts_of(open_workspace(folder, lambda: NOW))
    past = {name: one for (_, name), one in facts.past.items()}
    assert past["signed"] == Past("2026-Q3", 2.0, 2, met_with="2")
    assert past["more"] == Past("2026-Q3", 4.0, 2)  # of 5
    assert (past["rate"].record_count, past["rate"].met_with) == (3, None)
    assert past["rate"].value == pytest.approx(2 / 3)  # of 80 %


def test_check_gives_it_as_advice(folder: Path) -> None:
    """`check` says it in the project's language, and asks no source."""
    pipeline.sync(folder, pipeline.SyncOptions(), lambda: NOW)
    (folder / "deals.csv").unlink()
    report = pipeline.check(folder, "vi", lambda: NOW)
    assert [str(one) for one in report.advice] == [
        "okrs/grow.yaml:7: key_results.ever.target: [no-baseline] ever là một mức, không đếm từ 0, mà target 100"
        " chưa có baseline; hãy ghi điểm xuất phát",
        "okrs/grow.yaml:4: key_results.signed.target: [target-met] target đã đạt từ 2026-Q3, với 2;"
        " hãy đặt mức đòi hỏi thay đổi",
        "okrs/grow.yaml:6: key_results.rate.metric: [sparse-metric] rate chỉ dựa trên 3 bản ghi trong 2026-Q3:"
        " mỗi bản ghi làm nó nhảy xa; hãy chọn metric nhiều bản ghi hơn, hoặc đếm số lượng",
    ]
