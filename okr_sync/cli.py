"""The command line: parse, call the pipeline, print, exit code. Nothing is decided here."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from okr_sync import __version__, pipeline
from okr_sync.errors import OkrSyncError, ProjectError
from okr_sync.project.init import write_template
from okr_sync.project.schema import json_schema
from okr_sync.store import StoreError
from okr_sync.terminal import console
from okr_sync.terminal import explain as explain_text
from okr_sync.terminal import run as run_text
from okr_sync.terminal import status as status_text
from okr_sync.terminal.as_json import explanation_json, problem_json, run_json, stream_json, syncs_json
from okr_sync.terminal.progress import watched
from okr_sync.terminal.streams import print_streams
from okr_sync.warehouse import WarehouseError
from okr_sync.workspace import MissingVariableError, installed_connectors

EXIT_CODES = {
    0: "done; every number is as good as the sources allow",
    1: "a defect of okr-sync; please report it with what it printed",
    2: "the command was not understood, or names something that does not exist",
    3: "the project is wrong, or the environment lacks a variable it names; nothing was written",
    4: "a source failed; the others were synced, and what reads it keeps its last value",
    5: "a value was withheld because a trust gate failed; the last trusted one stays",
    6: "the store or the warehouse cannot be used",
    130: "interrupted; what had landed stays, and the next run continues",
}
"""What each exit code means; part of the documented interface."""

app = typer.Typer(
    name="okr-sync",
    help="Key results that update themselves, with numbers people can trust.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="\n\n".join(["Exit codes:", *(f"{code}  {meaning}" for code, meaning in EXIT_CODES.items())]),
)

Project = Annotated[
    Path, typer.Option("--project", envvar="OKR_SYNC_PROJECT", help="The project's folder.", show_default="here")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
AsOf = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day to look at; today where left out.")
]
Sources = Annotated[list[str] | None, typer.Option("--source", help="Only this source; may be given several times.")]
AcceptDeletions = Annotated[
    bool, typer.Option("--accept-deletions", help="Take records that vanished in great number for deleted.")
]
HERE = Path()


@app.command()
def run(
    project: Project = HERE,
    source: Sources = None,
    as_of: AsOf = None,
    no_sync: Annotated[bool, typer.Option("--no-sync", help="Compute from what has landed; ask no source.")] = False,
    accept_deletions: AcceptDeletions = False,
    as_json: Json = False,
) -> None:
    """Sync the sources, compute every key result, store the results."""
    with watched(console.notes(), is_quiet=as_json) as watch:
        options = None if no_sync else pipeline.SyncOptions(tuple(source or ()), accept_deletions, watch)
        report = pipeline.run(project, options, _day(as_of))
    if as_json:
        _print_json(run_json(report))
    else:
        if report.syncs:
            run_text.print_syncs(report.syncs, console.answers())
        run_text.print_changes(report, console.answers(), is_plan=False)
    raise typer.Exit(_exit_code(report))


@app.command()
def sync(
    project: Project = HERE, source: Sources = None, accept_deletions: AcceptDeletions = False, as_json: Json = False
) -> None:
    """Read what changed in the sources and land it; compute nothing."""
    with watched(console.notes(), is_quiet=as_json) as watch:
        syncs = pipeline.sync(project, pipeline.SyncOptions(tuple(source or ()), accept_deletions, watch))
    if as_json:
        _print_json({"syncs": syncs_json(syncs)})
    else:
        run_text.print_syncs(syncs, console.answers())
    raise typer.Exit(4 if any(not one.is_complete for one in syncs) else 0)


@app.command()
def plan(project: Project = HERE, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show what a run would store from what has landed. Writes nothing."""
    report = pipeline.plan(project, _day(as_of))
    if as_json:
        _print_json(run_json(report))
    else:
        run_text.print_changes(report, console.answers(), is_plan=True)


