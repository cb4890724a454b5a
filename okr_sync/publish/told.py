"""What a destination was told, and what there is to tell it of a night. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import JsonValue

from okr_sync.problems import STREAM, NightProblem, ProblemKind
from okr_sync.progress import Status
from okr_sync.report import KeyResultReport, StatusReport
from okr_sync.report_beside import KpiReport

_OF_THE_STORE = (STREAM, ProblemKind.METRIC_TEST, ProblemKind.WITHHELD, ProblemKind.STALE)


@dataclass(frozen=True, slots=True)
class Night:
    """What is known at the end of a night."""

    at: datetime
    as_of: date
    problems: Sequence[NightProblem]
    report: StatusReport | None
    """What is stored; `None` where the project or the store cannot be read."""
    is_run_judged: bool = False
    """Whether it is known how the night's run ended."""
    ended_at: datetime | None = None
    """When the last run came to its end, unless another one has begun since."""

    def is_over(self, item: str, told_at: datetime) -> bool:
        """Whether a problem that was told and is none of the night's is over: of what cannot be seen, nobody knows."""
        kind = item.partition(":")[0]
        if kind == ProblemKind.RUN_FAILED:
            return self.is_run_judged or (self.ended_at is not None and self.ended_at > told_at)
        return self.report is not None or kind not in _OF_THE_STORE


@dataclass(frozen=True, slots=True)
class Open:
    """A problem that goes on, as it was told."""

    began_at: datetime
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What a destination knows. Kept in the store as `content` of its last publication."""

    problems: Mapping[str, Open] = field(default_factory=dict)
    """By item: `NightProblem.items`."""
    statuses: Mapping[str, str] = field(default_factory=dict)
    """By cycle and key result or by KPI, the last status that was known: neither withheld nor told as a problem."""

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Told:
        problems = {
            name: Open(datetime.fromisoformat(one["began_at"]), datetime.fromisoformat(one["told_at"]))
            for name, one in content["problems"].items()
        }
        return cls(problems, content["statuses"])

    def content(self) -> dict[str, JsonValue]:
        problems: JsonValue = {
            name: {"began_at": one.began_at.isoformat(), "told_at": one.told_at.isoformat()}
            for name, one in self.problems.items()
        }
        return {"problems": problems, "statuses": dict(self.statuses)}


@dataclass(frozen=True, slots=True)
class Flip:
    """A key result or KPI whose status is another than the one that was told."""

    now: KeyResultReport | KpiReport
    before: str

    @property
    def is_worse(self) -> bool:
        return _rank(self.now.status) < _rank(self.before)


@dataclass(frozen=True, slots=True)
class Changes:
    """What there is to tell."""

    night: Night
    is_first: bool
    """The destination was never told anything: everything that is known is new to it."""
    began: Sequence[NightProblem]
    reminded: Sequence[tuple[NightProblem, datetime]]
    """Those that go on for long, and since when."""
    ended: Sequence[tuple[str, datetime]]
    """Items that are over, and when they began."""
    flips: Sequence[Flip]
    statuses: Mapping[str, int]
    """How many of the key results that the destination wants to hear of stand how."""
    going_on_count: int
    """Problems that were told before and are not told again."""

    @property
    def is_empty(self) -> bool:
        return not (self.is_first or self.began or self.reminded or self.ended or self.flips)


def changes(night: Night, told: Told | None, objectives: Set[str], remind_after: timedelta) -> Changes:
    """What a destination that knows `told` (`None`: nothing yet) does not know of the night.

    Args:
        objectives: the ids of those that it wants to hear of; all where empty.
    """
    known = told or Told()
    wanted = [one for one in night.problems if _concerns(one, night.report, objectives)]
    began = [one for one in wanted if not set(one.items) <= known.problems.keys()]
    others = [one for one in wanted if one not in began]
    reminded = [
        (one, min(known.problems[item].began_at for item in one.items))
        for one in others
        if all(night.at - known.problems[item].told_at >= remind_after for item in one.items)
    ]
    present = {item for one in night.problems for item in one.items}
    ended = [
        (item, one.began_at)
        for item, one in known.problems.items()
        if item not in present and night.is_over(item, one.told_at)
    ]
    flips = [
        Flip(now, known.statuses[name])
        for name, now in _standings(night.report, objectives)
        if _is_known(now) and known.statuses.get(name, now.status) != now.status
    ]
    flips.sort(key=lambda one: (not one.is_worse, _rank(one.now.status)))
    statuses = Counter(
        one.status for _, one in _standings(night.report, objectives) if isinstance(one, KeyResultReport)
    )
    return Changes(night, told is None, began, reminded, ended, flips, statuses, len(others) - len(reminded))


def told_after(found: Changes, told: Told | None, objectives: Set[str]) -> Told:
    """What the destination knows once these changes are told, or where there are none to tell."""
    known = told or Told()
    at = found.night.at
    ended = {item for item, _ in found.ended}
    problems = {item: one for item, one in known.problems.items() if item not in ended}
    for one in found.began:
        problems |= {item: Open(problems[item].began_at if item in problems else at, at) for item in one.items}
    for one, _ in found.reminded:
        problems |= {item: replace(problems[item], told_at=at) for item in one.items}
    statuses = dict(known.statuses)
    if found.night.report is not None:
        standing = dict(_standings(found.night.report, objectives))
        kept = {name: status for name, status in statuses.items() if name in standing}
        statuses = kept | {name: one.status for name, one in standing.items() if _is_known(one)}
    return Told(problems, statuses)


def _standings(report: StatusReport | None, objectives: Set[str]) -> Iterator[tuple[str, KeyResultReport | KpiReport]]:
    """Key results that count, of the objectives wanted; KPIs belong to none, so they are told to who wants all."""
    if report is None:
        return
    closed = {one.cycle for one in report.closed}
    for each in report.objectives:
        if each.cycle not in closed and (not objectives or each.id in objectives):
            yield from ((f"{each.cycle}/{one.id}", one) for one in each.key_results)
    if not objectives:
        yield from ((f"kpi {one.id}", one) for one in report.kpis)


def _concerns(one: NightProblem, report: StatusReport | None, objectives: Set[str]) -> bool:
    """A problem that touches certain key results is for those who want their objectives; any other is for all."""
    if not objectives or report is None or one.kind not in _OF_KEY_RESULTS:
        return True
    ids = {each.id for own in report.objectives if own.id in objectives for each in own.all_key_results}
    return not ids.isdisjoint(one.key_results)


_OF_KEY_RESULTS = (
    ProblemKind.SOURCE_FAILED,
    ProblemKind.SOURCE_INCOMPLETE,
    ProblemKind.METRIC_TEST,
    ProblemKind.WITHHELD,
)


def _is_known(one: KeyResultReport | KpiReport) -> bool:
    """What is withheld is told as a problem; what was never computed is no news."""
    return one.status != Status.WITHHELD and one.as_of is not None


_RANKS = [one.value for one in Status]
_AS = {"no data": "withheld", "unhealthy": "at risk", "healthy": "on track"}
"""Statuses outside of the ranking, and those that they are sorted with."""


def _rank(status: str) -> int:
    return _RANKS.index(_AS.get(status, status))
