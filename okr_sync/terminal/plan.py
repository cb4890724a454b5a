"""What a run would change: every move with its reason, status flips, restatements, and what was defined anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from okr_sync.initiatives import CompletionOutcome
from okr_sync.kpis import KpiOutcome
from okr_sync.outcome import Outcome
from okr_sync.planning import AnyOutcome, Kind, Plan, Step, said
from okr_sync.project.units import amount
from okr_sync.report import plain
from okr_sync.store import ChangedPart, Completion
from okr_sync.terminal.as_json import completion_json, kpi_json, outcome_json
from okr_sync.terminal.console import count_text, day_text, percent_text, status_text
from okr_sync.terminal.run import print_closed, print_restated, print_settled

_ON_ONE_LINE = 40
"""Longer parts of a definition stand below one another, to be compared."""


def print_plan(plan: Plan, console: Console) -> None:
    print_closed(plan.computed.closings, console)
    console.print(f"as of {day_text(plan.as_of)}: {_counts(plan)}", soft_wrap=True)
    width = max((len(one.name) for one in plan.key_results if one.is_change), default=0)
    for one in plan.changes:
        _print_step(one, width, console)
    for name in plan.removed:
        line = Text.assemble((f"{name:<{width}}", "bold"), "  would be removed; what is stored of it stays")
        console.print(Padding(line, (0, 0, 0, 2), expand=False))
    print_restated([one.outcome for one in plan.restated], console, "would be restated")
    print_settled(plan.settling, console, "would be restated")
    flips = [one for one in plan.changes if one.is_flip]
    if flips:
        worse = sum(one.is_worse for one in flips)
        console.print(f"{count_text(len(flips), 'status', 'statuses')} would flip, {worse} for the worse")


def _counts(plan: Plan) -> str:
    changing = [one for one in plan.key_results if one.is_change]
    restated = sum(one.kind is Kind.RESTATED for one in changing)
    repeated = sum(one.kind is Kind.REPEATED for one in plan.key_results)
    text = f"{count_text(len(changing), 'key result')} would change"
    text += f", {len(plan.key_results) - len(changing) - repeated} as stored"
    text += f", {repeated} as on an earlier day" if repeated else ""
    return text + (f"; {restated} would restate the day" if restated else "")


def _print_step(step: Step, width: int, console: Console) -> None:
    name = (f"{step.name:<{width}}", "bold")
    line = Text.assemble(_kind_of(step.outcome), name, f"  {_move(step)}  ", _status(step), "  ", _since(step))
    console.print(Padding(line, (0, 0, 0, 2), expand=False))
    console.print(Padding(Text(said(step.outcome).reason, style="dim"), (0, 0, 0, 4), expand=False))
    for text in _redefined(step):
        console.print(Padding(text, (0, 0, 0, 4), expand=False))


def _kind_of(outcome: AnyOutcome) -> str:
    match outcome:
        case KpiOutcome():
            return "KPI "
        case CompletionOutcome():
            return "initiative "
        case _:
            return ""


def _move(step: Step) -> str:
    """The value from what to what; and the progress, where that moves without the value or beside it."""
    now, before = said(step.outcome), step.outcome.stored
    values = [_shown(one) for one in (before, now) if one is not None]
    text = " → ".join(dict.fromkeys(values))
    if isinstance(step.outcome, Outcome) and step.outcome.stored is not None:
        shares = [percent_text(one.progress) for one in (step.outcome.stored, step.outcome.observation)]
        if shares[0] != shares[1]:
            text += f", progress {shares[0]} → {shares[1]}"
    return text


def _shown(one: Any) -> str:
    if isinstance(one, Completion):
        return "–" if one.done_count is None else f"{one.done_count:,} of {one.record_count:,}"
    return "–" if one.value is None else amount(one.value, one.unit)


def _status(step: Step) -> Text:
    now = status_text(step.status)
    if not step.is_flip or step.previous_status is None:
        return now
    return Text.assemble(status_text(step.previous_status), " → ", now, (" (worse)" if step.is_worse else "", "red"))


def _since(step: Step) -> Text:
    if step.outcome.stored is None:
        return Text("nothing stored before", style="dim")
    stored_on = day_text(step.outcome.stored.as_of)
    if step.kind is Kind.RESTATED:
        return Text(f"restates {stored_on}", style="yellow")
    if step.kind is Kind.SETTLING:
        return Text(f"restates {stored_on}, which is provisional", style="dim")
    return Text(f"stored for {stored_on}", style="dim")


def _redefined(step: Step) -> Iterator[Text]:
    if step.is_redefined and not step.redefined:
        yield Text("its definition changed", style="yellow")
    for one in step.redefined:
        yield from _compared(one)


def _compared(one: ChangedPart) -> Iterator[Text]:
    if max(len(one.old or ""), len(one.new or "")) <= _ON_ONE_LINE:
        yield Text.assemble((f"definition: {one.part}  ", "yellow"), f"{one.old or 'none'} → {one.new or 'none'}")
        return
    yield Text(f"definition: {one.part}", style="yellow")
    if one.old is not None:
        yield Text(f"  - {one.old}", style="red")
    if one.new is not None:
        yield Text(f"  + {one.new}", style="green")


def plan_json(plan: Plan) -> dict[str, Any]:
    """The same for machines; `change` is one of `okr_sync.planning.Kind`."""
    return {
        "as_of": plan.as_of.isoformat(),
        "has_changes": not plan.is_empty,
        "key_results": [_step_json(one) for one in plan.key_results],
        "kpis": [_step_json(one) for one in plan.kpis],
        "initiatives": [_step_json(one) for one in plan.initiatives],
        "removed": list(plan.removed),
        "settling": [outcome_json(one) for one in plan.settling],
        "closed": [
            {"cycle": one.cycle, "at": plain(one.closed_at), "by": one.closed_by} for one in plan.computed.closings
        ],
    }


def _step_json(step: Step) -> dict[str, Any]:
    stored = step.outcome.stored
    return {
        **_outcome_json(step.outcome),
        "change": step.kind.value,
        "previous_as_of": None if stored is None else stored.as_of.isoformat(),
        "is_worse": step.is_worse,
        "is_redefined": step.is_redefined,
        "restates_final": step.restates_final,
        "redefined": [asdict(one) for one in step.redefined],
    }


def _outcome_json(outcome: AnyOutcome) -> dict[str, Any]:
    match outcome:
        case Outcome():
            previous = None if outcome.stored is None else outcome.stored.progress
            return {**outcome_json(outcome), "previous_progress": previous}
        case KpiOutcome():
            return kpi_json(outcome)
        case _:
            return completion_json(outcome)
