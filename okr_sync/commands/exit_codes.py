"""What a command ends with."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from okr_sync import pipeline
from okr_sync.closing import CloseError
from okr_sync.doctor import Examination
from okr_sync.errors import OkrSyncError, ProjectError
from okr_sync.project.units import UnitError
from okr_sync.publish.sending import Delivery, Fate
from okr_sync.store import ClosedCycleError, StoreError
from okr_sync.terminal.interrupt import INTERRUPTED
from okr_sync.warehouse import WarehouseError
from okr_sync.workspace import MissingVariableError

EXIT_CODES = {
    0: "done; every number is as good as the sources allow",
    1: "a defect of okr-sync; please report it with what it printed",
    2: "the command was not understood, or names something that does not exist;"
    " of plan --detailed-exitcode: there are changes",
    3: "the project is wrong, a test of a metric fails, or an environment variable is missing; no result was stored",
    4: "a source failed; the others were synced, and what reads it keeps its last value",
    5: "a trust gate withheld a value; the last trusted one stays",
    6: "the store or the warehouse cannot be used; of doctor: or Dagster",
    7: "the cycle is closed, or cannot be closed yet: nothing of it was written",
    8: "the store does not say what was signed when the cycle was closed",
    9: "the plan holds what it was told to fail on by --fail-on; nothing was written",
    10: "a destination was not reached; the others were, and it is told the next time",
    INTERRUPTED: "interrupted; what had landed stays, and the next run continues",
}
"""What each exit code means; part of the documented interface."""


def in_help() -> str:
    """A list that typer does not join to a paragraph: that is what `\\b` tells it."""
    lines = (
        fill(meaning, 78, initial_indent=f"{code:>5}  ", subsequent_indent=" " * 7)
        for code, meaning in EXIT_CODES.items()
    )
    return "\b\nExit codes:\n" + "\n".join(lines)


def of_run(report: pipeline.RunReport) -> int:
    """The worst of what a run met."""
    if report.failed_syncs:
        return 4
    if report.withheld:
        return 5
    return 7 if report.computed.closings else 0


def of_examinations(sources: Sequence[Examination], installation: Sequence[Examination]) -> int:
    """A source that is not well comes before the rest."""
    if any(not one.is_healthy for one in sources):
        return 4
    return 6 if any(not one.is_healthy for one in installation) else 0


def of_deliveries(deliveries: Sequence[Delivery]) -> int:
    return 10 if any(one.fate is Fate.FAILED for one in deliveries) else 0


def of_error(error: OkrSyncError) -> int:
    """What a person who is told of the error finds in `$?`."""
    if isinstance(error, CloseError | ClosedCycleError):
        return 7
    if isinstance(error, ProjectError | MissingVariableError | UnitError):
        return 3
    return 6 if isinstance(error, StoreError | WarehouseError) else 2
