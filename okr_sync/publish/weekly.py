"""A week of progress in words: short enough to be read in a chat, with less of it the more there is to tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from okr_sync.forecast import in_numbers
from okr_sync.project.lint.rule import Words
from okr_sync.project.units import percent
from okr_sync.publish import words
from okr_sync.publish.message import Message, Tone, short
from okr_sync.publish.week import KeyResultWeek, ObjectiveWeek, WeekReport
from okr_sync.report_beside import InitiativeReport, KpiReport

_Form = Callable[[ObjectiveWeek, str], Iterator[str]]
LONGEST = 3800
"""Characters, which the usual chats show as one message. What is longer is told with less detail."""
MOST_OBJECTIVES = 25
_GOOD = ("on track", "achieved")
_OVER = ("achieved", "missed")

_TITLE = Words(en="OKR report {cycles}, week {week} (to {day})", vi="Báo cáo OKR {cycles}, tuần {week} (đến {day})")
_DAY = Words(en="{cycle}: day {number} of {count}", vi="{cycle}: ngày {number}/{count}")
_NOTHING = Words(en="There are no objectives in this cycle.", vi="Chu kỳ này chưa có mục tiêu nào.")
_CLOSED = Words(en="{cycle} was closed on {day}.", vi="{cycle} đã chốt ngày {day}.")
_A_WEEK_AGO = Words(en="a week ago {value}", vi="tuần trước {value}")
_GOAL = Words(en="goal {goal}", vi="mục tiêu {goal}")
_PROGRESS = Words(en="progress {progress}", vi="tiến độ {progress}")
_EXPECTED = Words(en="progress {progress} of {expected} expected", vi="tiến độ {progress}, kế hoạch {expected}")
_WAS = Words(en="was {status}", vi="trước đó {status}")
_HEADING = Words(en="heading for {value} ({low} to {high}) by {day}", vi="dự báo {value} ({low} đến {high}) vào {day}")
_SURE = Words(en="{by}: {share} sure", vi="{by}: tin tưởng {share}")
_OVERRIDE = Words(
    en="{by} holds {value} against it until {day}: {reason} (the computed value counts)",
    vi="{by} cho rằng là {value}, đến {day}: {reason} (vẫn tính theo số của hệ thống)",
)
_INITIATIVE = Words(en="{done} of {count}", vi="{done}/{count}")
_OTHERS = Words(en="+ {count} on track or achieved", vi="+ {count} đúng tiến độ hoặc đã đạt")
_MORE = Words(en="+ {count} more: okr-sync status", vi="+ {count} mục tiêu khác: okr-sync status")


def report_of(week: WeekReport, language: str) -> Message:
    """The longest of four forms that is short enough: everything, what needs attention, that in short, objectives."""
    forms = (_in_full, _what_needs_attention, _that_in_short, _heading_alone)
    texts = (_text(week, form, language) for form in forms)
    text = next((one for one in texts if len(one) <= LONGEST), None)
    if text is None:
        text = _text(week, _heading_alone, language, MOST_OBJECTIVES)
    return Message(_title(week, language), text, Tone.NEUTRAL)


def _title(week: WeekReport, language: str) -> str:
    cycles = " + ".join(one.name for one in week.cycles)
    number = week.as_of.isocalendar().week
    return _TITLE.in_(language).format(cycles=cycles, week=number, day=words.day(week.as_of, language, has_year=True))


def _text(week: WeekReport, form: _Form, language: str, most: int | None = None) -> str:
    shown = week.objectives[:most]
    blocks = [_top(week, language), *("\n".join(form(one, language)) for one in shown)]
    if len(shown) < len(week.objectives):
        blocks.append(_MORE.in_(language).format(count=len(week.objectives) - len(shown)))
    kpis = [_kpi(one, language) for one in week.now.kpis] if len(week.objectives) == len(week.now.objectives) else []
    return "\n\n".join([*blocks, *(["\n".join(kpis)] if kpis else [])])


def _top(week: WeekReport, language: str) -> str:
    counts = Counter(one.now.status for one in week.key_results)
    lines = [words.statuses(counts, language) if counts else _NOTHING.in_(language)]
    closed = {one.cycle: one for one in week.now.closed}
    for cycle in week.cycles:
        if cycle.name in closed:
            day = words.day(closed[cycle.name].at.date(), language, has_year=True)
            lines.append(_CLOSED.in_(language).format(cycle=cycle.name, day=day))
        else:
            number, count = (cycle.clamp(week.as_of) - cycle.start).days + 1, (cycle.end - cycle.start).days + 1
            lines.append(_DAY.in_(language).format(cycle=cycle.name, number=number, count=count))
    return "\n".join(lines)


def _in_full(one: ObjectiveWeek, language: str) -> Iterator[str]:
    yield _heading(one, language)
    for each in one.key_results:
        yield from _key_result(each, language)
    for initiative in one.now.initiatives:
        yield from _initiative(initiative, language)


def _what_needs_attention(one: ObjectiveWeek, language: str) -> Iterator[str]:
    yield _heading(one, language)
    urgent = _urgent(one)
    for each in urgent:
        yield from _key_result(each, language)
    yield from _others(one, urgent, language)


def _that_in_short(one: ObjectiveWeek, language: str) -> Iterator[str]:
    yield _heading(one, language)
    urgent = _urgent(one)
    for each in urgent:
        yield f"  {_line(each, language)}"
    yield from _others(one, urgent, language)


def _urgent(one: ObjectiveWeek) -> list[KeyResultWeek]:
    """Those that stand badly or otherwise than a week before, and those of which people said something."""
    return [
        each
        for each in one.key_results
        if each.now.status not in _GOOD or each.flipped_from or each.check_ins or each.now.override
    ]


def _others(one: ObjectiveWeek, urgent: Sequence[KeyResultWeek], language: str) -> Iterator[str]:
    if len(urgent) < len(one.key_results):
        yield "  " + _OTHERS.in_(language).format(count=len(one.key_results) - len(urgent))


def _heading_alone(one: ObjectiveWeek, language: str) -> Iterator[str]:
    yield _heading(one, language)


def _heading(one: ObjectiveWeek, language: str) -> str:
    """`🔴 Deliver well: 77 % (+5), at risk`: the move is in points of the percentage."""
    now, before = one.now, one.before
    standing = words.status(now.status, language)
    if now.progress is not None:
        move = "" if before is None or before.progress is None else _move(before.progress, now.progress)
        standing = f"{percent(now.progress)}{move}, {standing}"
    return f"{words.MARKS[now.status]} {now.name}: {standing}"


def _move(before: float, now: float) -> str:
    """Between the percentages as they are shown, so that the reader can add it up."""
    shown = [int(percent(one).removesuffix(" %")) for one in (before, now)]
    return f" ({shown[1] - shown[0]:+d})" if shown[0] != shown[1] else ""


def _key_result(one: KeyResultWeek, language: str) -> Iterator[str]:
    yield f"  {_line(one, language)}"
    if one.now.status in ("withheld", "no data"):
        yield f"     {short(one.now.reason)}"
    heading = _forecast(one, language)
    if heading is not None and one.now.status not in _OVER:
        yield f"     {heading}"
    for said in one.check_ins:
        sure = None if said.confidence is None else percent(said.confidence)
        parts = said.by if sure is None else _SURE.in_(language).format(by=said.by, share=sure)
        yield f"     💬 {parts}" + ("" if said.note is None else f": {short(said.note)}")
    override = one.now.override
    if override is not None:
        value = words.quantity(override.value, override.unit, language)
        until = words.day(override.until, language)
        said_so = _OVERRIDE.in_(language)
        yield "     ✋ " + said_so.format(by=override.by, value=value, day=until, reason=short(override.reason))


def _line(one: KeyResultWeek, language: str) -> str:
    """`🔴 Raise NPS: 34 points (a week ago 31), goal 30 → 45 points; progress 27 % of 64 % expected`."""
    now, before = one.now, one.before
    value = words.quantity(now.value, now.unit, language)
    if before is not None and before.value is not None and now.value is not None:
        then = words.quantity(before.value, before.unit, language)
        value += "" if then == value else f" ({_A_WEEK_AGO.in_(language).format(value=then)})"
    parts = [words.status(now.status, language)]
    if one.flipped_from is not None:
        parts[0] += f" ({_WAS.in_(language).format(status=words.status(one.flipped_from, language))})"
    parts.append(f"{value}, {_GOAL.in_(language).format(goal=words.goal(now, language))}")
    if now.progress is not None:
        text = _PROGRESS if now.status in _OVER else _EXPECTED
        parts.append(text.in_(language).format(progress=percent(now.progress), expected=percent(now.expected_progress)))
    return f"{words.MARKS[now.status]} {now.name}: {'; '.join(parts)}"


def _forecast(one: KeyResultWeek, language: str) -> str | None:
    outlook = one.now.forecast
    found = None if outlook is None else in_numbers(outlook, one.now.unit)
    if found is None or outlook is None or outlook.closes_on is None:
        return None
    value, low, high = (words.numbers(each, language) for each in found)
    return _HEADING.in_(language).format(value=value, low=low, high=high, day=words.day(outlook.closes_on, language))


def _initiative(one: InitiativeReport, language: str) -> Iterator[str]:
    if one.record_count is not None:
        yield f"  › {one.name}: {_INITIATIVE.in_(language).format(done=one.done_count, count=one.record_count)}"


def _kpi(one: KpiReport, language: str) -> str:
    value = words.quantity(one.value, one.unit, language)
    standing = f"{words.status(one.status, language)}; {value}, {words.goal(one, language)}"
    return f"{words.MARKS[one.status]} KPI {one.name}: {standing}"
