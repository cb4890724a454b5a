"""The weekly report: what moved since a week before, in two languages, and in less words the more there is to tell."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from okr_sync import pipeline, publishing
from okr_sync.errors import OkrSyncError
from okr_sync.people import Claim, Note
from okr_sync.publish import words
from okr_sync.publish.message import listed, short
from okr_sync.publish.weekly import LONGEST, report_of
from okr_sync.report import KeyResultReport
from tests.publish.nights import Nights, at

ENGLISH = """\
3 key results: 1 achieved, 1 on track, 1 at risk
autumn: day 48 of 1000

🟢 Sell more: 81 % (+6), on track
  🟢 Sell for 80: on track; 50.5 (a week ago 40), goal 0 → 80; progress 63 % of 4 % expected
  ✅ Take orders: achieved; 2, goal 0 → 2; progress 100 %

🔴 Khách hàng được phục vụ *tốt* [hơn]_: 0 % (-40), at risk
  🔴 Giải quyết 10 ticket: at risk (was on track); 0 (a week ago 4), goal 0 → 10; progress 0 % of 4 % expected
     💬 Lan: 30 % sure: two left
     💬 An: 0 % sure
     ✋ Lan holds 3 against it until 30 Nov: counted by hand (the computed value counts)"""
"""Objectives are the means of their key results: 63.125 % and 100 % are 81.5 %; 50 % and 100 % were 75 %."""


@pytest.fixture
def week(nights: Nights) -> Nights:
    """10 November with 4 tickets solved and 40 sold; a week later 0 solved and 50.5 sold."""
    nights.edit("okr-sync.yaml", "amount: integer", "amount: number")
    nights.run(10)
    nights.write("tickets.csv", "id,status\n1,open\n")
    nights.write("orders.csv", "id,amount\n1,10\n2,40.5\n")
    nights.run(17)
    return nights


def say(nights: Nights) -> None:
    """What people say in the week, and one thing that was said before it."""
    for by, confidence, note, day in (("Bo", 0.9, None, 10), ("An", 0.0, None, 11), ("Lan", 0.3, "two left", 17)):
        pipeline.check_in(nights.folder, "solved", Note(confidence, note, by), date(2026, 11, day), at(17))
    pipeline.override(nights.folder, "solved", Claim("3", date(2026, 11, 30), "counted by hand", "Lan"), at(17))


def text(nights: Nights, language: str, day: int = 17) -> str:
    return report_of(publishing.week_of(nights.folder, clock=at(day)), language).text


def without_forecasts(told: str) -> list[str]:
    return [line for line in told.splitlines() if "heading for" not in line and "dự báo" not in line]


def test_what_moved_in_a_week(week: Nights) -> None:
    """Values, progress and statuses beside those of a week before; what people said since then, the latest first."""
    say(week)
    assert without_forecasts(text(week, "en")) == ENGLISH.splitlines()


def test_the_same_in_vietnamese(week: Nights) -> None:
    """With a decimal comma, days first, and the same numbers."""
    say(week)
    message = report_of(publishing.week_of(week.folder, clock=at(17)), "vi")
    assert message.title == "Báo cáo OKR autumn, tuần 47 (đến 17/11/2026)"
    assert without_forecasts(message.text) == [
        "3 key result: 1 đã đạt, 1 đúng tiến độ, 1 nguy cơ không đạt",
        "autumn: ngày 48/1000",
        "",
        "🟢 Sell more: 81 % (+6), đúng tiến độ",
        "  🟢 Sell for 80: đúng tiến độ; 50,5 (tuần trước 40), mục tiêu 0 → 80; tiến độ 63 %, kế hoạch 4 %",
        "  ✅ Take orders: đã đạt; 2, mục tiêu 0 → 2; tiến độ 100 %",
        "",
        "🔴 Khách hàng được phục vụ *tốt* [hơn]_: 0 % (-40), nguy cơ không đạt",
        "  🔴 Giải quyết 10 ticket: nguy cơ không đạt (trước đó đúng tiến độ); 0 (tuần trước 4), mục tiêu 0 → 10;"
        " tiến độ 0 %, kế hoạch 4 %",
        "     💬 Lan: tin tưởng 30 %: two left",
        "     💬 An: tin tưởng 0 %",
        "     ✋ Lan cho rằng là 3, đến 30/11: counted by hand (vẫn tính theo số của hệ thống)",
    ]


def test_the_first_week_of_a_cycle_compares_with_nothing(nights: Nights) -> None:
    """What was before the cycle is not this cycle's; nothing is shown as a move from 0."""
    nights.edit("okr-sync.yaml", "start: 2026-10-01", "start: 2026-11-09")
    nights.run(10)
    told = text(nights, "en", 10)
    assert "autumn: day 2 of 961" in told
    assert "a week ago" not in told
    assert "(+" not in told


def test_what_is_withheld_or_missing_says_why(week: Nights) -> None:
    """The value that stays and the reason; no data is a dash and its reason, never 0."""
    week.write("orders.csv", "id,amount\n1,10\n2,400\n")
    week.edit("okrs/service.yaml", "count_if(status = 'solved')", "avg(case when status = 'x' then 1 end)")
    week.run(18)
    told = text(week, "en", 18)
    assert "⏸ Sell for 80: withheld (was on track); 50.5 (a week ago 40), goal 0 → 80" in told
    assert "\n     the value moved by 359.5 from 50.5 to 410" in told
    assert "⚪ Giải quyết 10 ticket: no data (was on track); –, goal 0 → 10\n     the formula has no result" in told
    assert "3 key results: 1 achieved, 1 withheld, 1 no data" in told


