"""What happened, for the log of whoever runs okr-sync: a message for people, its facts as fields for machines.

Written by Python's `logging`, so that a program around okr-sync, Dagster among them, decides where it goes. Fields hold
what messages hold: names, counts and reasons, never a credential.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from okr_sync.store import Observation
from okr_sync.sync import SourcePlan, StreamSync

log = logging.getLogger("okr_sync")


def run_began(kind: str, run_id: int) -> None:
    log.info("%s %d begins", kind, run_id, extra={"what": "run began", "kind": kind, "run": run_id})


def run_ended(run_id: int, outcome: str) -> None:
    log.info("run %d ends: %s", run_id, outcome, extra={"what": "run ended", "run": run_id, "outcome": outcome})


def sync_began(plan: SourcePlan) -> None:
    streams = list(plan.settings_hashes)
    fields = {"what": "sync began", "source": plan.source, "streams": streams}
    log.info("source %s: %s", plan.source, ", ".join(streams), extra=fields)


def sync_ended(sync: StreamSync) -> None:
    """A sync that is not complete is a warning: the others go on, and what reads it is withheld."""
    fields = {
        "what": "synced" if sync.is_complete else "sync failed",
        "source": sync.source,
        "stream": sync.stream,
        "records_read": sync.read_count,
        "versions_new": sync.new_count,
        "records_deleted": sync.deleted_count,
        "records_rejected": sync.rejected_count,
        "requests": sync.request_count,
        "seconds": round((sync.finished_at - sync.started_at).total_seconds(), 3),
        "seconds_waited": round(sync.waited_seconds, 3),
        **({} if sync.error is None else {"reason": sync.error}),
    }
    name = f"{sync.source}.{sync.stream}"
    if sync.error is None:
        log.info("%s: %d read, %d new", name, sync.read_count, sync.new_count, extra=fields)
    else:
        log.warning("%s failed: %s", name, sync.error, extra=fields)


def renamed(options: Iterable[tuple[str, str]]) -> None:
    """By stream, what looks renamed in its source and is read by formulas."""
    for stream, text in options:
        log.warning("%s: %s", stream, text, extra={"what": "option renamed", "stream": stream, "reason": text})


def withheld(observations: Iterable[Observation]) -> None:
    for one in observations:
        fields = {"what": "withheld", "key_result": one.key_result, "cycle": one.cycle, "reason": one.reason}
        log.warning("%s is withheld: %s", one.key_result, one.reason, extra=fields)
