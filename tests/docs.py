"""Writes the pages of docs/ that are made from the code: `python -m tests.docs`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import typer.main

from okr_sync import cli, formula
from okr_sync.commands import exit_codes
from tests import advice_docs, connector_docs

DOCS = Path(__file__).parents[1] / "docs"
_WIDTH = 80
_MADE_BY = "<!-- Written by `make docs` from the code. Change it there. -->"

_RULES = """\
A formula is a SQL expression. `value:` is made of aggregates over a stream's records, or of other metrics where
`stream:` is left out; `where:` picks records; `time:` is the field that places a record in the window.

    late_projects:
      stream: jira.issues
      where: issue_type = 'Project' and client is not null
      time: resolved_at
      window: cycle                # the default; cycles.md has the others
      value: count_if(resolved_at > due_at) / count(*)
      unit: percent                # the value is a fraction: 0.25 is 25 %
      tests:                       # run by okr-sync test and by check, without any source
        - {rows: [{issue_type: Project, client: A, resolved_at: 2026-10-02, due_at: 2026-10-01}], expect: 1}

- **Operators**: `+ - * /`, `= <> < <= > >=`, `and or not`, `in (…)`, `between … and …`, `like`, `is [not] null`,
  `case when … then … else … end`. Nothing else is let through: no casts or comments; joins, groups and window
  functions go into [views](views.md).
- **Missing is not zero.** Aggregates leave out what is unknown. `sum`, `avg` and the like of no records are no data;
  `count` of none is 0. Whatever is divided by nothing, or by 0, is no data.
- **Days and instants.** A timestamp compared with a date, or with a text such as `'2026-12-31'`, compares days in the
  project's time zone: `created_at <= '2026-12-31'` includes all of that day. `as_of()` is the instant that is
  evaluated; there is no `now()`.
- **Windows.** `cycle` is the cycle to date, `previous_cycle` the one before, `previous_cycle to date` as much of that
  as is over of this one; `trailing 28 days` are the 28 days that end with the one evaluated; `from launch to freeze`
  goes from one event to another; `all` is everything: [cycles.md](cycles.md) has each with its borders. Without `time:`
  a metric looks at the present state of all records.
- **Units.** `hours()`, `days()`, `share()` and fields have units; a project gives a stream's fields theirs with
  `units: {amount: VND}`. Spans of time that are added or compared are converted (a day and 2 hours are 26 hours);
  hours are not added to VND, nor VND to USD. A plain number goes with every unit.
  `*` and `/` by a count keep the unit (`sum(amount) / count(*)` is VND), a percentage is a plain factor, a unit by
  itself is a plain ratio, and two units are not multiplied. A number that is written out may be a conversion
  (`sum(spent_seconds) / 3600`): after it, the metric's `unit:` says what the value is in. A span of time is converted
  to the `unit:` that the metric declares; a target in percent needs a metric in percent.
- **Names** are written in small letters; a field whose name is a word of the language stands in double quotes.
"""


def commands() -> str:
    """Every command's own help, and the exit codes."""
    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in exit_codes.EXIT_CODES.items())
    return (
        f"# Commands\n\n{_MADE_BY}\n\n"
        "Answers go to standard output, everything else to standard error: with `--json`, standard output is JSON and\n"
        "nothing else, or empty where a command failed. Progress is drawn on a terminal only.\n\n"
        f"## Exit codes\n\n| code | meaning |\n|---|---|\n{codes}\n\n"
        + "\n".join(f"## {name}\n\n```\n{text}\n```\n" for name, text in _helps())
    )


def formulas() -> str:
    """The rules of the formula language, which are written here, and its functions."""
    return f"# Formulas\n\n{_MADE_BY}\n\n{_RULES}\n{formula.reference().rstrip()}\n"


def connectors() -> str:
    """Settings and streams of every connector."""
    return connector_docs.page(_MADE_BY)


def advice() -> str:
    """The rules of the OKR method."""
    return advice_docs.page(_MADE_BY)


PAGES: dict[str, Callable[[], str]] = {
    "advice.md": advice,
    "commands.md": commands,
    "connectors.md": connectors,
    "formulas.md": formulas,
}


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