def test_initiatives_and_kpis(week: Nights) -> None:
    """How much of the work is done; KPIs with their healthy range."""
    initiative = "initiatives:\n  - {name: Dọn ticket cũ, stream: desk.tickets, done: status = 'solved'}\nmetrics:"
    week.edit(
        "okrs/service.yaml",
        "metrics:",
        f"kpis: {{open: {{name: Open tickets, metric: open, at_most: 0}}}}\n{initiative}",
    )
    week.edit(
        "okrs/service.yaml",
        "  solved: {",
        "  open: {stream: desk.tickets, value: count_if(status = 'open')}\n  solved: {",
    )
    week.run(17)
    assert "\n  › Dọn ticket cũ: 0 of 1\n" in text(week, "en")
    assert text(week, "vi").splitlines()[-1] == "🔴 KPI Open tickets: ngoài ngưỡng; 1, ≤ 0"


@pytest.mark.parametrize(("count", "shown"), [(2, 2), (30, 30), (120, 25)])
def test_the_more_there_is_the_shorter_it_is_told(nights: Nights, count: int, shown: int) -> None:
    """One message for a chat: with many key results only what needs attention, with very many the objectives."""
    for number in range(count):
        name = f"Mục tiêu số {number} của công ty trong quý này"
        key_results = f"key_results: [{{id: k{number}, name: {name} phải đạt, metric: solved, target: {number + 9}}}]"
        nights.write(f"okrs/o{number}.yaml", f"objective: {name}\nid: o{number}\n{key_results}\n")
    nights.run(10)
    told = text(nights, "vi", 10)
    assert len(told) <= LONGEST
    assert told.count("Mục tiêu số") - told.count("phải đạt") == shown
    assert ("mục tiêu khác: okr-sync status" in told) == (shown < count)


def test_it_is_sent_once_a_week(week: Nights) -> None:
    """To each destination that wants it, in its language; again where that is asked for, and in the next week."""
    week.edit("okr-sync.yaml", "report: weekly", "report: weekly, language: vi, objectives: [sales]")
    send = publishing.send_report
    assert week.fates(send(week.folder, clock=at(17))) == {"team": "sent"}
    assert week.fates(send(week.folder, clock=at(18))) == {"team": "already sent"}
    assert week.fates(send(week.folder, again=True, clock=at(18))) == {"team": "sent"}
    assert week.fates(send(week.folder, clock=at(23))) == {"team": "sent"}
    assert [one["title"] for one in week.messages] == [
        "Báo cáo OKR autumn, tuần 47 (đến 17/11/2026)",
        "Báo cáo OKR autumn, tuần 47 (đến 18/11/2026)",
        "Báo cáo OKR autumn, tuần 48 (đến 23/11/2026)",
    ]
    assert "Giải quyết" not in str(week.messages)


def test_nobody_wants_the_report(week: Nights) -> None:
    """Sending it says how somebody would."""
    week.edit("okr-sync.yaml", ", report: weekly", "")
    with pytest.raises(OkrSyncError, match="no destination is sent the report"):
        publishing.send_report(week.folder, clock=at(17))


@pytest.mark.parametrize(
    ("value", "unit", "english", "vietnamese"),
    [
        (0.0, None, "0", "0"),
        (None, "hours", "–", "–"),
        (-1234.5, None, "-1,234.5"[:6], "-1.234"),
        (1_234_567.0, "VND", "1,234,567 VND", "1.234.567 VND"),
        (0.125, "percent", "12.5 %", "12,5 %"),
        (1.835, "hours", "1.835 hours", "1,835 giờ"),
        (34.09, "points", "34.09 points", "34,09 điểm"),
    ],
)
def test_numbers_of_each_language(value: float | None, unit: str | None, english: str, vietnamese: str) -> None:
    """As the language writes them: 1.835 would be a thousand and more to a Vietnamese reader."""
    assert words.quantity(value, unit, "en") == english
    assert words.quantity(value, unit, "vi") == vietnamese


@pytest.mark.parametrize(
    ("written", "target", "vietnamese"),
    [
        ("1,500.5 → 2,000 hours", 2000.0, "1.500,5 → 2.000 giờ"),
        ("1 to 2.5 hours", (1.0, 2.5), "1 đến 2,5 giờ"),
        ("≥ 40 % and ≥ 85 %", None, "≥ 40 % và ≥ 85 %"),
        ("opened > 3.5 and hours < 2", None, "opened > 3.5 and hours < 2"),
        ("mean of 3", None, "trung bình của 3"),
        ("4 milestones", None, "4 mốc"),
    ],
)
def test_goals_in_vietnamese(written: str, target: float | None, vietnamese: str) -> None:
    """Numbers and units in their own way; a condition stays as its author wrote it."""
    report = KeyResultReport("k", "K", 1, None, None, target, 0.5, 0.5, "on track", "", None, 0, "", written)
    assert words.goal(report, "vi") == vietnamese
    assert words.goal(report, "en") == written


def test_long_reasons_and_lists_are_cut() -> None:
    """One line of 300 characters, with the number of lines left out; names with a count of those left out."""
    assert short("a\nb\nc") == "a (+2)"
    assert short("x" * 301) == "x" * 299 + "…"
    assert (short("x" * 300), short("")) == ("x" * 300, "")
    assert (listed(["a", "b", "c"], 2), listed(["a"], 2), listed([], 2)) == ("a, b, +1", "a", "")


def test_every_status_has_its_words() -> None:
    """Those of key results and of KPIs, with a mark each."""
    assert words.STATUSES.keys() == words.MARKS.keys()
    found = Path(words.__file__).parents[1] / "progress" / "standing.py"
    for line in found.read_text("utf-8").splitlines():
        if line.startswith("    ") and ' = "' in line:
            assert line.split('"')[1] in words.STATUSES
