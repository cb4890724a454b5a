"""Nights that go well and badly: what a chat is told, once each, in its own language, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from okr_sync import publishing, runs
from okr_sync.errors import OkrSyncError
from okr_sync.problems import run_failed
from okr_sync.publishing import UNKNOWN, WELL, RunEnd
from tests.publish.nights import Nights, at

HELLO = """\
From now on: one message after a night in which something broke, ended or changed its status.
No problem is known.
3 key results: 1 achieved, 2 on track"""


def test_a_night_without_news_sends_nothing(nights: Nights) -> None:
    """A destination is greeted once and told how all stands; after that, a night like the one before is silent."""
    assert nights.fates(nights.night(10)) == {"team": "sent"}
    assert nights.messages == [
        {**nights.messages[0], "title": "OKR alerts begin here, 10 Nov", "message": HELLO, "type": "info"}
    ]
    assert nights.fates(nights.night(11)) == {"team": "nothing new"}
    assert nights.fates(nights.tell(11)) == {"team": "nothing new"}
    assert len(nights.messages) == 1


def test_a_problem_is_told_when_it_begins_and_when_it_ends(nights: Nights) -> None:
    """With its source, what rests on it, since when, what to do and where to look; not in the nights between."""
    nights.night(10)
    orders = nights.lose("orders.csv")
    nights.night(11)
    began = nights.messages[1]
    assert (began["title"], began["type"]) == ("OKR alert of 11 Nov: 1 new problem", "warning")
    heading, first, *others = began["message"].splitlines()
    assert heading == "NEW PROBLEMS"
    assert first.startswith("• Source shop could not be read: shop.orders: ")
    assert "orders.csv" in first
    assert others == [
        "  All was well until 10 Nov 02:00.",
        "  2 key results keep their last trusted values: revenue, orders",
        "  → Repair the source (okr-sync doctor --source shop examines it), then: okr-sync run",
        "  Help: docs/runbook.md#source-failed",
    ]
    nights.night(12)
    assert len(nights.messages) == 2
    nights.write("orders.csv", orders)
    nights.night(13)
    ended = nights.messages[2]
    assert (ended["title"], ended["type"]) == ("OKR alert of 13 Nov: 1 over", "success")
    assert ended["message"] == "OVER\n• Read in full again: shop.orders (since 11 Nov 02:00)"
    nights.night(14)
    assert len(nights.messages) == 3


def test_a_problem_that_goes_on_is_told_again_after_a_week(nights: Nights) -> None:
    """The default; with the day on which it began. `remind_after` makes it otherwise."""
    nights.night(10)
    nights.lose("orders.csv")
    for day in (11, 14, 17):
        nights.night(day)
    assert len(nights.messages) == 2
    nights.night(18)
    assert nights.messages[2]["title"] == "OKR alert of 18 Nov: 1 still there"
    assert "\n  Since 11 Nov 02:00.\n" in nights.messages[2]["message"]
    nights.night(19)
    assert len(nights.messages) == 3
    nights.edit("okr-sync.yaml", "destinations:", "alerts: {remind_after: 2d}\ndestinations:")
    nights.night(20)
    assert len(nights.messages) == 4


def test_more_of_a_source_that_breaks_is_news(nights: Nights) -> None:
    """One stream of a source was told; when the other one breaks too, both are named; each is over by itself."""
    two = "      orders: {path: orders.csv, key: id, fields: {amount: integer}}\n"
    nights.edit("okr-sync.yaml", two, two + "      agents: {path: agents.csv, key: id}\n")
    nights.write("agents.csv", "id\n1\n")
    nights.night(10)
    orders = nights.lose("orders.csv")
    nights.night(11)
    assert "• Source shop was not read in full, shop.orders: " in nights.messages[1]["message"]
    assert nights.messages[1]["message"].endswith("#source-incomplete")
    agents = nights.lose("agents.csv")
    nights.night(12)
    assert len(nights.messages) == 3
    nights.write("orders.csv", orders)
    nights.night(13)
    assert nights.messages[3]["message"].splitlines()[1] == "• Read in full again: shop.orders (since 11 Nov 02:00)"
    nights.write("agents.csv", agents)
    nights.night(14)
    assert nights.messages[4]["message"].splitlines()[1] == "• Read in full again: shop.agents (since 12 Nov 02:00)"


def test_a_withheld_value_and_its_publication(nights: Nights) -> None:
    """40 to 121 is a move of 81 where 40 is allowed: told with the reason; no status change is told beside it."""
    nights.night(10)
    nights.write("orders.csv", "id,amount\n1,10\n2,111\n")
    nights.night(11)
    lines = nights.messages[1]["message"].splitlines()
    assert lines[1].startswith("• Sell for 80 (revenue) is withheld: the value moved by 81 from 40 to 121")
    assert lines[2:] == [
        "  → okr-sync explain revenue shows what is behind it",
        "  Help: docs/runbook.md#withheld",
    ]
    nights.write("orders.csv", "id,amount\n1,10\n2,40\n")
    nights.night(12)
    assert nights.messages[2]["message"] == "OVER\n• Published again: revenue (since 11 Nov 02:00)"


def test_a_status_that_changes_is_told_once(nights: Nights) -> None:
    """4 of 10 is 40 % where 4.2 % is expected on 11 November; 0 of 10 is at risk, and 0 is a value."""
    nights.night(11)
    nights.write("tickets.csv", "id,status\n1,open\n")
    nights.tell(11)
    assert len(nights.messages) == 1
    nights.run(11)
    nights.tell(11)
    nights.tell(11)
    assert len(nights.messages) == 2
    assert nights.messages[1]["message"] == (
        "STATUS CHANGES\n• 🔴 Giải quyết 10 ticket: on track → at risk; 0, goal 0 → 10"
    )


def test_the_projects_language(nights: Nights) -> None:
    """Vietnamese, where the project says so; a destination may have its own."""
    nights.edit("okr-sync.yaml", "timezone:", "language: vi\ntimezone:")
    nights.night(10)
    orders = nights.lose("orders.csv")
    nights.night(11)
    told = nights.messages[1]
    assert told["title"] == "Cảnh báo OKR ngày 11/11: 1 sự cố mới"
    assert told["message"].splitlines()[2:] == [
        "  Lần gần nhất còn tốt: 10/11 02:00.",
        "  2 key result giữ số tin cậy gần nhất: revenue, orders",
        "  → Khắc phục nguồn (okr-sync doctor --source shop giúp tìm lỗi) rồi chạy okr-sync run",
        "  Hướng dẫn: docs/runbook.md#source-failed",
    ]
    nights.edit("okr-sync.yaml", "alerts: true", "alerts: true, language: en")
    nights.write("orders.csv", orders)
    nights.night(12)
    assert nights.messages[2]["title"] == "OKR alert of 12 Nov: 1 over"


def test_a_run_that_broke_off(nights: Nights) -> None:
    """Told with its reason; over when a later run comes to its end; whoever knows of no run says neither."""
    nights.night(10)
    nights.tell(11, RunEnd(True, run_failed("ValueError: x")))
    assert nights.messages[1]["message"].splitlines()[1] == "• The run broke off: ValueError: x"
    nights.tell(11, UNKNOWN)
    assert len(nights.messages) == 2
    nights.run(12)
    nights.tell(12, UNKNOWN)
    assert nights.messages[2]["message"] == "OVER\n• A run came to its end (since 11 Nov 02:00)"


def test_a_run_that_was_killed(nights: Nights) -> None:
    """It began and has not ended six hours later: nobody else could have told."""
    nights.night(10)
    with publishing.pipeline.open_store(publishing.open_workspace(nights.folder)) as store:
        workspace = publishing.open_workspace(nights.folder, at(11))
        runs.begin(workspace, store, "run", workspace.today)
    nights.tell(11, UNKNOWN)
    assert len(nights.messages) == 1  # it may go on still
    publishing.alert(nights.folder, UNKNOWN, clock=lambda: at(11)().replace(hour=9))
    assert "• The last run began and never ended" in nights.messages[1]["message"]


def test_no_run_for_too_long(nights: Nights) -> None:
    """36 hours for a daily schedule: one night may be late. A schedule with days off has no such limit of its own."""
    nights.night(10)
    publishing.alert(nights.folder, UNKNOWN, clock=lambda: at(11)().replace(hour=13))
    assert len(nights.messages) == 1
    publishing.alert(nights.folder, UNKNOWN, clock=lambda: at(11)().replace(hour=15))
    assert "• No run has ended for too long\n  All was well until 10 Nov 02:00." in nights.messages[1]["message"]
    nights.edit("okr-sync.yaml", '"0 2 * * *"', '"0 2 * * 1-5"')
    nights.tell(20, UNKNOWN)
    assert nights.messages[2]["message"] == "OVER\n• Runs end again (since 11 Nov 15:00)"


def test_a_broken_project_is_told_and_hides_nothing_else(nights: Nights) -> None:
    """While nobody can look at the rest, it is neither told again nor over."""
    nights.night(10)
    orders = nights.lose("orders.csv")
    nights.night(11)
    nights.edit("okrs/sales.yaml", "sum(amount)", "sum(amunt)")
    nights.write("orders.csv", orders)
    nights.tell(12)
    lines = nights.messages[2]["message"].splitlines()
    assert lines[1].startswith("• The project's files are broken: okrs/sales.yaml:7: metrics.revenue.value: ")
    assert lines[-1] == "Help: docs/runbook.md#project-broken".rjust(len("  Help: docs/runbook.md#project-broken"))
    nights.edit("okrs/sales.yaml", "sum(amunt)", "sum(amount)")
    nights.night(13)
    assert nights.messages[3]["message"].splitlines() == [
        "OVER",
        "• Read in full again: shop.orders (since 11 Nov 02:00)",
        "• The project's files are right again (since 12 Nov 02:00)",
    ]


def test_a_main_file_that_nobody_can_read(nights: Nights) -> None:
    """Then nobody knows whom to tell: the error itself says what is wrong."""
    nights.night(10)
    nights.write("okr-sync.yaml", "destinations: [")
    with pytest.raises(OkrSyncError, match=r"okr-sync\.yaml"):
        nights.tell(11)


def test_settings_that_are_wrong_are_told_all_the_same(nights: Nights) -> None:
    """Destinations are read by themselves; without the store it is told each time, since nobody remembers."""
    nights.edit("okr-sync.yaml", "timezone: UTC", "timezone: Hanoi")
    for _ in range(2):
        nights.tell(11)
    assert [one["title"] for one in nights.messages] == ["OKR alert of 11 Nov: 1 new problem"] * 2
    assert "'Hanoi' is not a time zone" in nights.messages[0]["message"]


def test_a_store_that_cannot_be_used_is_told(nights: Nights) -> None:
    """Every time it is tried: what was told stands in the store."""
    nights.edit("okr-sync.yaml", "timezone:", "store: postgresql://nobody:pass1234@127.0.0.1:9/none\ntimezone:")
    nights.tell(11)
    lines = nights.messages[0]["message"].splitlines()
    assert lines[1].startswith("• Nothing was computed: the store postgresql://nobody:***@127.0.0.1:9/none cannot")
    assert lines[-1] == "  Help: docs/runbook.md#store-unreachable"
    assert "pass1234" not in str(nights.messages)


def test_a_metric_that_fails_its_own_tests(nights: Nights) -> None:
    """Its key results, the place in the file, and the command that shows the rows."""
    nights.night(10)
    nights.edit("okrs/sales.yaml", "sum(amount)", "sum(amount), tests: [{rows: [{amount: 1}], expect: 3}]")
    nights.tell(11)
    lines = nights.messages[1]["message"].splitlines()
    assert lines[1].startswith("• Metric revenue fails its own tests, 1 of 1: test 1 gives 1, expected 3 (okrs/sales")
    assert lines[2] == "  1 key result rest on it, and may be wrong: revenue"


def test_a_closed_cycle_is_silent(nights: Nights) -> None:
    """Nobody can do anything about it any more, whatever its sources do."""
    nights.edit("okr-sync.yaml", "end: 2029-06-26", "end: 2026-11-10")
    nights.night(10)
    publishing.pipeline.run(nights.folder, None, date(2026, 11, 10), at(11))
    publishing.pipeline.close(nights.folder, "autumn", publishing.pipeline.Closer("An", None), at(11))
    before = len(nights.messages)
    nights.write("orders.csv", "id,amount\n1,10\n2,999\n")
    nights.night(12)
    assert [one["title"] for one in nights.messages[before:]] in ([], ["OKR alert of 12 Nov: 1 over"])


def test_a_project_without_key_results(nights: Nights) -> None:
    """It is greeted, and a source that fails touches nothing."""
    for name in ("okrs/sales.yaml", "okrs/service.yaml"):
        nights.lose(name)
    nights.night(10)
    assert nights.messages[0]["message"].splitlines()[1:] == ["No problem is known."]
    nights.lose("orders.csv")
    nights.night(11)
    assert "key result" not in nights.messages[1]["message"]
    assert nights.messages[1]["message"].splitlines()[-1] == "  Help: docs/runbook.md#source-failed"


def test_only_what_is_about_the_objectives_wanted(nights: Nights) -> None:
    """A destination of one objective hears of its own sources, values and statuses, and of what touches everybody."""
    nights.edit("okr-sync.yaml", "report: weekly", "report: weekly, objectives: [service]")
    nights.night(10)
    assert nights.messages[0]["message"].splitlines()[-1] == "1 key result: 1 on track"
    nights.lose("orders.csv")
    nights.night(11)
    assert len(nights.messages) == 1
    nights.lose("tickets.csv")
    nights.night(12)
    assert "Source desk" in nights.messages[1]["message"]
    assert "shop" not in nights.messages[1]["message"]
    nights.tell(13, RunEnd(True, run_failed("killed")))
    assert "The run broke off: killed" in nights.messages[2]["message"]


def test_long_nights_are_short_messages(nights: Nights) -> None:
    """Of 30 values that are withheld the first 5 are told, and that there are 25 more."""
    metric = "{stream: shop.orders, value: count(*), trust: {min_count: 5}}"
    lines = [f"  - {{id: k{number}, name: N{number}, metric: m{number}, target: 9}}" for number in range(30)]
    metrics = [f"  m{number}: {metric}" for number in range(30)]
    text = "\n".join(["objective: Many", "id: many", "key_results:", *lines, "metrics:", *metrics])
    nights.write("okrs/many.yaml", text)
    nights.night(10)
    message = nights.messages[0]["message"]
    assert message.count("is withheld") == 5
    assert "and 25 more: okr-sync status" in message
    assert len(message) < 2000


def test_who_wants_no_alerts_gets_none(nights: Nights) -> None:
    """And a project in which nobody does is told how to write one."""
    nights.edit("okr-sync.yaml", "alerts: true, ", "")
    with pytest.raises(OkrSyncError, match=r"no destination is told alerts; write one in okr-sync\.yaml"):
        nights.tell(10)
    assert nights.messages == []


def test_names_may_hold_any_character(nights: Nights) -> None:
    """Text goes out as text: what a chat would take for formatting stays as it was written."""
    nights.night(11)
    publishing.send_report(nights.folder, clock=at(11))
    assert "🟢 Khách hàng được phục vụ *tốt* [hơn]_: 40 %, on track" in nights.messages[-1]["message"]


def test_dry_runs_send_and_remember_nothing(nights: Nights) -> None:
    """They say what would be sent, as often as they are asked."""
    nights.run(10)
    for _ in range(2):
        (delivery,) = publishing.alert(nights.folder, WELL, is_dry=True, clock=at(10))
        assert (delivery.fate, delivery.message is not None) == ("not sent", True)
    assert nights.messages == []
