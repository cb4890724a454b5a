"""Why a key result is another than on an earlier day: causes with their totals, and the records under each."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from okr_sync.explaining import Contribution, Difference, Since, difference_text
from okr_sync.formula import CompiledMetric
from okr_sync.project.units import amount
from okr_sync.terminal.console import count_text, day_text, plain_table


def print_since(since: Since, console: Console, page: tuple[int, int]) -> None:
    """All of it; `page` is how many records to list under each cause, and how many to pass over."""
    console.print(Text(since.key_result.name, style="bold"))
    if since.known_at is None:
        console.print(
            Text(f"nothing is stored for {day_text(since.earlier.day)}: it is compared as it is known now", "dim")
        )
    for part in since.changed:
        console.print(Text(f"definition: {part.part} was {part.old or 'none'}, is {part.new or 'none'}", style="dim"))
    _print_progress(since, console)
    for one in since.differences:
        _print_difference(one, since, console, page)


def _print_progress(since: Since, console: Console) -> None:
    moved = since.progress
    if moved is None:
        return
    why = [f"{difference_text(moved.by_value, 'percent')} by the value"]
    if abs(moved.by_goal) > 1e-9:
        of = "by another baseline or target" if moved.is_redefined else "by the days gone by"
        why.append(f"{difference_text(moved.by_goal, 'percent')} {of}")
    before, after = (amount(one, "percent") for one in (moved.before, moved.after))
    console.print(Text(f"progress {before} → {after}: {', '.join(why)}"))


def _print_difference(one: Difference, since: Since, console: Console, page: tuple[int, int]) -> None:
    unit = one.metric.unit
    before, after = ("no data" if value is None else amount(value, unit) for value in (one.before, one.after))
    change = "" if one.change is None else f": {difference_text(one.change, unit)}"
    days = f"{day_text(since.earlier.day)} {before} → {day_text(since.later.day)} {after}"
    console.print()
    console.print(Text.assemble((one.metric.name, "bold"), f"  {days}{change}"))
    if one.not_split is not None:
        console.print(Text(f"  not split by records: {one.not_split}", style="dim"))
    for cause, found in one.by_cause().items():
        total = sum(each.amount or 0.0 for each in found)
        said = "" if one.not_split is not None else f"  {difference_text(total, unit)}"
        records = [each for each in found if each.record is not None]
        count = f", {count_text(len(records), 'record')}" if records else ""
        console.print()
        console.print(Text.assemble(("  " + cause.value, "bold"), count, said))
        _print_contributions(found, one.metric, console, page)


def _print_contributions(
    found: Sequence[Contribution], metric: CompiledMetric, console: Console, page: tuple[int, int]
) -> None:
    limit, offset = page
    table = plain_table()
    table.show_header = False
    for each in found[offset : offset + limit]:
        name = Text(record_name(each))
        if each.link:
            name.stylize(f"link {each.link}")
        change = "" if each.amount is None else difference_text(each.amount, metric.unit)
        through = "" if each.metric == metric.name or each.record is None else f"in {each.metric}; "
        table.add_row(name, Text(change, justify="right"), Text(through + each.detail))
    console.print(Padding(table, (0, 0, 0, 4), expand=False))
    if len(found) > limit:
        console.print(Text(f"    {len(found):,} in all; others with --limit and --offset", style="dim"))


def record_name(one: Contribution) -> str:
    """What a person knows the record by: its key, and what its page is known by."""
    if one.record is None:
        return one.metric
    return " ".join(str(one.record[name]) for name in one.names)


def write_csv(since: Since, file: TextIO) -> None:
    """Every contribution as CSV: numbers with all of their digits, a missing one as an empty cell."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["value_of", "cause", "through", "record", "amount", "detail", "link"])
    for one in since.differences:
        for cause, found in one.by_cause().items():
            for each in found:
                name = "" if each.record is None else record_name(each)
                number = "" if each.amount is None else repr(each.amount)
                writer.writerow([one.metric.name, cause, each.metric, name, number, each.detail, each.link or ""])
