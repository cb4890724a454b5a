"""What a backfill stored: how many days and observations, and what has no value on which of the days."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from okr_sync.backfill import BackfillReport
from okr_sync.report import plain
from okr_sync.terminal.console import count_text, day_text, status_text
from okr_sync.terminal.run import print_closed


def print_backfill(report: BackfillReport, console: Console) -> None:
    print_closed(report.closings, console)
    first, last = report.days[0].day, report.days[-1].day
    recorded = count_text(report.recorded_count, "new observation")
    restated = f", {report.restated_count} of them restating what was stored" if report.restated_count else ""
    days = count_text(len(report.days), "day")
    console.print(f"{day_text(first)} to {day_text(last)}: {days} computed, {recorded}{restated}", soft_wrap=True)
    for status in ("withheld", "no data"):
        for name, days_kept in report.kept_back(status).items():
            day, reason = days_kept[-1]
            count = count_text(len(days_kept), "day")
            line = Text.assemble((name, "bold"), "  ", status_text(status), f" on {count}, last on {day_text(day)}")
            console.print(Padding(line, (0, 0, 0, 2), expand=False))
            console.print(Padding(Text(reason, style="dim"), (0, 0, 0, 4), expand=False))


def backfill_json(report: BackfillReport) -> dict[str, Any]:
    return {
        "from": report.days[0].day.isoformat(),
        "to": report.days[-1].day.isoformat(),
        "recorded_count": report.recorded_count,
        "restated_count": report.restated_count,
        "days": [
            {
                "as_of": one.day.isoformat(),
                "recorded_count": one.recorded_count,
                "restated_count": one.restated_count,
                "kept_back": [
                    {"id": name, "status": status, "reason": reason} for name, status, reason in one.kept_back
                ],
            }
            for one in report.days
        ],
        "closed": [plain({"cycle": one.cycle, "at": one.closed_at, "by": one.closed_by}) for one in report.closings],
    }
