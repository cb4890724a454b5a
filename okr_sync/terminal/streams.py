"""What the sources offer: streams, their fields and types, how much has landed and how fresh it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from okr_sync.connector import Field, Stream
from okr_sync.pipeline import StreamReport
from okr_sync.terminal.console import age_text, count_text, plain_table


def print_streams(reports: Sequence[StreamReport], now: datetime, console: Console) -> None:
    """Every stream in a few lines, its fields by type."""
    for report in reports:
        _print_heading(report, now, console)
        _print_columns(_fields_by_type(report.stream), console)
        _print_openness(report, console)
        console.print()
    if reports:
        console.print(Text(f"What a stream's fields mean: okr-sync streams {reports[0].name}", style="dim"))


def print_stream(report: StreamReport, now: datetime, console: Console) -> None:
    """One stream with what its fields mean."""
    _print_heading(report, now, console)
    rows = ((_name(field, report.stream), _type(field), field.description) for field in report.stream.fields)
    _print_columns(rows, console)
    _print_openness(report, console)


def _print_heading(report: StreamReport, now: datetime, console: Console) -> None:
    console.print(Text.assemble((report.name, "bold"), f"  {report.stream.description}".rstrip()))
    console.print(Padding(_landed(report, now), (0, 0, 0, 2), expand=False))
    if report.error is not None:
        error = Text(f"the latest sync is not complete: {report.error}", style="red")
        console.print(Padding(error, (0, 0, 0, 2), expand=False))


def _landed(report: StreamReport, now: datetime) -> Text:
    if report.below:
        return Text(f"a view over {', '.join(report.below)}", style="dim")
    if report.landed is None:
        return Text("nothing has landed yet; run okr-sync sync", style="dim")
    records = count_text(report.landed.record_count, "record")
    versions = count_text(report.landed.version_count, "version")
    ended = "".join(f", {count:,} {end}" for end, count in report.landed.ended.items())
    return Text(f"{records}, {versions}{ended}; last complete sync {age_text(report.completed_at, now)}", style="dim")


def _fields_by_type(stream: Stream) -> Iterable[tuple[str, str]]:
    names: defaultdict[str, list[str]] = defaultdict(list)
    for field in stream.fields:
        names[str(field.type)].append(_name(field, stream))
    return ((kind, ", ".join(those)) for kind, those in names.items())


def _name(field: Field, stream: Stream) -> str:
    return f"{field.name} (key)" if field.name in stream.key else field.name


def _type(field: Field) -> str:
    return f"{field.type}, {field.unit}" if field.unit is not None else str(field.type)


def _print_columns(rows: Iterable[Sequence[str]], console: Console) -> None:
    table = plain_table()
    table.show_header = False
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(Padding(table, (0, 0, 0, 2), expand=False))


def _print_openness(report: StreamReport, console: Console) -> None:
    if report.stream.is_open:
        console.print("  more fields may exist: they are known after the first sync")
