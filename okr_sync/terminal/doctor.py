"""What was found with each source, a line each."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from okr_sync.doctor import Examination, Health, findings_of
from okr_sync.terminal.console import count_text, plain_table

_MARKS = {
    Health.GOOD: Text("ok", style="green"),
    Health.NOTE: Text("note", style="yellow"),
    Health.BAD: Text("bad", style="bold red"),
}


def print_examinations(examinations: Sequence[Examination], console: Console) -> None:
    for one in examinations:
        console.print(Text.assemble((one.source, "bold"), f"  {one.connector}"))
        table = plain_table()
        table.show_header = False
        for finding in one.findings:
            table.add_row(_MARKS[finding.health], Text(finding.subject), Text(finding.text))
        console.print(Padding(table, (0, 0, 1, 2), expand=False))
    bad = findings_of(examinations, Health.BAD)
    sources = count_text(len(examinations), "source")
    console.print(f"{sources}: all well" if bad == 0 else f"{sources}: {count_text(bad, 'finding')} to act on")
