"""What a sync did and what a run or a plan changes."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from okr_sync.outcome import Outcome
from okr_sync.pipeline import RunReport
from okr_sync.progress import amount
from okr_sync.sync import StreamSync
from okr_sync.terminal.console import day_text, status_text


def print_syncs(syncs: Sequence[StreamSync], console: Console) -> None:
    table = _table()
    for name in ("read", "new", "deleted", "requests", "seconds"):
        table.add_column(name, justify="right")
    table.add_column("", ratio=1, overflow="fold")
    for sync in syncs:
        seconds = (sync.finished_at - sync.started_at).total_seconds()
        counts = (sync.read_count, sync.new_count, sync.deleted_count, sync.request_count)
        result = Text("complete", style="green") if sync.error is None else Text(f"failed: {sync.error}", style="red")
        table.add_row(f"{sync.source}.{sync.stream}", *(f"{one:,}" for one in counts), f"{seconds:.1f}", result)
    console.print(table)


def print_changes(report: RunReport, console: Console, *, is_plan: bool) -> None:
    """Every key result that moves, from what to what, with the reason."""
    changed = [one for one in report.outcomes if one.is_changed]
    verb = "would change" if is_plan else "changed"
    unchanged = len(report.outcomes) - len(changed)
    console.print(f"as of {day_text(report.as_of)}: {_count(len(changed), 'key result')} {verb}, {unchanged} as stored")
    if changed:
        table = _table()
        table.add_column("value", justify="right")
        table.add_column("status")
        table.add_column("why", ratio=1, overflow="fold", style="dim")
        for one in changed:
            table.add_row(one.key_result.id, _move(one), _status_move(one), Text(one.observation.reason))
        console.print(table)


def _table() -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("", no_wrap=True)
    return table


def _move(one: Outcome) -> str:
    now = _shown(one.observation.value, one.observation.unit)
    if one.stored is None:
        return now
    before = _shown(one.stored.value, one.stored.unit)
    return now if before == now else f"{before} → {now}"


def _status_move(one: Outcome) -> Text:
    now = status_text(one.observation.status)
    if one.stored is None or one.stored.status == one.observation.status:
        return now
    return Text.assemble(status_text(one.stored.status), " → ", now)


def _shown(value: float | None, unit: str | None) -> str:
    return "–" if value is None else amount(value, unit)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
