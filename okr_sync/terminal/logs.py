"""Standard error of a command that works at night: for people on a terminal, else one JSON object a line.

The variable `OKR_SYNC_LOG` decides otherwise: `text` or `json`.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import structlog
import typer
from rich.console import Console
from stamina.instrumentation import RetryDetails, RetryHook, get_on_retry_hooks, set_on_retry_hooks

from okr_sync.errors import OkrSyncError
from okr_sync.terminal import console

VARIABLE = "OKR_SYNC_LOG"
_FORMATS = ("text", "json")
_log = logging.getLogger("okr_sync")


@contextmanager
def noted(exit_code: Callable[[OkrSyncError], int]) -> Iterator[Console]:
    """Where a command says what is no answer, until the context ends.

    As JSON, whatever is printed there is a message like every other, and so is the error that ends the command.

    Raises:
        typer.BadParameter: `OKR_SYNC_LOG` holds something else.
    """
    if not _wants_json():
        with _handled(_for_people(), logging.ERROR), _waits_told([]):
            yield console.notes()
        return
    with _handled(_for_machines(), logging.INFO), _waits_told([_tell_wait]):
        try:
            yield Console(file=_Messages(), width=console.PIPE_WIDTH, highlight=False, emoji=False)
        except OkrSyncError as error:
            code = exit_code(error)
            _log.error("%s", error, extra={"what": "failed", "exit_code": code})
            raise typer.Exit(code) from error


def _wants_json() -> bool:
    wanted = os.environ.get(VARIABLE) or ("text" if sys.stderr.isatty() else "json")
    if wanted not in _FORMATS:
        raise typer.BadParameter(f"{VARIABLE} is {wanted!r}; set it to {' or '.join(_FORMATS)}, or unset it")
    return wanted == "json"


@contextmanager
def _handled(handler: logging.Handler, level: int) -> Iterator[None]:
    """Messages of okr-sync and its connectors go to `handler` alone."""
    loggers = [_log, logging.getLogger("connectors")]
    before = [(one.level, one.propagate) for one in loggers]
    for one in loggers:
        one.setLevel(level)
        one.propagate = False
        one.addHandler(handler)
    try:
        yield
    finally:
        for one, (own_level, propagates) in zip(loggers, before, strict=True):
            one.removeHandler(handler)
            one.setLevel(own_level)
            one.propagate = propagates


def _for_people() -> logging.Handler:
    """Defects, with their traceback; what else there is to say a command prints itself."""
    return logging.StreamHandler(sys.stderr)


def _for_machines() -> logging.Handler:
    known = structlog.stdlib
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        known.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.processors.TimeStamper("iso", key="at"),
                known.add_log_level,
                known.add_logger_name,
                known.ExtraAdder(),
            ],
            processors=[
                known.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.EventRenamer("message"),
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
        )
    )
    return handler


class _Messages(io.StringIO):
    """What is printed here is logged, a message for each time."""

    def write(self, text: str) -> int:
        if text.strip():
            _log.warning("%s", text.strip(), extra={"what": "note"})
        return len(text)


@contextmanager
def _waits_told(to: Iterable[RetryHook]) -> Iterator[None]:
    """Stamina's own hooks would print to standard output."""
    hooks = get_on_retry_hooks()
    set_on_retry_hooks(to)
    try:
        yield
    finally:
        set_on_retry_hooks(hooks)


def _tell_wait(details: RetryDetails) -> None:
    fields = {"what": "waiting", "seconds": round(details.wait_for, 3), "reason": str(details.caused_by)}
    _log.warning("waiting %.0f s: %s", details.wait_for, details.caused_by, extra=fields)
