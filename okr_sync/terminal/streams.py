"""What the sources offer: streams, their fields and types, how much has landed and how fresh it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from okr_sync.pipeline import StreamReport
from okr_sync.terminal.console import age_text


def print_streams(reports: Sequence[StreamReport], now: datetime, console: Console) -> None:
    for report in reports:
        console.print(Text.assemble((report.name, "bold"), "  ", report.stream.description))
        console.print(_landed(report, now))
        if report.error is not None:
            console.print(Text(f"  the latest sync is not complete: {report.error}", style="red"))
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for field in report.stream.fields:
            is_key = field.name in report.stream.key
            table.add_row(f"  {field.name}", str(field.type) + (", key" if is_key else ""), field.description)
        console.print(table)
        if report.stream.is_open:
            console.print("  more fields may exist: they are known after the first sync")
        console.print()


def _landed(report: StreamReport, now: datetime) -> Text:
    if report.landed is None:
        return Text("  nothing has landed yet; run okr-sync sync", style="dim")
    counts = f"{report.landed.record_count:,} records, {report.landed.version_count:,} versions"
    return Text(f"  {counts}; last complete sync {age_text(report.completed_at, now)}", style="dim")
