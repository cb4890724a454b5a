"""Commands that show what is there: status, explain, streams, impact, metrics."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from okr_sync import pipeline
from okr_sync.commands.options import HERE, AsOf, Json, Project, day, print_json
from okr_sync.errors import OkrSyncError, nearest
from okr_sync.explaining import Known, Since, Wanted
from okr_sync.measure import Reason
from okr_sync.terminal import console
from okr_sync.terminal import difference as difference_text
from okr_sync.terminal import explain as explain_text
from okr_sync.terminal import history as history_text
from okr_sync.terminal import impact as impact_text
from okr_sync.terminal import known as known_text
from okr_sync.terminal import status as status_text
from okr_sync.terminal import streams as streams_text
from okr_sync.terminal.as_json import (
    explanation_json,
    since_json,
    stream_json,
)

KnownOn = Annotated[
    date | None,
    typer.Option(
        "--known-on", parser=day, metavar="DATE", help="As it was known by the end of this day; now if left out."
    ),
]


def status(project: Project = HERE, as_of: AsOf = None, known_on: KnownOn = None, as_json: Json = False) -> None:
    """Show the objectives and key results as stored for a day."""
    report = pipeline.status(project, as_of, known_on=known_on)
    if as_json:
        print_json(report.as_json())
    else:
        status_text.print_status(report, console.answers(), known_on)


def _reasons(text: str | None) -> tuple[Reason, ...]:
    """Why records did not count, as `--left-out` names it."""
    if text is None:
        return ()
    if text == "all":
        return tuple(reason for reason in Reason if reason is not Reason.ASSUMED)
    if text not in list(Reason):
        raise typer.BadParameter(f"{text!r} is no reason; write all, or one of {', '.join(Reason)}")
    return (Reason(text),)


def explain(
    key_result: Annotated[str, typer.Argument(help="The id of a key result.")],
    project: Project = HERE,
    as_of: AsOf = None,
    since: Annotated[
        date | None,
        typer.Option("--since", parser=day, metavar="DATE", help="Show why it is another than on this earlier day."),
    ] = None,
    known_on: KnownOn = None,
    metric: Annotated[
        str | None, typer.Option("--metric", metavar="NAME", help="List the records of this metric alone.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="COUNT", min=1, help="How many records to list.")] = 20,
    offset: Annotated[int, typer.Option("--offset", metavar="COUNT", min=0, help="How many records to pass over.")] = 0,
    left_out: Annotated[
        str | None,
        typer.Option(
            "--left-out",
            metavar="REASON",
            help=f"List records that did not count, or give nothing: all, or {', '.join(Reason)}.",
        ),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print all records of one metric as CSV.")] = False,
    as_json: Json = False,
) -> None:
    """Show why a key result has its value, down to the records."""
    if as_csv and as_json:
        raise typer.BadParameter("choose one of --csv and --json")
    if since is not None and known_on is not None:
        raise typer.BadParameter("choose one of --since and --known-on")
    if since is not None:
        _explain_since(pipeline.explain_since(project, key_result, since, as_of), (limit, offset), as_csv, as_json)
        return
    page = None if as_csv else (limit, offset)
    wanted = Wanted(page, metric, _reasons(left_out))
    if known_on is not None:
        known = pipeline.explain_known(project, key_result, known_on, as_of, wanted)
        _explain_known(known, offset, as_csv, as_json)
        return
    explanation = pipeline.explain(project, key_result, as_of, wanted)
    if as_json:
        print_json(explanation_json(explanation))
    elif as_csv:
        explain_text.write_csv(explanation, sys.stdout)
    else:
        explain_text.print_explanation(explanation, console.answers(), offset)


def _explain_since(since: Since, page: tuple[int, int], as_csv: bool, as_json: bool) -> None:
    if as_json:
        print_json(since_json(since))
    elif as_csv:
        difference_text.write_csv(since, sys.stdout)
    else:
        difference_text.print_since(since, console.answers(), page)


def _explain_known(known: Known, offset: int, as_csv: bool, as_json: bool) -> None:
    if as_json:
        print_json(known_text.known_json(known))
    elif as_csv:
        known_text.write_csv(known, sys.stdout)
    else:
        known_text.print_known(known, console.answers(), offset)


def history(
    key_result: Annotated[str, typer.Argument(help="The id of a key result.")],
    project: Project = HERE,
    from_: Annotated[
        date | None,
        typer.Option("--from", parser=day, metavar="DATE", help="The first day; that of the cycle if left out."),
    ] = None,
    to: Annotated[
        date | None, typer.Option("--to", parser=day, metavar="DATE", help="The last day; today if left out.")
    ] = None,
    is_all: Annotated[bool, typer.Option("--all", help="Show the days on which nothing changed as well.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print every revision of every day as CSV.")] = False,
    as_json: Json = False,
) -> None:
    """Show what is stored of a key result day by day, with restatements and changes of its definition."""
    if as_csv and as_json:
        raise typer.BadParameter("choose one of --csv and --json")
    found = pipeline.history(project, key_result, (from_, to))
    if as_json:
        print_json(history_text.line_json(found))
    elif as_csv:
        history_text.write_csv(found, sys.stdout)
    else:
        history_text.print_line(found, console.answers(), is_all)


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
        print_json([stream_json(one) for one in chosen])
    elif stream is None:
        streams_text.print_streams(chosen, datetime.now(UTC), console.answers())
    else:
        streams_text.print_stream(chosen[0], datetime.now(UTC), console.answers())


def impact(
    name: Annotated[
        str,
        typer.Argument(help="A source, a stream, a field such as jira.issues.status, a view, an event or a metric."),
    ],
    value: Annotated[
        str | None,
        typer.Option("--value", metavar="TEXT", help="Of a field: only formulas that compare it with this."),
    ] = None,
    project: Project = HERE,
    as_json: Json = False,
) -> None:
    """Show what rests on something, and where that is written: what to look at before it is renamed or removed."""
    found = pipeline.impact(project, name, value)
    if as_json:
        print_json(impact_text.impact_json(name, found))
    else:
        impact_text.print_impact(name, found, console.answers())


def metrics(project: Project = HERE) -> None:
    """Print what is stored of syncs and of today's key results in the text format of Prometheus."""
    sys.stdout.write(pipeline.metrics(project))
