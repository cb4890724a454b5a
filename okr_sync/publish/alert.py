"""Changes of a night in words: short enough for a chat, the worst first, each with what to do and where to look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from okr_sync.problems import NightProblem
from okr_sync.project.lint.rule import Words
from okr_sync.publish import words
from okr_sync.publish.alert_table import ROWS, row_of
from okr_sync.publish.message import Message, Tone, listed, short
from okr_sync.publish.told import Changes, Flip

MOST = 5
"""Of each kind of news, how many are told one by one."""
MOST_NAMES = 5

_TITLE = Words(en="OKR alert of {day}: {news}", vi="Cảnh báo OKR ngày {day}: {news}")
_FIRST = Words(en="OKR alerts begin here, {day}", vi="Bắt đầu nhận cảnh báo OKR tại đây, {day}")
_HELLO = Words(
    en="From now on: one message after a night in which something broke, ended or changed its status.",
    vi="Từ nay: mỗi đêm tối đa một tin, chỉ khi có sự cố, sự cố đã hết hoặc trạng thái thay đổi.",
)
_ALL_WELL = Words(en="No problem is known.", vi="Hiện không có sự cố nào.")
_NEW = Words(en="NEW PROBLEMS", vi="SỰ CỐ MỚI")
_STILL = Words(en="STILL THERE", vi="VẪN CÒN")
_OVER = Words(en="OVER", vi="ĐÃ HẾT SỰ CỐ")
_FLIPS = Words(en="STATUS CHANGES", vi="TRẠNG THÁI THAY ĐỔI")
_SINCE = Words(en="Since {since}.", vi="Từ {since}.")
_BEGAN = Words(en="(since {since})", vi="(từ {since})")
_LAST_GOOD = Words(en="All was well until {since}.", vi="Lần gần nhất còn tốt: {since}.")
_MORE = Words(en="and {count} more: okr-sync status", vi="và {count} mục khác: okr-sync status")
_GOING_ON = Words(en="Told before and not over: {count}", vi="Đã báo trước và chưa hết: {count}")
_HELP = Words(en="Help: {place}", vi="Hướng dẫn: {place}")
_GOAL = Words(en="goal {goal}", vi="mục tiêu {goal}")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads it: the language, the project's clock, and where the runbook is."""

    language: str
    zone: ZoneInfo
    runbook: str

    def say(self, text: Words, **values: object) -> str:
        return text.in_(self.language).format(**values)

    def moment(self, at: datetime) -> str:
        return words.moment(at, self.zone, self.language)


def alert_of(found: Changes, reader: Reader) -> Message:
    """The message that tells these changes."""
    parts = [
        [reader.say(_HELLO), *_counted(found, reader)] if found.is_first else [],
        _section(_NEW, [_problem(one, None, reader) for one in found.began], reader),
        _section(_STILL, [_problem(one, began, reader) for one, began in found.reminded], reader),
        _section(_OVER, [_ended(item, began, reader) for item, began in found.ended], reader),
        _section(_FLIPS, [_flip(one, reader) for one in found.flips], reader),
        [reader.say(_GOING_ON, count=found.going_on_count)] if found.going_on_count else [],
    ]
    text = "\n\n".join("\n".join(lines) for lines in parts if lines)
    return Message(_title(found, reader), text, _tone(found))


def _title(found: Changes, reader: Reader) -> str:
    day = words.day(found.night.as_of, reader.language)
    if found.is_first:
        return reader.say(_FIRST, day=day)
    news = [
        (len(found.began), "new problem", "sự cố mới"),
        (len(found.reminded), "still there", "vẫn còn"),
        (len(found.ended), "over", "đã hết"),
        (len(found.flips), "status change", "thay đổi trạng thái"),
    ]
    told = [_counted_news(number, Words(en, vi), reader.language) for number, en, vi in news if number]
    return reader.say(_TITLE, day=day, news=", ".join(told))


def _counted_news(number: int, noun: Words, language: str) -> str:
    if noun.en in ("still there", "over"):
        return f"{number} {noun.in_(language)}"
    return words.count(number, noun.in_(language), language)


def _tone(found: Changes) -> Tone:
    if found.began or found.reminded or any(one.is_worse for one in found.flips):
        return Tone.BAD
    return Tone.NEUTRAL if found.is_first else Tone.GOOD


def _counted(found: Changes, reader: Reader) -> list[str]:
    """How everything stands, for a destination that knows nothing yet."""
    if found.night.report is None:
        return []
    lines = [] if found.began else [reader.say(_ALL_WELL)]
    return [*lines, words.statuses(found.statuses, reader.language)] if found.statuses else lines


def _section(heading: Words, told: Sequence[str], reader: Reader) -> list[str]:
    if not told:
        return []
    more = [reader.say(_MORE, count=len(told) - MOST)] if len(told) > MOST else []
    return [reader.say(heading), *told[:MOST], *more]


def _problem(one: NightProblem, began: datetime | None, reader: Reader) -> str:
    row = ROWS[one.kind]
    values = {
        "subject": one.subject,
        "name": one.name or one.subject,
        "reason": short((one.reason or "").removeprefix(f"source {one.subject}: ")),
        "streams": listed(one.streams, MOST_NAMES),
        "place": one.place,
        "command": "okr-sync status" if one.subject.startswith("kpi ") else f"okr-sync explain {one.subject}",
    }
    says = row.says if one.reason is not None or row.unknown is None else row.unknown
    lines = [f"• {reader.say(says, **values)}"]
    if began is not None:
        lines.append(reader.say(_SINCE, since=reader.moment(began)))
    elif one.last_good is not None:
        lines.append(reader.say(_LAST_GOOD, since=reader.moment(one.last_good)))
    if one.key_results and row.touches is not None:
        count = words.count(len(one.key_results), "key result", reader.language)
        lines.append(reader.say(row.touches, count=count, names=listed(one.key_results, MOST_NAMES)))
    lines.append(f"→ {reader.say(row.do, **values)}")
    lines.append(reader.say(_HELP, place=f"{reader.runbook}#{one.kind}"))
    return "\n  ".join(lines)


def _ended(item: str, began: datetime, reader: Reader) -> str:
    says = reader.say(row_of(item).over, subject=item.partition(":")[2])
    return f"• {says} {reader.say(_BEGAN, since=reader.moment(began))}"


def _flip(one: Flip, reader: Reader) -> str:
    """`• 🔴 Raise NPS: on track → at risk; 34 points, goal 30 → 45 points`."""
    language, now = reader.language, one.now
    move = f"{words.status(one.before, language)} → {words.status(now.status, language)}"
    if now.value is None:
        return f"• {words.MARKS[now.status]} {now.name}: {move}; {short(now.reason)}"
    goal = reader.say(_GOAL, goal=words.goal(now, language))
    return f"• {words.MARKS[now.status]} {now.name}: {move}; {words.quantity(now.value, now.unit, language)}, {goal}"
