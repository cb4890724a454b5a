"""Commands that read the sources and compute: run, sync, plan, backfill."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from typing import Annotated

import typer

from okr_sync import pipeline, publishing
from okr_sync.acceptance import Wish
from okr_sync.commands import exit_codes
from okr_sync.commands.options import HERE, AcceptDeletions, AsOf, By, Json, Project, Sources, day, print_json, user
from okr_sync.planning import FailOn
from okr_sync.publish.sending import Delivery
from okr_sync.terminal import backfill as backfill_text
from okr_sync.terminal import console
from okr_sync.terminal import plan as plan_text
from okr_sync.terminal import run as run_text
from okr_sync.terminal.as_json import (
    run_json,
    syncs_json,
)
from okr_sync.terminal.interrupt import interruptible
from okr_sync.terminal.logs import noted
from okr_sync.terminal.progress import counted, watched
from okr_sync.terminal.publishing import print_deliveries


def run(
    project: Project = HERE,
    source: Sources = None,
    as_of: AsOf = None,
    no_sync: Annotated[bool, typer.Option("--no-sync", help="Compute from what has landed; ask no source.")] = False,
    accept_deletions: AcceptDeletions = False,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept", metavar="ID", help="Let this key result through the gates it fails that day; several times."
        ),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why it is accepted.")] = None,
    by: By = None,
    alert: Annotated[
        bool, typer.Option("--alert", help="Then tell the destinations what is new, also where the run broke off.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Sync the sources, compute every key result, store the results."""
    if bool(accept) != bool(reason and reason.strip()) or (by and not accept):
        raise typer.BadParameter("--accept needs a --reason; --reason and --by go with --accept")
    wish = Wish(tuple(accept or ()), (reason or "").strip(), by or user()) if accept else None
    if no_sync and (source or accept_deletions):
        raise typer.BadParameter("--no-sync asks no source; leave out --source and --accept-deletions")
    told: list[Delivery] = []
    with ExitStack() as stack:
        notes = stack.enter_context(noted(exit_codes.of_error))
        if alert:
            stack.enter_context(publishing.alerting(project, told.extend))
        stack.enter_context(interruptible(notes))
        watch = stack.enter_context(watched(notes, is_quiet=as_json))
        options = None if no_sync else pipeline.SyncOptions(tuple(source or ()), accept_deletions, watch)
        report = pipeline.run(project, options, as_of, wish=wish)
        for one in report.refusals:
            notes.print(f"--accept {one.key_result}: {one.why}", markup=False, style="red", soft_wrap=True)
    if as_json:
        print_json(run_json(report))
    else:
        if report.syncs:
            run_text.print_syncs(report.syncs, console.answers())
        run_text.print_changes(report, console.answers())
        run_text.print_renamed(report.renamed, console.answers())
    print_deliveries(told, console.notes())
    raise typer.Exit(exit_codes.of_run(report) or exit_codes.of_deliveries(told))


def sync(
    project: Project = HERE, source: Sources = None, accept_deletions: AcceptDeletions = False, as_json: Json = False
) -> None:
    """Land what changed in the sources; compute nothing."""
    with noted(exit_codes.of_error) as notes, interruptible(notes), watched(notes, is_quiet=as_json) as watch:
        syncs = pipeline.sync(project, pipeline.SyncOptions(tuple(source or ()), accept_deletions, watch))
    if as_json:
        print_json({"syncs": syncs_json(syncs)})
    else:
        run_text.print_syncs(syncs, console.answers())
    raise typer.Exit(4 if any(not one.is_complete for one in syncs) else 0)


def plan(
    project: Project = HERE,
    as_of: AsOf = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with 2 where there are changes, with 0 where not.")
    ] = False,
    fail_on: Annotated[
        list[FailOn] | None,
        typer.Option(
            "--fail-on",
            help="Exit with 9 on such a change: of status for the worse, withheld, of a final value; several times.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a run would change, from what has landed. Writes nothing, asks no source, needs no credentials."""
    found = pipeline.plan(project, as_of)
    if as_json:
        print_json(plan_text.plan_json(found))
    else:
        plan_text.print_plan(found, console.answers())
    failing = [f"--fail-on {one.value}: {line}" for one in fail_on or () for line in found.failing(one)]
    for line in failing:
        console.notes().print(line, markup=False, style="red", soft_wrap=True)
    raise typer.Exit(9 if failing else 2 if detailed_exitcode and not found.is_empty else 0)


def backfill(
    from_: Annotated[date, typer.Option("--from", parser=day, metavar="DATE", help="The first day to compute.")],
    to: Annotated[date, typer.Option("--to", parser=day, metavar="DATE", help="The last one; it may be today.")],
    project: Project = HERE,
    as_json: Json = False,
) -> None:
    """Compute every day of a span from what has landed, as run --as-of would each; store what is new."""
    kept = "the days that were computed stay"
    with (
        noted(exit_codes.of_error) as notes,
        interruptible(notes, kept),
        counted(notes, is_quiet=as_json) as watch,
    ):
        report = pipeline.backfill(project, (from_, to), watch)
    if as_json:
        print_json(backfill_text.backfill_json(report))
    else:
        backfill_text.print_backfill(report, console.answers())
    raise typer.Exit(5 if report.kept_back("withheld") else 7 if report.closings else 0)
