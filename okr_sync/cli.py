"""The command line: parse, call the pipeline, print, exit code. Nothing is decided here."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from textwrap import fill
from typing import Annotated

import typer

from okr_sync import __version__, pipeline
from okr_sync.acceptance import Wish
from okr_sync.closing import KEY_VARIABLE, CloseError, Closer
from okr_sync.errors import OkrSyncError, ProjectError, nearest
from okr_sync.installed import installed_connectors
from okr_sync.people import Claim, Note
from okr_sync.planning import FailOn
from okr_sync.project.init import write_template
from okr_sync.project.schema import json_schema
from okr_sync.project.units import UnitError
from okr_sync.store import ClosedCycleError, StoreError
from okr_sync.terminal import backfill as backfill_text
from okr_sync.terminal import check as check_text
from okr_sync.terminal import closing as closing_text
from okr_sync.terminal import console
from okr_sync.terminal import doctor as doctor_text
from okr_sync.terminal import explain as explain_text
from okr_sync.terminal import people as people_text
from okr_sync.terminal import plan as plan_text
from okr_sync.terminal import rehearsal as rehearsal_text
from okr_sync.terminal import run as run_text
from okr_sync.terminal import status as status_text
from okr_sync.terminal import streams as streams_text
from okr_sync.terminal.as_json import (
    examination_json,
    explanation_json,
    run_json,
    stream_json,
    syncs_json,
)
from okr_sync.terminal.interrupt import INTERRUPTED, interruptible
from okr_sync.terminal.progress import counted, watched
from okr_sync.warehouse import WarehouseError
from okr_sync.workspace import MissingVariableError

EXIT_CODES = {
    0: "done; every number is as good as the sources allow",
    1: "a defect of okr-sync; please report it with what it printed",
    2: "the command was not understood, or names something that does not exist;"
    " of plan --detailed-exitcode: there are changes",
    3: "the project is wrong, a test of a metric fails, or an environment variable is missing; no result was stored",
    4: "a source failed; the others were synced, and what reads it keeps its last value",
    5: "a trust gate withheld a value; the last trusted one stays",
    6: "the store or the warehouse cannot be used",
    7: "the cycle is closed, or cannot be closed yet: nothing of it was written",
    8: "the store does not say what was signed when the cycle was closed",
    9: "the plan holds what it was told to fail on by --fail-on; nothing was written",
    INTERRUPTED: "interrupted; what had landed stays, and the next run continues",
}
"""What each exit code means; part of the documented interface."""


def _exit_codes_in_help() -> str:
    """A list that typer does not join to a paragraph: that is what `\\b` tells it."""
    lines = (
        fill(meaning, 78, initial_indent=f"{code:>5}  ", subsequent_indent=" " * 7)
        for code, meaning in EXIT_CODES.items()
    )
    return "\b\nExit codes:\n" + "\n".join(lines)


app = typer.Typer(
    name="okr-sync",
    help="Key results that update themselves, with numbers people can trust.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog=_exit_codes_in_help(),
)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day; write one such as 2026-10-31") from None


Project = Annotated[
    Path,
    typer.Option(
        "--project",
        metavar="DIR",
        envvar="OKR_SYNC_PROJECT",
        help="The project's folder.",
        show_default="the current one",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
AsOf = Annotated[
    date | None, typer.Option("--as-of", parser=_day, metavar="DATE", help="The day to look at; today if left out.")
]
Sources = Annotated[
    list[str] | None, typer.Option("--source", metavar="NAME", help="Only this source; may be given several times.")
]
AcceptDeletions = Annotated[
    bool, typer.Option("--accept-deletions", help="Take records that vanished in great number for deleted.")
]
By = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who says so.", show_default="this machine's user")
]
HERE = Path()


class Language(StrEnum):
    EN = "en"
    VI = "vi"


@app.command()
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
    as_json: Json = False,
) -> None:
    """Sync the sources, compute every key result, store the results."""
    if bool(accept) != bool(reason and reason.strip()) or (by and not accept):
        raise typer.BadParameter("--accept needs a --reason; --reason and --by go with --accept")
    wish = Wish(tuple(accept or ()), (reason or "").strip(), by or _user()) if accept else None
    if no_sync and (source or accept_deletions):
        raise typer.BadParameter("--no-sync asks no source; leave out --source and --accept-deletions")
    notes = console.notes()
    with interruptible(notes), watched(notes, is_quiet=as_json) as watch:
        options = None if no_sync else pipeline.SyncOptions(tuple(source or ()), accept_deletions, watch)
        report = pipeline.run(project, options, as_of, wish=wish)
    if as_json:
        _print_json(run_json(report))
    else:
        if report.syncs:
            run_text.print_syncs(report.syncs, console.answers())
        run_text.print_changes(report, console.answers())
    for one in report.refusals:
        console.notes().print(f"--accept {one.key_result}: {one.why}", markup=False, style="red", soft_wrap=True)
    raise typer.Exit(_exit_code(report))


@app.command()
def sync(
    project: Project = HERE, source: Sources = None, accept_deletions: AcceptDeletions = False, as_json: Json = False
) -> None:
    """Land what changed in the sources; compute nothing."""
    notes = console.notes()
    with interruptible(notes), watched(notes, is_quiet=as_json) as watch:
        syncs = pipeline.sync(project, pipeline.SyncOptions(tuple(source or ()), accept_deletions, watch))
    if as_json:
        _print_json({"syncs": syncs_json(syncs)})
    else:
        run_text.print_syncs(syncs, console.answers())
    raise typer.Exit(4 if any(not one.is_complete for one in syncs) else 0)


@app.command()
def plan(
    project: Project = HERE,
    as_of: AsOf = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with 2 where there are changes, with 0 where not.")
    ] = False,
    fail_on: Annotated[
        list[FailOn] | None,
        typer.Option(
            "--fail-on", help="Exit with 9 on any change, a status that gets worse, or a value withheld; several times."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a run would change, from what has landed. Writes nothing, asks no source, needs no credentials."""
    found = pipeline.plan(project, as_of)
    if as_json:
        _print_json(plan_text.plan_json(found))
    else:
        plan_text.print_plan(found, console.answers())
    failing = [f"--fail-on {one.value}: {line}" for one in fail_on or () for line in found.failing(one)]
    for line in failing:
        console.notes().print(line, markup=False, style="red", soft_wrap=True)
    raise typer.Exit(9 if failing else 2 if detailed_exitcode and not found.is_empty else 0)


