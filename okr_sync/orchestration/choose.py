"""Which project Dagster serves: `OKR_SYNC_PROJECT`, else the current folder, else the demo with its sandbox."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from okr_sync.orchestration.build import build_definitions
from okr_sync.project.load import MAIN_FILE
from okr_sync.sandbox.demo import DEMO_FOLDER, serve_demo, write_demo


def chosen_definitions() -> dg.Definitions:
    named = os.environ.get("OKR_SYNC_PROJECT")
    if named is not None:
        return build_definitions(Path(named))
    if Path(MAIN_FILE).exists():
        return build_definitions(Path())
    folder = Path(DEMO_FOLDER)
    if not (folder / MAIN_FILE).exists():
        write_demo(folder)
    return build_definitions(folder, around_sync=lambda: serve_demo(folder))
