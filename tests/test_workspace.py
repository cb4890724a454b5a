"""A project made ready: what a sync reads of each source."""

from __future__ import annotations

from pathlib import Path

import pytest

from okr_sync.workspace import open_workspace

HEAD = "timezone: UTC\ncycle: {name: 2026-Q4, start: 2026-10-01, end: 2026-12-31}\nsources:\n"
OKR = """\
objective: Đúng hạn
id: delivery
key_results: [{id: done, name: Xong 100 việc, metric: done, target: 100}]
metrics: {done: {stream: work.tasks, value: count_if(is_completed)}}
"""


@pytest.mark.parametrize(
    ("streams", "okr", "read"),
    [
        ("", OKR, ["tasks"]),
        (", streams: {goals: {}}", OKR, ["tasks", "goals"]),
        (", streams: {goals: {}}", None, ["goals"]),
        ("", None, ["tasks", "projects"]),
    ],
)
def test_streams_that_a_sync_reads(tmp_path: Path, streams: str, okr: str | None, read: list[str]) -> None:
    """Those that the project names, and those that a formula reads; the usual ones where there are none of these."""
    source = f'  work: {{connector: asana, token: "x", workspace: Agency{streams}}}\n'
    (tmp_path / "okr-sync.yaml").write_text(HEAD + source, "utf-8")
    if okr is not None:
        (tmp_path / "okrs").mkdir()
        (tmp_path / "okrs" / "delivery.yaml").write_text(okr, "utf-8")
    (plan,) = open_workspace(tmp_path).plans()
    assert list(plan.settings_hashes) == read


def test_settings_hash_knows_the_zone(tmp_path: Path) -> None:
    """Times without a zone are read anew when the project moves to another one; a renewed token changes nothing."""

    def digest(zone: str, token: str) -> str:
        source = f'  work: {{connector: asana, token: "{token}", workspace: Agency}}\n'
        (tmp_path / "okr-sync.yaml").write_text(HEAD.replace("UTC", zone) + source, "utf-8")
        (plan,) = open_workspace(tmp_path).plans()
        return plan.settings_hashes["tasks"]

    assert digest("UTC", "x") == digest("UTC", "renewed")
    assert digest("UTC", "x") != digest("Asia/Ho_Chi_Minh", "x")
