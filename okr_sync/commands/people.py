"""What people say of key results: check-in, override; and the end of a cycle: close."""

from __future__ import annotations

import os
from datetime import date
from typing import Annotated

import typer

from okr_sync import pipeline
from okr_sync.closing import KEY_VARIABLE, Closer
from okr_sync.commands.options import HERE, AsOf, By, Json, Project, day, print_json, user
from okr_sync.people import Claim, Note
from okr_sync.terminal import closing as closing_text
from okr_sync.terminal import console
from okr_sync.terminal import people as people_text


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
    said = pipeline.check_in(project, key_result, Note(confidence, note, by or user()), as_of)
    if as_json:
        print_json(people_text.check_in_json(said))
    else:
        people_text.print_check_in(said, console.answers())


def override(
    key_result: Annotated[str, typer.Argument(help="The id of a key result with a value of its own.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why the computed value is not the one.")],
    value: Annotated[
        str | None, typer.Option("--value", metavar="QUANTITY", help="What it is instead: 42, 25%, 2h.")
    ] = None,
    until: Annotated[
        date | None, typer.Option("--until", parser=day, metavar="DATE", help="The last day on which it is shown.")
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
    said = pipeline.override(project, key_result, Claim(value, until, reason.strip(), by or user()))
    if as_json:
        print_json(people_text.override_json(said))
    else:
        people_text.print_override(said, console.answers())


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
            print_json(closing_text.verification_json(found))
        else:
            closing_text.print_verification(found, console.answers())
        raise typer.Exit(8 if found.differences else 0)
    closing = pipeline.close(project, cycle, Closer(by or user(), key, tuple(accept or ())))
    if as_json:
        print_json(closing_text.closing_json(closing))
    else:
        closing_text.print_closing(closing, console.answers())
