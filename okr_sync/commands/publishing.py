"""Commands that tell people: alert, report."""

from __future__ import annotations

from typing import Annotated

import typer

from okr_sync import publishing
from okr_sync.commands import exit_codes
from okr_sync.commands.options import HERE, AsOf, Json, LanguageOption, Project, print_json
from okr_sync.publish.weekly import report_of
from okr_sync.terminal import console
from okr_sync.terminal import publishing as publishing_text


def alert(
    project: Project = HERE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be sent; send nothing.")] = False,
    test: Annotated[bool, typer.Option("--test", help="Send a message that says it is a test, everywhere.")] = False,
    as_json: Json = False,
) -> None:
    """Tell each destination that wants alerts what broke, what is over and what changed its status since it was told.

    Sends nothing where nothing is new. run --alert does the same after a run, and tells one that broke off.
    """
    if dry_run and test:
        raise typer.BadParameter("choose one of --dry-run and --test")
    deliveries = publishing.send_test(project) if test else publishing.alert(project, is_dry=dry_run)
    if as_json:
        print_json(publishing_text.deliveries_json(deliveries))
    else:
        publishing_text.print_deliveries(deliveries, console.answers(), with_messages=dry_run)
    raise typer.Exit(exit_codes.of_deliveries(deliveries))


def report(
    project: Project = HERE,
    as_of: AsOf = None,
    language: LanguageOption = None,
    send: Annotated[bool, typer.Option("--send", help="Send it to the destinations that want it.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Send it also where this week's was sent already.")] = False,
    as_json: Json = False,
) -> None:
    """Print the week's progress report, from what is stored; or send it, to each destination once a week."""
    if again and not send:
        raise typer.BadParameter("--again goes with --send")
    if send and language:
        raise typer.BadParameter("--send writes to each destination in its own language; leave out --language")
    if send:
        deliveries = publishing.send_report(project, as_of, again=again)
        if as_json:
            print_json(publishing_text.deliveries_json(deliveries))
        else:
            publishing_text.print_deliveries(deliveries, console.answers())
        raise typer.Exit(exit_codes.of_deliveries(deliveries))
    week = publishing.week_of(project, as_of)
    if as_json:
        print_json(week.as_json())
    else:
        publishing_text.print_message(report_of(week, language or week.language), console.answers())
