"""What a sync did and what a run or a plan changes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from okr_sync.impact import LostOption
from okr_sync.initiatives import CompletionOutcome
from okr_sync.kpis import KpiOutcome
from okr_sync.outcome import Outcome
from okr_sync.pipeline import RunReport
from okr_sync.planning import AnyOutcome
from okr_sync.project.units import amount
from okr_sync.store import Closing
from okr_sync.sync import StreamSync
from okr_sync.terminal.console import count_text, day_text, plain_table, status_text


def print_syncs(syncs: Sequence[StreamSync], console: Console) -> None:
    """A line per stream, then why those failed that did."""
    table = plain_table()
    table.add_column("", overflow="fold")
    for name in ("read", "new", "deleted", "requests", "seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for sync in syncs:
        seconds = (sync.finished_at - sync.started_at).total_seconds()
        counts = (sync.read_count, sync.new_count, sync.deleted_count, sync.request_count)
        result = Text("complete", style="green") if sync.error is None else Text("failed", style="red")
        table.add_row(_name(sync), *(f"{one:,}" for one in counts), f"{seconds:.1f}", result)
    console.print(table)
    for error, names in _failures(syncs).items():
        label = "" if error.startswith(("source ", *names)) else f"{', '.join(names)}: "
        console.print(Text(label + error, style="red"))


def _failures(syncs: Sequence[StreamSync]) -> dict[str, list[str]]:
    """The streams by what failed: a source that cannot be reached says so once, not once for every stream."""
    failures: dict[str, list[str]] = {}
    for sync in syncs:
        if sync.error is not None:
            failures.setdefault(sync.error, []).append(_name(sync))
    return failures


def _name(sync: StreamSync) -> str:
    return f"{sync.source}.{sync.stream}"


def print_changes(report: RunReport, console: Console) -> None:
    """Every key result that moved, from what to what, with the reason."""
    print_closed(report.computed.closings, console)
    changed = [one for one in report.outcomes if one.is_changed]
    unchanged = len(report.outcomes) - len(changed)
    counts = f"{count_text(len(changed), 'key result')} changed, {unchanged} as stored"
    console.print(f"as of {day_text(report.as_of)}: {counts}")
    width = max((len(one.key_result.id) for one in changed), default=0)
    # A source that fails is the reason of many: it is told once.
    for reason, those in groupby(changed, lambda one: one.observation.reason):
        for one in those:
            line = Text.assemble((f"{one.key_result.id:<{width}}", "bold"), f"  {_move(one)}  ", _status_move(one))
            console.print(Padding(line, (0, 0, 0, 2), expand=False))
        console.print(Padding(Text(reason, style="dim"), (0, 0, 0, 4), expand=False))
    for kpi in (one for one in report.computed.kpis if one.is_changed):
        line = Text.assemble("KPI ", (kpi.observation.kpi, "bold"), f"  {_move(kpi)}  ", _status_move(kpi))
        console.print(Padding(line, (0, 0, 0, 2), expand=False))
        console.print(Padding(Text(kpi.observation.reason, style="dim"), (0, 0, 0, 4), expand=False))

    print_restated(report.restated, console, "restated")
    print_settled(report.settled, console, "restated")


def print_restated(restated: Sequence[AnyOutcome], console: Console, what: str) -> None:
    """Values that were final, under a heading of their own; nothing where there are none."""
    if restated:
        console.print(Text(f"{count_text(len(restated), 'value')} {what}, which was final:", style="bold red"))
    for one in restated:
        line = Text.assemble((_name_of(one), "bold"), f"  {_final_move(one)}")
        console.print(Padding(line, (0, 0, 0, 2), expand=False))


def print_settled(settled: Sequence[Outcome], console: Console, what: str) -> None:
    """In one line, what late data did to provisional days."""
    if settled:
        final = sum(not one.observation.is_provisional for one in settled)
        moved = sum(_move(one) != _shown(one.observation.value, one.observation.unit) for one in settled)
        days = len({one.observation.as_of for one in settled})
        said = f"{count_text(moved, 'value')} {what} on {count_text(days, 'provisional day')}, {final} final"
        console.print(Text(f"settling: {said}", style="dim"))


def _name_of(one: AnyOutcome) -> str:
    match one:
        case Outcome():
            return one.key_result.id
        case KpiOutcome():
            return f"KPI {one.observation.kpi}"
        case _:
            return f"initiative {one.completion.initiative}"


def _final_move(one: AnyOutcome) -> str:
    """From what to what, and of which day."""
    if isinstance(one, CompletionOutcome):
        return day_text(one.completion.as_of)
    return f"{_move(one)}  {day_text(one.observation.as_of)}"


def print_renamed(renamed: Sequence[LostOption], console: Console) -> None:
    """Options that formulas name and that look renamed: whatever reads them counts less than it should."""
    for one in renamed:
        console.print(Text(f"{one.stream}: {one}", style="yellow"))


def print_closed(closings: Sequence[Closing], console: Console) -> None:
    """That nothing is written of these cycles."""
    for one in closings:
        on = f"closed on {day_text(one.closed_at.date())} by {one.closed_by}"
        console.print(Text(f"cycle {one.cycle} was {on}: its key results stay as they were signed", style="bold"))


def _move(one: Outcome | KpiOutcome) -> str:
    now = _shown(one.observation.value, one.observation.unit)
    if one.stored is None:
        return now
    before = _shown(one.stored.value, one.stored.unit)
    return now if before == now else f"{before} → {now}"


def _status_move(one: Outcome | KpiOutcome) -> Text:
    now = status_text(one.observation.status)
    if one.stored is None or one.stored.status == one.observation.status:
        return now
    return Text.assemble(status_text(one.stored.status), " → ", now)


def _shown(value: float | None, unit: str | None) -> str:
    return "–" if value is None else amount(value, unit)
