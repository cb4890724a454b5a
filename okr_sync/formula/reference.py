"""The reference of the formula language for people, made from the table of functions."""

from __future__ import annotations

from collections.abc import Iterable

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.formula.function import Function
from okr_sync.formula.functions import FUNCTIONS
from okr_sync.formula.over import WINDOW_FUNCTIONS, WindowFunction

EXAMPLE_STREAM = Stream(
    name="jira.issues",
    fields=(
        Field("key", FieldType.TEXT),
        Field("status", FieldType.TEXT),
        Field("assignee", FieldType.TEXT),
        Field("points", FieldType.NUMBER),
        Field("labels", FieldType.LIST),
        Field("created_at", FieldType.TIMESTAMP),
        Field("resolved_at", FieldType.TIMESTAMP),
        Field("due_on", FieldType.DATE),
    ),
    key=("key",),
)
"""What the examples in the table run over."""


def reference() -> str:
    """Every function as Markdown: tables of those over many records, over single values, and of window functions."""
    aggregates = [function for function in FUNCTIONS.values() if function.is_aggregate]
    scalars = [function for function in FUNCTIONS.values() if not function.is_aggregate]
    return (
        "## Functions over the records of a stream\n\n"
        f"{_table(aggregates)}\n"
        "## Functions of single values\n\n"
        f"{_table(scalars)}\n"
        "## Window functions, in views alone\n\n"
        f"{_table(WINDOW_FUNCTIONS.values())}"
    )


def _table(functions: Iterable[Function | WindowFunction]) -> str:
    rows = (f"| `{_cell(each.signature)}` | {each.doc} | `{_cell(each.example)}` |\n" for each in functions)
    return "| function | gives | example |\n|---|---|---|\n" + "".join(rows)


def _cell(code: str) -> str:
    """A bar would end the cell, even inside of code."""
    return code.replace("|", "\\|")