@app.command()
def backfill(
    from_: Annotated[date, typer.Option("--from", parser=_day, metavar="DATE", help="The first day to compute.")],
    to: Annotated[date, typer.Option("--to", parser=_day, metavar="DATE", help="The last one; it may be today.")],
    project: Project = HERE,
    as_json: Json = False,
) -> None:
    """Compute every day of a span from what has landed, as run --as-of would each; store what is new."""
    notes = console.notes()
    with interruptible(notes, "the days that were computed stay"), counted(notes, is_quiet=as_json) as watch:
        report = pipeline.backfill(project, (from_, to), watch)
    if as_json:
        _print_json(backfill_text.backfill_json(report))
    else:
        backfill_text.print_backfill(report, console.answers())
    raise typer.Exit(5 if report.kept_back("withheld") else 7 if report.closings else 0)


@app.command()
def status(project: Project = HERE, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show the objectives and key results as stored for a day."""
    report = pipeline.status(project, as_of)
    if as_json:
        _print_json(report.as_json())
    else:
        status_text.print_status(report, console.answers())


@app.command()
def explain(
    key_result: Annotated[str, typer.Argument(help="The id of a key result.")],
    project: Project = HERE,
    as_of: AsOf = None,
    metric: Annotated[
        str | None, typer.Option("--metric", metavar="NAME", help="List the records of this metric alone.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="COUNT", min=1, help="How many records to list.")] = 20,
    offset: Annotated[int, typer.Option("--offset", metavar="COUNT", min=0, help="How many records to pass over.")] = 0,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print all records of one metric as CSV.")] = False,
    as_json: Json = False,
) -> None:
    """Show why a key result has its value, down to the records."""
    if as_csv and as_json:
        raise typer.BadParameter("choose one of --csv and --json")
    page = None if as_csv else (limit, offset)
    explanation = pipeline.explain(project, key_result, as_of, page, metric)
    if as_json:
        _print_json(explanation_json(explanation))
    elif as_csv:
        explain_text.write_csv(explanation, sys.stdout)
    else:
        explain_text.print_explanation(explanation, console.answers(), offset)


@app.command(name="check-in")
def check_in(
    key_result: Annotated[str, typer.Argument(help="The id of a key result.")],
    confidence: Annotated[
        float | None, typer.Option("--confidence", metavar="SHARE", help="How sure you are of the target, 0 to 1.")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="What there is to say.")] = None,
    by: By = None,
    as_of: AsOf = None,
    project: Project = HERE,
    as_json: Json = False,
) -> None:
    """Say how sure you are of a key result, and why. It changes no number."""
    said = pipeline.check_in(project, key_result, Note(confidence, note, by or _user()), as_of)
    if as_json:
        _print_json(people_text.check_in_json(said))
    else:
        people_text.print_check_in(said, console.answers())


@app.command()
def override(
    key_result: Annotated[str, typer.Argument(help="The id of a key result with a value of its own.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why the computed value is not the one.")],
    value: Annotated[
        str | None, typer.Option("--value", metavar="QUANTITY", help="What it is instead: 42, 25%, 2h.")
    ] = None,
    until: Annotated[
        date | None, typer.Option("--until", parser=_day, metavar="DATE", help="The last day on which it is shown.")
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take back the one that is in force.")] = False,
    by: By = None,
    project: Project = HERE,
    as_json: Json = False,
) -> None:
    """Hold a value against the computed one, from today on. It is shown beside that one, which still counts."""
    if withdraw != (value is None) or withdraw != (until is None):
        raise typer.BadParameter("give both --value and --until, or --withdraw alone")
    if not reason.strip():
        raise typer.BadParameter("--reason says nothing")
    said = pipeline.override(project, key_result, Claim(value, until, reason.strip(), by or _user()))
    if as_json:
        _print_json(people_text.override_json(said))
    else:
        people_text.print_override(said, console.answers())


@app.command()
def close(
    cycle: Annotated[str, typer.Argument(help="The name of a cycle that is over, such as 2026-Q4.")],
    project: Project = HERE,
    by: By = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept",
            metavar="ID",
            help="Take what is stored of this key result, though it was not computed for the last day; several times.",
        ),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare the store with what was signed; write nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Freeze a cycle that is over: grade it, sign what is stored, write nothing of it any more.

    It is signed with the key in the environment variable OKR_SYNC_SIGNING_KEY, where there is one.
    """
    if verify and (by or accept):
        raise typer.BadParameter("--verify changes nothing; leave out --by and --accept")
    key = os.environ.get(KEY_VARIABLE) or None
    if verify:
        found = pipeline.verify(project, cycle, key)
        if as_json:
            _print_json(closing_text.verification_json(found))
        else:
            closing_text.print_verification(found, console.answers())
        raise typer.Exit(8 if found.differences else 0)
    closing = pipeline.close(project, cycle, Closer(by or _user(), key, tuple(accept or ())))
    if as_json:
        _print_json(closing_text.closing_json(closing))
    else:
        closing_text.print_closing(closing, console.answers())


@app.command()
def streams(
    stream: Annotated[str | None, typer.Argument(help="Only this one, with what its fields mean.")] = None,
    project: Project = HERE,
    as_json: Json = False,
) -> None:
    """Show what the sources offer, how much has landed, how fresh it is."""
    reports = {one.name: one for one in pipeline.streams(project)}
    if stream is not None and stream not in reports:
        raise OkrSyncError(f"there is no stream {stream!r} in the project{nearest(stream, reports)}")
    chosen = list(reports.values()) if stream is None else [reports[stream]]
    if as_json:
        _print_json([stream_json(one) for one in chosen])
    elif stream is None:
        streams_text.print_streams(chosen, datetime.now(UTC), console.answers())
    else:
        streams_text.print_stream(chosen[0], datetime.now(UTC), console.answers())


@app.command()
def check(
    project: Project = HERE,
    language: Annotated[
        Language | None, typer.Option("--language", help="What advice is written in.", show_default="the project's")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check the project's files offline, run the metrics' tests, then give advice by the OKR method."""
    report = pipeline.check(project, language and language.value)
    if as_json:
        _print_json(check_text.check_json(report))
    else:
        check_text.print_advice(report, console.answers())


@app.command()
def test(
    metric: Annotated[list[str] | None, typer.Argument(help="Only the tests of these metrics.")] = None,
    project: Project = HERE,
    as_json: Json = False,
) -> None:
    """Run the tests that the metrics have in their files; ask no source. Shows which rows made a wrong value."""
    report = pipeline.test(project, metric or ())
    if as_json:
        _print_json(rehearsal_text.tests_json(report))
    else:
        rehearsal_text.print_tests(report, console.answers())
    raise typer.Exit(3 if report.failed else 0)


@app.command()
def doctor(project: Project = HERE, source: Sources = None, as_json: Json = False) -> None:
    """Ask each source who we are to it, what we may see, and whether anything is amiss; land nothing."""
    with console.notes().status("asking the sources"):
        examinations = pipeline.doctor(project, source or ())
    if as_json:
        _print_json({"sources": [examination_json(one) for one in examinations]})
    else:
        doctor_text.print_examinations(examinations, console.answers())
    raise typer.Exit(0 if all(one.is_healthy for one in examinations) else 4)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the project's files, for editors."""
    _print_json(json_schema(installed_connectors()))


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="The folder to make; it may exist.")]) -> None:
    """Write a small commented project that runs."""
    for path in write_template(folder):
        console.answers().print(f"wrote {path}", markup=False, soft_wrap=True)
    console.answers().print(
        f"\nNext:\n  okr-sync run --project {folder}\n  okr-sync status --project {folder}",
        markup=False,
        soft_wrap=True,
    )


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to write the demo project.")] = Path("okr-sync-demo"),
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Another seed grows another agency.")] = 1,
) -> None:
    """Sync stand-ins for the systems of a made-up agency, show its key results."""
    # The sandbox brings a web server; no other command should pay for its import.
    from okr_sync.sandbox.demo import serve_demo  # noqa: PLC0415

    notes = console.notes()
    with serve_demo(folder, seed), interruptible(notes), watched(notes) as watch:
        report = pipeline.run(folder, pipeline.SyncOptions(watch=watch))
    run_text.print_syncs(report.syncs, console.answers())
    console.answers().print()
    status_text.print_status(pipeline.status(folder), console.answers())
    console.answers().print(_next_steps(folder), markup=False, soft_wrap=True)
    raise typer.Exit(_exit_code(report))


