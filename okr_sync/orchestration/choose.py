"""Which project Dagster serves: `OKR_SYNC_PROJECT`, else the current folder, else the demo with its sandbox."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import dagster as dg
from filelock import FileLock

from okr_sync.orchestration.build import build_definitions
from okr_sync.project.load import MAIN_FILE
from okr_sync.sandbox.demo import DEMO_FOLDER, serve_demo, write_demo


def chosen_definitions() -> dg.Definitions:
    """The definitions of the project that Dagster is to serve.

    Raises:
        ProjectError: its files are wrong, or `OKR_SYNC_PROJECT` names no project.
    """
    named = os.environ.get("OKR_SYNC_PROJECT")
    if named is not None:
        return build_definitions(Path(named))
    if Path(MAIN_FILE).exists():
        return build_definitions(Path())
    return _demo_definitions(Path(DEMO_FOLDER).resolve())


def _demo_definitions(folder: Path) -> dg.Definitions:
    if not (folder / MAIN_FILE).exists():
        write_demo(folder)
    return build_definitions(folder, around_sync=partial(_demo_in_turn, folder))


@contextmanager
def _demo_in_turn(folder: Path) -> Iterator[None]:
    # Dagster syncs every source in a process of its own; one after the other, each finds the demo's own port free.
    with FileLock(folder / "demo.lock"), serve_demo(folder):
        yield
