"""The languages that people are written to in: statuses, days, numbers and their units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from okr_sync.progress import Status
from okr_sync.project.lint.rule import Words
from okr_sync.project.units import amount
from okr_sync.report import KeyResultReport
from okr_sync.report_beside import KpiReport

STATUSES = {
    "missed": Words(en="missed", vi="không đạt"),
    "at risk": Words(en="at risk", vi="nguy cơ không đạt"),
    "behind": Words(en="behind", vi="chậm tiến độ"),
    "withheld": Words(en="withheld", vi="tạm giữ"),
    "on track": Words(en="on track", vi="đúng tiến độ"),
    "achieved": Words(en="achieved", vi="đã đạt"),
    "no data": Words(en="no data", vi="chưa có dữ liệu"),
    "unhealthy": Words(en="unhealthy", vi="ngoài ngưỡng"),
    "healthy": Words(en="healthy", vi="trong ngưỡng"),
}
MARKS = {
    "missed": "⛔",
    "at risk": "🔴",
    "behind": "🟡",
    "withheld": "⏸",
    "on track": "🟢",
    "achieved": "✅",
    "no data": "⚪",
    "unhealthy": "🔴",
    "healthy": "🟢",
}
_UNITS = {
    "seconds": "giây",
    "minutes": "phút",
    "hours": "giờ",
    "days": "ngày",
    "weeks": "tuần",
    "points": "điểm",
}
_IN_GOALS = (
    (re.compile(r"^(\d+) milestones?$"), r"\1 mốc"),
    (re.compile(r"^mean of (\d+)$"), r"trung bình của \1"),
    (re.compile(r"^worst of (\d+)$"), r"thấp nhất trong \1"),
    (re.compile(r"^total of (\d+)$"), r"tổng của \1"),
    (re.compile(r"^([\d.,]+) to (?=[\d.,]+)"), r"\1 đến "),
    (re.compile(r" and (?=[≥≤<>\d])"), " và "),
    (re.compile(r"^done$"), "hoàn thành"),
)
"""What else stands in goals in short: conditions stay as they were written."""
_SWAPPED = str.maketrans(",.", ".,")
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?!\w)")
_UNIT = re.compile(rf"\b(?:{'|'.join(_UNITS)})\b")
_NONE = "–"
_BEST_FIRST = [*(one for one in reversed(Status) if one is not Status.NO_DATA), Status.NO_DATA]


def status(name: str, language: str) -> str:
    return STATUSES[name].in_(language)


def quantity(value: float | None, unit: str | None, language: str) -> str:
    """`1.8 hours`, in Vietnamese `1,8 giờ`; a dash for no data."""
    return _NONE if value is None else numbers(amount(value, unit), language)


def numbers(text: str, language: str) -> str:
    """A text of numbers and units such as `1,500 → 2,000.5 hours`, as the language writes them."""
    if language != "vi":
        return text
    swapped = _NUMBER.sub(lambda match: match[0].translate(_SWAPPED), text)
    return _UNIT.sub(lambda match: _UNITS[match[0]], swapped)


def day(value: date, language: str, *, has_year: bool = False) -> str:
    """`28 Nov`, `28/11`; with the year `28 Nov 2026`, `28/11/2026`."""
    if language == "vi":
        return f"{value.day}/{value.month}" + (f"/{value.year}" if has_year else "")
    return f"{value.day} {value:%b}" + (f" {value.year}" if has_year else "")


def moment(value: datetime, zone: ZoneInfo, language: str) -> str:
    """`28 Nov 02:00`, `28/11 02:00`, on the project's clock."""
    local = value.astimezone(zone)
    return f"{day(local.date(), language)} {local:%H:%M}"


def count(number: int, one: str, language: str = "en") -> str:
    """`1 problem`, `2 problems`; Vietnamese has no plural."""
    return f"{number:,} {one}" + ("s" if language == "en" and number != 1 else "")


def goal(one: KeyResultReport | KpiReport, language: str) -> str:
    """In short; a condition stays as it was written."""
    if isinstance(one, KpiReport):
        text = numbers(one.range, language)
    else:
        text = one.goal if one.target is None else numbers(one.goal, language)
    for pattern, vietnamese in _IN_GOALS if language == "vi" else ():
        text = pattern.sub(vietnamese, text)
    return text


def statuses(counts: Mapping[str, int], language: str) -> str:
    """`5 key results: 1 achieved, 3 on track, 1 at risk`: the best first, what has none last."""
    known = [f"{counts[name]} {status(name, language)}" for name in _BEST_FIRST if counts.get(name)]
    return f"{count(sum(counts.values()), 'key result', language)}: {', '.join(known)}"
