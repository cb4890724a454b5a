"""Writes the pages of docs/ that are made from the code: `python -m tests.docs`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import typer.main

from okr_sync import cli, formula

DOCS = Path(__file__).parents[1] / "docs"
_WIDTH = 80
_MADE_BY = "<!-- Written by `make docs` from the code. Change it there. -->"


def commands() -> str:
    """Every command's own help, and the exit codes."""
    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in cli.EXIT_CODES.items())
    return (
        f"# Commands\n\n{_MADE_BY}\n\n"
        "Answers go to standard output, everything else to standard error: with `--json`, standard output is JSON and\n"
        "nothing else, or empty where a command failed. Progress is drawn on a terminal only.\n\n"
        f"## Exit codes\n\n| code | meaning |\n|---|---|\n{codes}\n\n"
        + "\n".join(f"## {name}\n\n```\n{text}\n```\n" for name, text in _helps())
    )


def formulas() -> str:
    """The functions of the formula language."""
    return f"# Formulas\n\n{_MADE_BY}\n\n{formula.reference().rstrip()}\n"


PAGES: dict[str, Callable[[], str]] = {"commands.md": commands, "formulas.md": formulas}


def _helps() -> Iterator[tuple[str, str]]:
    app = typer.main.get_group(cli.app)
    with app.make_context("okr-sync", ["schema"], terminal_width=_WIDTH) as root:
        root.show_default = True
        for name in app.list_commands(root):
            command = app.get_command(root, name)
            assert command is not None
            with command.make_context(name, [], parent=root, resilient_parsing=True, terminal_width=_WIDTH) as context:
                yield f"okr-sync {name}", command.get_help(context).rstrip()


if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")
