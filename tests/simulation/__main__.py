"""`python -m tests.simulation --seeds 1000 --system jira`: a long campaign, with a table at its end, or at Ctrl-C."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count, islice

import stamina.instrumentation
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from tests import postgres
from tests.simulation.campaign import SYSTEMS, Finding, Result, run_campaign
from tests.simulation.machine import WAREHOUSE
from tests.simulation.steps import is_deadly


def main(arguments: Sequence[str]) -> int:
    asked = _asked(arguments)
    logging.disable(logging.ERROR)  # what fails on purpose would be shown between the bars
    stamina.instrumentation.set_on_retry_hooks([])
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    console = Console()
    results: list[Result] = []
    with _warehouse(asked.warehouse) as url, Progress(console=console, disable=not console.is_terminal) as progress:
        for system in asked.system or SYSTEMS:
            bar = progress.add_task(system, total=asked.seeds)
            began = time.monotonic()
            seeds = _seeds(asked)

            def tell(seed: int, finding: Finding | None, bar: TaskID = bar) -> None:
                progress.advance(bar)
                if finding is not None:
                    _show(console, finding)

            results.append(Result(system))
            try:
                run_campaign(results[-1], seeds, url, is_whole=asked.whole, tell=tell)
            except KeyboardInterrupt:  # enough: what was done so far is told
                break
            finally:
                spent = time.monotonic() - began
                console.print(f"{system}: {results[-1].tally.schedules} schedules in {spent:.0f} s")
    console.print(_table(results))
    return 1 if any(one.findings for one in results) else 0


def _seeds(asked: argparse.Namespace) -> list[int]:
    wanted = (one for one in count(asked.first) if not (asked.no_deaths and is_deadly(one)))
    return list(islice(wanted, asked.seeds))


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many schedules for each system")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--system", action="append", choices=SYSTEMS, help="only this one; may be repeated")
    parser.add_argument("--whole", action="store_true", help="every sync is a run of a whole project, with its store")
    parser.add_argument(
        "--no-deaths", action="store_true", help="leave out schedules in which processes die: they cost most"
    )
    parser.add_argument("--warehouse", choices=("duckdb", "postgresql"), default="duckdb", help="the engine")
    return parser.parse_args(arguments)


@contextmanager
def _warehouse(engine: str) -> Iterator[str]:
    """Its address; PostgreSQL runs for as long as the campaign."""
    if engine == "duckdb":
        yield WAREHOUSE
        return
    with postgres.server() as url:
        yield url


def _show(console: Console, finding: Finding) -> None:
    console.print(f"[bold red]seed {finding.seed}[/]: {finding.what}", highlight=False)
    console.print(f"  {finding.shortest!r}", highlight=False, markup=False)


def _table(results: Sequence[Result]) -> Table:
    table = Table("system", "schedules", "steps", "syncs", "incomplete", "killed", "evenings", "values", "withheld")
    table.add_column("faults injected")
    table.add_column("violations")
    for one in results:
        tally = one.tally
        counts = (tally.schedules, tally.steps, tally.syncs, tally.incomplete, tally.kills, tally.evenings)
        faults = ", ".join(f"{kind} {count}" for kind, count in sorted(tally.faults.items()))
        shown = [f"{count:,}" for count in (*counts, tally.values, tally.withheld)]
        table.add_row(one.system, *shown, faults, str(len(one.findings)))
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
