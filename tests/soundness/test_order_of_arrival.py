"""Pages that come twice, late or in another order end in the same store; random histories give what Python gives."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okr_sync.connector import Record
from okr_sync.measure import AsOf, measure
from okr_sync.project.cycle import end_of
from okr_sync.warehouse import SourceLog, Warehouse, open_warehouse
from okr_sync.workspace import open_workspace
from tests.measure.answers import HANOI, ISSUES, Q3, Q4, metrics
from tests.scripted import at
from tests.soundness.company import open_company, run_company
from tests.soundness.desk import log_content, observations

VALUES = metrics({"n": "count(*)", "total": "sum(points)", "mean": "avg(points)"})
FIRST_DAY = at(1)

versions = st.tuples(
    st.sampled_from("abc"),
    st.integers(0, 8 * 24).map(lambda hours: FIRST_DAY + timedelta(hours=hours)),
    st.none() | st.sampled_from([-2.0, 0.0, 0.5, 4.0]),
    st.booleans(),
)
"""Key, time of change, points, and whether the record was deleted then."""
histories = st.lists(versions, min_size=1, max_size=10, unique_by=lambda version: version[:2])
Version = tuple[str, datetime, float | None, bool]


def record(version: Version) -> Record:
    key, changed_at, points, is_deleted = version
    fields = {"id": key, "points": points, "created_at": FIRST_DAY, "updated_at": changed_at}
    return Record(fields, is_deleted=is_deleted)


def landed(url: str, pages: Sequence[Sequence[Version]]) -> Warehouse:
    warehouse = open_warehouse(url, Path(), HANOI)
    for page in pages:
        SourceLog(warehouse, "jira").land(ISSUES, [record(one) for one in page], {}, "settings", at(20))
    return warehouse


def held(history: Sequence[Version], evening: datetime) -> list[float | None]:
    """The points of every record that held right before `evening`, read naively; creation was on the first day."""
    found = []
    for key in sorted({version[0] for version in history}):
        own = sorted(version for version in history if version[0] == key)
        known = [version for version in own if version[1] < evening] or own[:1]
        if not known[-1][3] and evening > FIRST_DAY:
            found.append(known[-1][2])
    return found


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories, offset=st.integers(-1, 9))
def test_random_histories(new_warehouse_url: Callable[[], str], history: list[Version], offset: int) -> None:
    """Count, sum and mean of any evening are those of the versions that held then."""
    evening = end_of((FIRST_DAY + timedelta(days=offset)).date(), HANOI)
    day = AsOf((FIRST_DAY + timedelta(days=offset)).date(), evening, Q4, Q3, HANOI)
    warehouse = landed(new_warehouse_url(), [history])
    with warehouse.history({"jira.issues": ISSUES}, {"jira.issues": ["points", "id"]}) as opened:
        (found,) = measure(VALUES, opened, [day])
    points = held(history, evening)
    known = [one for one in points if one is not None]
    assert found["n"].value == len(points)
    assert found["total"].value == (sum(known) if known else None)
    assert found["mean"].value == (sum(known) / len(known) if known else None)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories, chance=st.randoms(use_true_random=False))
def test_pages_in_any_order_and_number(
    new_warehouse_url: Callable[[], str], history: list[Version], chance: random.Random
) -> None:
    """Cut into pages anywhere, shuffled and repeated, the versions are the same log."""
    in_order = sorted(history, key=lambda version: version[1])
    pages = [history[start : start + 3] for start in range(0, len(history), 3)]
    chance.shuffle(pages)
    again = [*pages, chance.choice(pages), chance.choice(pages)]
    expected = log_content(landed(new_warehouse_url(), [in_order]), "jira", "issues")
    assert log_content(landed(new_warehouse_url(), again), "jira", "issues") == expected
    assert len(expected) == len(history)


def content(folder: Path) -> list[list[tuple[Any, ...]]]:
    warehouse = open_workspace(folder).warehouse
    return [log_content(warehouse, *stream) for stream in (("jira", "issues"), ("support", "tickets"))]


def test_reading_again_from_the_beginning(tmp_path: Path, warehouse_url: str) -> None:
    """Nights that overlap, and a read of everything after a change of settings, land only what is new."""
    with open_company(tmp_path, warehouse=warehouse_url) as sandbox:
        agency = sandbox.agency
        run_company(tmp_path, sandbox)
        agency.clock.advance(timedelta(minutes=7))  # less than the overlap: everything comes again
        agency.edit_issue("WEB-1", summary="Đổi tên", story_points=0)
        agency.clock.advance(timedelta(minutes=7))
        second = run_company(tmp_path, sandbox)
        before = content(tmp_path)
        assert [len(log) for log in before] == [4, 2]
        assert observations(second)["points"].value == 6  # 0 + 2 + 4

        path = tmp_path / "okr-sync.yaml"
        settings_ = json.loads(path.read_text("utf-8"))
        settings_["sources"]["jira"]["streams"]["issues"]["select"] = "project = WEB"
        path.write_text(json.dumps(settings_), "utf-8")
        again = run_company(tmp_path, sandbox)
        read = {one.source: (one.read_count, one.new_count) for one in again.syncs}["jira"]
        assert read == (4, 0)  # three issues, and what one of them was before
        assert content(tmp_path) == before
        assert again.recorded_count == 0
