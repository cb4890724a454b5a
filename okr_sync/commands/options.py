"""Options that several commands have, and what they share in answering."""

from __future__ import annotations

import getpass
import json
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


def day(text: str) -> date:
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
    date | None, typer.Option("--as-of", parser=day, metavar="DATE", help="The day to look at; today if left out.")
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


class Language(StrEnum):
    EN = "en"
    VI = "vi"


LanguageOption = Annotated[
    Language | None, typer.Option("--language", help="What it is written in.", show_default="the project's")
]
HERE = Path()


def user() -> str:
    """Who is at the terminal."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise typer.BadParameter("this machine has no name for its user; say who you are with --by") from None


def print_json(content: object) -> None:
    """As standard output has it with `--json`."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
