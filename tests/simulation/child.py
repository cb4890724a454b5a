"""A sync in a process of its own, which dies at a line or has no room on its disk."""

from __future__ import annotations

import logging
import os
import resource
import signal
import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

import stamina
import stamina.instrumentation

from okr_sync import pipeline, sync
from okr_sync.connector import Context
from okr_sync.pipeline import SyncOptions
from okr_sync.sync import SourcePlan, Syncing, sync_source
from okr_sync.warehouse import open_warehouse
from tests.contract.cases import CASES

ROOT = Path(__file__).parents[2]
_COUNTED = tuple(str(ROOT / part) for part in ("okr_sync/sync.py", "okr_sync/warehouse/", "connectors/"))
"""Where a line counts: reading, landing and committing."""


@dataclass(frozen=True)
class Errand:
    """All that a process needs to sync the source once, at one instant."""

    warehouse_url: str
    folder: Path
    zone: ZoneInfo
    source: str
    system: str
    settings: dict[str, Any]
    settings_hash: str
    now: datetime
    batch_records: int
    killed_at_line: int | None = None
    most_bytes: int | None = None
    is_deadly: bool = False
    is_whole: bool = False
    """Run the project in the folder, instead of syncing its source alone."""


def run_errand(errand: Errand) -> int:
    """How the process ended: 0, or minus the signal that killed it.

    A server that never started a thread forks it: a fork of this process might wait for ever for somebody's lock.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_sync, args=(errand,))
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def make_plan(errand: Errand) -> SourcePlan:
    case = CASES[errand.system]
    settings = case.connector.Settings.model_validate({"connector": errand.system, **errand.settings})
    context = Context(errand.source, errand.folder, errand.zone, lambda: errand.now)
    return SourcePlan(errand.source, case.connector(settings, context), {case.stream: errand.settings_hash})


def _sync(errand: Errand) -> None:
    sync.BATCH_RECORDS = errand.batch_records
    logging.disable(logging.ERROR)  # a full disk is meant to be there
    stamina.instrumentation.set_on_retry_hooks([])
    if errand.most_bytes is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL if errand.is_deadly else signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (errand.most_bytes, errand.most_bytes))
    if errand.killed_at_line is not None:
        _die_at(errand.killed_at_line)
    with stamina.set_testing(True, attempts=3):
        if errand.is_whole:
            pipeline.run(errand.folder, SyncOptions(), clock=lambda: errand.now)
        else:
            warehouse = open_warehouse(errand.warehouse_url, errand.folder, errand.zone)
            sync_source(make_plan(errand), Syncing(warehouse, lambda: errand.now))
    os._exit(0)


def _die_at(line: int) -> None:
    left = line

    def local(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return local

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        return local if frame.f_code.co_filename.startswith(_COUNTED) else None

    threading.settrace(trace)  # a run reads each source in a thread of its own
    sys.settrace(trace)
