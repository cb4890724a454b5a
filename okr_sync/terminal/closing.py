"""What was signed when a cycle was closed, with its grades, and whether the store still says so."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.text import Text

from okr_sync.closing import KEY_VARIABLE, Verification
from okr_sync.project.units import amount
from okr_sync.store import Closing
from okr_sync.terminal.console import day_text, percent_text, plain_table, status_text


def print_closing(closing: Closing, console: Console) -> None:
    content = json.loads(closing.snapshot)
    console.print(Text.assemble((closing.cycle, "bold"), f" {_closed(closing)}"))
    for objective in content["objectives"]:
        console.print()
        grade = _grade(objective["grade"])
        console.print(Text.assemble((grade, "bold"), f"  {objective['name']}  ", status_text(objective["status"])))
        table = plain_table()
        table.show_header = False
        for one in objective["key_results"]:
            table.add_row(*_row(one))
        console.print(table)
    console.print()
    _print_seal(closing, console)


def print_verification(found: Verification, console: Console) -> None:
    closing = found.closing
    console.print(Text.assemble((closing.cycle, "bold"), f" {_closed(closing)}"))
    if not found.differences:
        sealed = "and the signature is good" if found.is_signature_checked else "it is not signed"
        console.print(Text(f"The store says what was closed; {sealed}.", style="green"))
    for one in found.differences:
        console.print(Text(one, style="red"), soft_wrap=True)


def closing_json(closing: Closing) -> dict[str, Any]:
    return {
        "snapshot": json.loads(closing.snapshot),
        "digest": closing.digest,
        "signature": closing.signature,
        "is_signed": closing.signature is not None,
    }


def verification_json(found: Verification) -> dict[str, Any]:
    return {
        "cycle": found.closing.cycle,
        "is_as_signed": not found.differences,
        "is_signature_checked": found.is_signature_checked,
        "digest": found.closing.digest,
        "differences": list(found.differences),
    }


def _closed(closing: Closing) -> str:
    return f"closed on {day_text(closing.closed_at.date())} by {closing.closed_by}"


def _row(one: dict[str, Any]) -> tuple[Text | str, ...]:
    value = "–" if one["value"] is None else amount(one["value"], one["unit"])
    name = Text(f"· {one['name']}" if one["member_of"] else one["name"])
    status = status_text(one["status"])
    return Text(_grade(one["grade"])), name, value, percent_text(one["progress"]), status, Text(one["grade_in_words"])


def _grade(grade: float | None) -> str:
    return "–" if grade is None else f"{grade:.1f}"


def _print_seal(closing: Closing, console: Console) -> None:
    console.print(f"SHA-256 {closing.digest}", soft_wrap=True)
    if closing.signature is None:
        console.print(f"Not signed: set {KEY_VARIABLE} before closing to sign with a key.", soft_wrap=True)
    else:
        console.print(f"HMAC-SHA256 {closing.signature}", soft_wrap=True)
