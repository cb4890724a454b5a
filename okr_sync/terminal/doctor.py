"""What was found with each source, a line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from okr_sync.doctor import Examination, Health, findings_of
from okr_sync.report import plain
from okr_sync.terminal.console import count_text, plain_table

_MARKS = {
    Health.GOOD: Text("ok", style="green"),
    Health.NOTE: Text("note", style="yellow"),
    Health.BAD: Text("bad", style="bold red"),
}


def print_examinations(examinations: Sequence[Examination], console: Console) -> None:
    for one in examinations:
        console.print(Text.assemble((one.subject, "bold"), f"  {one.kind}"))
        table = plain_table()
        table.show_header = False
        for finding in one.findings:
            table.add_row(_MARKS[finding.health], Text(finding.subject), Text(finding.text))
        console.print(Padding(table, (0, 0, 1, 2), expand=False))
    bad = findings_of(examinations, Health.BAD)
    console.print("all well" if bad == 0 else f"{count_text(bad, 'finding')} to act on")


def doctor_json(
    sources: Sequence[Examination], installation: Sequence[Examination], destinations: Sequence[Examination] | None
) -> dict[str, Any]:
    """Sources and destinations in the project's order; the other parts by their names. What was not looked at is not
    there."""
    to = [{"destination": one.subject, **_found(one)} for one in destinations or ()]
    return {
        "sources": [{"source": one.subject, "connector": one.kind, **_found(one)} for one in sources],
        **({} if destinations is None else {"destinations": to}),
        **{one.subject.lower(): {"kind": one.kind, **_found(one)} for one in installation},
    }


def _found(one: Examination) -> dict[str, Any]:
    return {"findings": [plain(asdict(each)) for each in one.findings], "is_healthy": one.is_healthy}
