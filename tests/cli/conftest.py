"""okr-sync as a person calls it, and a project to call it on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from okr_sync.cli import main
from tests.cli.example import OBJECTIVE, SETTINGS, TICKETS, OkrSync, Said
from tests.warehouses import add_warehouse


@pytest.fixture
def okr_sync(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> OkrSync:
    """Runs a command in this process, in a wide pipe."""
    monkeypatch.delenv("OKR_SYNC_PROJECT", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("OKR_SYNC_LOG", "text")

    def call(*arguments: object) -> Said:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(one) for one in arguments])
        said = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return Said(ended.value.code, said.out, said.err)

    return call


@pytest.fixture
def project(tmp_path: Path, project_warehouse: str) -> Path:
    """Four tickets and five key results."""
    folder = tmp_path / "project"
    (folder / "okrs").mkdir(parents=True)
    (folder / "okr-sync.yaml").write_text(SETTINGS, "utf-8")
    add_warehouse(folder, project_warehouse)
    (folder / "tickets.csv").write_text(TICKETS, "utf-8")
    (folder / "okrs" / "help.yaml").write_text(OBJECTIVE, "utf-8")
    return folder


@pytest.fixture
def no_waits() -> Iterator[None]:
    """Retries follow one another at once."""
    with stamina.set_testing(True, attempts=3):
        yield
