"""A project of three key results, a chat that remembers what it was sent, and a night at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from tests.loopback import Loopback, loopback
from tests.publish.nights import MAIN, OBJECTIVES, TICKETS, Nights


@pytest.fixture
def chat() -> Iterator[Loopback]:
    with loopback() as server:
        yield server


@pytest.fixture
def nights(tmp_path: Path, chat: Loopback, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nights]:
    """Each night reads the files anew; the chat `team` wants everything, in English."""
    monkeypatch.setenv("TEAM_URL", chat.url.replace("http://", "json://") + "/s3cret-token")
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okr-sync.yaml").write_text(MAIN, "utf-8")
    for name, text in OBJECTIVES.items():
        (tmp_path / "okrs" / name).write_text(text, "utf-8")
    (tmp_path / "tickets.csv").write_text(TICKETS, "utf-8")
    (tmp_path / "orders.csv").write_text("id,amount\n1,10\n2,30\n", "utf-8")
    with stamina.set_testing(True, attempts=1):
        yield Nights(tmp_path, chat)
