"""The command line: its commands in order, and what an error ends with. Nothing is decided here."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from okr_sync import __version__
from okr_sync.commands import computing, exit_codes, looking, people, project, publishing, trying
from okr_sync.errors import OkrSyncError
from okr_sync.terminal import console

app = typer.Typer(
    name="okr-sync",
    help="Key results that update themselves, with numbers people can trust.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog=exit_codes.in_help(),
)

for _command in (
    computing.run,
    computing.sync,
    computing.plan,
    computing.backfill,
    looking.status,
    looking.explain,
    looking.history,
    people.check_in,
    people.override,
    people.close,
    publishing.report,
    publishing.alert,
    looking.streams,
    looking.impact,
    looking.metrics,
    project.check,
    project.test,
    project.doctor,
    project.backup,
    project.schema,
    project.init,
    trying.demo,
    trying.sandbox,
):
    app.command()(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; turn an error that a person is meant to read into its message and exit code."""
    try:
        app(arguments)
    except OkrSyncError as error:
        console.notes().print(f"{error}", markup=False, style="red", soft_wrap=True)
        sys.exit(exit_codes.of_error(error))


def _version(is_asked: bool) -> None:
    if is_asked:
        console.answers().print(f"okr-sync {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Key results that update themselves, with numbers people can trust."""
