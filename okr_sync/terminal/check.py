"""Advice about a project that is right: each piece in a line, then why each rule is there and how to silence it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from okr_sync.pipeline import CheckReport
from okr_sync.terminal.console import plain_table

_RIGHT = {"en": "The project is right", "vi": "Dự án hợp lệ"}
_COUNT = {"en": "advice", "vi": "góp ý"}
_WHY = {"en": "Why", "vi": "Vì sao"}
_SILENCE = {
    "en": "To leave one out, write   silence: {CODE: your reason}   there, or in okr-sync.yaml for the whole project.",
    "vi": "Để bỏ qua, viết   silence: {MÃ: lý do}   ngay tại đó, hoặc trong okr-sync.yaml cho cả dự án.",
}


def print_advice(report: CheckReport, console: Console) -> None:
    language = report.language
    for one in report.advice:
        console.print(str(one), markup=False, soft_wrap=True)
    if not report.advice:
        console.print(f"{_RIGHT[language]}.")
        return
    console.print()
    console.print(Text(_WHY[language], style="bold"))
    table = plain_table()
    table.show_header = False
    for code, why in {one.code: one.why for one in report.advice}.items():
        table.add_row(Text(code), Text(why, style="dim"))
    console.print(Padding(table, (0, 0, 0, 2), expand=False))
    console.print(Text(_SILENCE[language], style="dim"))
    console.print(f"\n{_RIGHT[language]}; {_COUNT[language]}: {len(report.advice)}.")


def check_json(report: CheckReport) -> dict[str, Any]:
    return {"language": report.language, "advice": [asdict(one) for one in report.advice]}