@app.command()
def sandbox(
    system: Annotated[
        list[str] | None, typer.Option("--system", metavar="NAME", help="Only this one; may be given several times.")
    ] = None,
    port: Annotated[
        int,
        typer.Option(
            "--port", metavar="NUMBER", min=0, max=65000, help="Where the first listens, the others after it; 0 is any."
        ),
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="The same seed grows the same agency.")] = 1,
    size: Annotated[
        float, typer.Option("--size", metavar="FACTOR", min=0, help="1 is 600 issues, 900 tickets, 480 deals.")
    ] = 1.0,
    now: Annotated[
        datetime | None,
        typer.Option("--now", metavar="TIME", help="The agency's time, in UTC; this machine's if left out."),
    ] = None,
    frozen: Annotated[bool, typer.Option("--frozen", help="Let the agency's clock stand still.")] = False,
    project: Annotated[
        Path | None, typer.Option("--project", metavar="DIR", help="Write a project there that reads all of them.")
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="FAULT",
            help="What goes wrong: 503@jira, 429@hubspot/crm/v3#2,3, cut, silent, page, slow; several times.",
        ),
    ] = None,
) -> None:
    """Serve stand-ins for the source systems, all of one made-up agency, until Ctrl-C."""
    from okr_sync.sandbox.serve import Wishes, serve, write_tour  # noqa: PLC0415 - as above
    from okr_sync.sandbox.systems import SYSTEMS  # noqa: PLC0415
    from okr_sync.sandbox.troubles import fault_of  # noqa: PLC0415

    for name in system or ():
        if name not in SYSTEMS:
            raise OkrSyncError(f"there is no stand-in for {name!r}{nearest(name, SYSTEMS)}")
    faults = [fault_of(one) for one in fault or ()]
    moment = None if now is None else now.replace(tzinfo=UTC)
    if project is not None:
        write_tour(project)
    try:
        serve(Wishes(system or SYSTEMS, port, seed, size, moment, frozen, faults), typer.echo)
    except OSError as error:
        raise typer.BadParameter(f"port {port} cannot be used: {error.strerror}; choose another with --port") from None


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; turn an error that a person is meant to read into its message and exit code."""
    try:
        app(arguments)
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


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise typer.BadParameter("this machine has no name for its user; say who you are with --by") from None


def _exit_code(report: pipeline.RunReport) -> int:
    if report.failed_syncs:
        return 4
    if report.withheld:
        return 5
    return 7 if report.computed.closings else 0


def _error_code(error: OkrSyncError) -> int:
    if isinstance(error, CloseError | ClosedCycleError):
        return 7
    if isinstance(error, ProjectError | MissingVariableError | UnitError):
        return 3
    return 6 if isinstance(error, StoreError | WarehouseError) else 2


def _print_json(content: object) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def _next_steps(folder: Path) -> str:
    return f"""
Next:
  okr-sync explain late --project {folder}
      why a number is what it is, down to the records
  okr-sync streams --project {folder}
      what the sources offer
  okr-sync plan --project {folder}
      what would change, after you have changed a key result in {folder / "okrs"}
  okr-sync init my-okrs
      a project of your own"""