@app.command()
def status(project: Project = HERE, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show the objectives and key results as stored for a day."""
    report = pipeline.status(project, _day(as_of))
    if as_json:
        _print_json(report.as_json())
    else:
        status_text.print_status(report, console.answers())


@app.command()
def explain(
    key_result: Annotated[str, typer.Argument(help="The id of a key result.")],
    project: Project = HERE,
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many records to list.")] = 20,
    offset: Annotated[int, typer.Option("--offset", min=0, help="How many records to pass over.")] = 0,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print all records as CSV, of the metric in --metric.")] = False,
    metric: Annotated[str | None, typer.Option("--metric", help="Only the records of this metric.")] = None,
    as_json: Json = False,
) -> None:
    """Show why a key result has its value: formula, window, SQL and the records behind it."""
    page = None if as_csv else (limit, offset)
    explanation = pipeline.explain(project, key_result, _day(as_of), page, metric)
    if as_json:
        _print_json(explanation_json(explanation))
    elif as_csv:
        explain_text.write_csv(explanation, sys.stdout)
    else:
        explain_text.print_explanation(explanation, console.answers())


@app.command()
def streams(project: Project = HERE, as_json: Json = False) -> None:
    """Show what each source offers: fields, types, how much has landed, how fresh it is."""
    reports = pipeline.streams(project)
    if as_json:
        _print_json([stream_json(one) for one in reports])
    else:
        print_streams(reports, datetime.now(UTC), console.answers())


@app.command()
def check(project: Project = HERE, as_json: Json = False) -> None:
    """Check the project's files, offline: structure, formulas, units; then give advice."""
    advice = pipeline.check(project)
    if as_json:
        _print_json({"advice": [problem_json(one) for one in advice]})
        return
    for one in advice:
        console.answers().print(str(one), markup=False)
    console.answers().print("The project is right." if not advice else f"The project is right; advice: {len(advice)}.")


@app.command()
def schema() -> None:
    """Print the JSON Schema of the project's files, for editors."""
    _print_json(json_schema(installed_connectors()))


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="The folder to make; it may exist.")]) -> None:
    """Write a small commented project that runs."""
    for path in write_template(folder):
        console.answers().print(f"wrote {path}", markup=False)
    console.answers().print(
        f"Next: okr-sync run --project {folder}, then okr-sync status --project {folder}", markup=False
    )


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to write the demo project.")] = Path("okr-sync-demo"),
    seed: Annotated[int, typer.Option("--seed", help="Another seed grows another agency.")] = 1,
) -> None:
    """Start stand-ins for Jira and Zendesk, sync them over HTTP, show the key results."""
    # The sandbox brings a web server; no other command should pay for its import.
    from okr_sync.sandbox.demo import serve_demo  # noqa: PLC0415

    with serve_demo(folder, seed), watched(console.notes()) as watch:
        report = pipeline.run(folder, pipeline.SyncOptions(watch=watch))
    run_text.print_syncs(report.syncs, console.answers())
    console.answers().print()
    status_text.print_status(pipeline.status(folder), console.answers())
    console.answers().print(_next_steps(folder), markup=False)
    raise typer.Exit(_exit_code(report))


def main() -> None:
    """Run a command; turn an error that a person is meant to read into its message and exit code."""
    try:
        app()
    except OkrSyncError as error:
        console.notes().print(f"{error}", markup=False, style="red", soft_wrap=True)
        sys.exit(_error_code(error))


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


def _day(as_of: datetime | None) -> date | None:
    return None if as_of is None else as_of.date()


def _exit_code(report: pipeline.RunReport) -> int:
    if report.failed_syncs:
        return 4
    return 5 if report.withheld else 0


def _error_code(error: OkrSyncError) -> int:
    if isinstance(error, ProjectError | MissingVariableError):
        return 3
    return 6 if isinstance(error, StoreError | WarehouseError) else 2


def _print_json(content: object) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def _next_steps(folder: Path) -> str:
    return f"""
Next:
  okr-sync explain late --project {folder}     why a number is what it is, down to the records
  okr-sync streams --project {folder}          what the sources offer
  {folder}/okrs/                               the key results; change one, then: okr-sync plan --project {folder}
  okr-sync init my-okrs                        a project of your own"""
