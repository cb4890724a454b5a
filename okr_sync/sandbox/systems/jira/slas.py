"""SLAs of the service project: tasks and bugs of OPS are what clients ask for.

The clock of an SLA counts the agency's working hours, from Monday to Friday, half past eight to six.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import CATEGORY_OF
from okr_sync.sandbox.growth.chance import WorkTime
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.records import Issue

_WORK = WorkTime(date(2020, 1, 6))
_DAY_HOURS = 9.5
_HOUR_MS = 3_600_000
_REQUESTS = frozenset({"Task", "Bug"})
SERVICE_PROJECT = "OPS"


class Phase(Enum):
    RUNNING = auto()
    PAUSED = auto()
    STOPPED = auto()


@dataclass(frozen=True, slots=True)
class Sla:
    id: str
    field_id: str
    name: str
    goal_hours: float
    phase: Callable[[str], Phase]
    """What the clock does while a request has this status."""
    is_once: bool = False


def _until_response(status: str) -> Phase:
    return Phase.RUNNING if status == "To Do" else Phase.STOPPED


def _until_resolution(status: str) -> Phase:
    if CATEGORY_OF[status] == "done":
        return Phase.STOPPED
    return Phase.PAUSED if status == "In Review" else Phase.RUNNING


SLAS = (
    Sla("1", "customfield_10070", "Time to first response", 4, _until_response, is_once=True),
    Sla("2", "customfield_10071", "Time to resolution", 24, _until_resolution),
)


@dataclass
class Cycle:
    """`spans` are the times in which the clock ran."""

    goal_hours: float
    started_at: datetime
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)
    stopped_at: datetime | None = None
    is_paused: bool = False

    @property
    def elapsed_hours(self) -> float:
        return sum(work_hours(start, end) for start, end in self.spans)

    @property
    def is_breached(self) -> bool:
        return self.elapsed_hours > self.goal_hours

    @property
    def breaches_at(self) -> datetime | None:
        """When the goal is or would be missed; nobody knows that of a clock that stands still before it."""
        left = self.goal_hours
        for number, (start, end) in enumerate(self.spans, start=1):
            passed = work_hours(start, end)
            is_last = number == len(self.spans) and not self.is_paused
            if passed > left or is_last:
                return _WORK.at(_WORK.position(start) + left / _DAY_HOURS)
            left -= passed
        return None


def work_hours(start: datetime, end: datetime) -> float:
    return (_WORK.position(end) - _WORK.position(start)) * _DAY_HOURS


def has_slas(issue: Issue) -> bool:
    return issue.project == SERVICE_PROJECT and issue.issue_type in _REQUESTS


def cycles_of(agency: Agency, issue: Issue, sla: Sla) -> list[Cycle]:
    """In the order of their start; only the last one may be open."""
    versions = agency.issue_versions(issue.id)
    ends = [*(one.updated_at for one in versions[1:]), agency.clock.now()]
    cycles: list[Cycle] = []
    for version, end in zip(versions, ends, strict=True):
        phase = sla.phase(version.status)
        is_open = bool(cycles) and cycles[-1].stopped_at is None
        if phase is Phase.STOPPED:
            if is_open:
                cycles[-1].stopped_at, cycles[-1].is_paused = version.updated_at, False
            continue
        if not is_open:
            if cycles and sla.is_once:
                break
            cycles.append(Cycle(sla.goal_hours, version.updated_at))
        cycles[-1].is_paused = phase is Phase.PAUSED
        if phase is Phase.RUNNING:
            cycles[-1].spans.append((version.updated_at, end))
    return cycles


def states_of(agency: Agency, issue: Issue, sla: Sla) -> tuple[str, ...]:
    """What JQL's functions say of it: running, paused or completed; breached and everBreached."""
    cycles = cycles_of(agency, issue, sla) if has_slas(issue) else []
    if not cycles:
        return ()
    last = cycles[-1]
    states = ["completed" if last.stopped_at else "paused" if last.is_paused else "running"]
    states += ["breached"] if last.is_breached else []
    states += ["everbreached"] if any(one.is_breached for one in cycles) else []
    return tuple(states)


class SlaWriter:
    def __init__(self, agency: Agency, url: str, zone: ZoneInfo) -> None:
        self._agency = agency
        self._url = url
        self._zone = zone

    def in_field(self, issue: Issue, sla: Sla) -> Json | None:
        """Nothing in other projects; an empty object where the SLA has no goal for such an issue."""
        if issue.project != SERVICE_PROJECT:
            return None
        return self.metric(issue, sla) if has_slas(issue) else {}

    def metric(self, issue: Issue, sla: Sla) -> Json:
        """Without an open cycle the key is absent."""
        cycles = cycles_of(self._agency, issue, sla)
        link = f"{self._url}/rest/servicedeskapi/request/{issue.id}/sla/{sla.id}"
        shown: Json = {"id": sla.id, "name": sla.name, "_links": {"self": link}}
        shown["completedCycles"] = [self._cycle(one) for one in cycles if one.stopped_at is not None]
        if cycles and cycles[-1].stopped_at is None:
            shown["ongoingCycle"] = self._cycle(cycles[-1])
        return shown

    def _cycle(self, cycle: Cycle) -> Json:
        shown: Json = {"startTime": self._time(cycle.started_at)}
        if cycle.stopped_at is not None:
            shown["stopTime"] = self._time(cycle.stopped_at)
        if cycle.breaches_at is not None:
            shown["breachTime"] = self._time(cycle.breaches_at)
        shown["breached"] = cycle.is_breached
        if cycle.stopped_at is None:
            shown |= {"paused": cycle.is_paused, "withinCalendarHours": _is_working(self._agency.clock.now())}
        elapsed = cycle.elapsed_hours
        shown["goalDuration"] = _duration(cycle.goal_hours)
        shown["elapsedTime"] = _duration(elapsed)
        shown["remainingTime"] = _duration(cycle.goal_hours - elapsed)
        return shown

    def _time(self, moment: datetime) -> Json:
        local = moment.astimezone(self._zone)
        return {
            "iso8601": f"{local:%Y-%m-%dT%H:%M:%S%z}",
            "jira": f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}",
            "friendly": f"{local:%d/%b/%y %H:%M}",
            "epochMillis": moment_ms(moment),
        }


def moment_ms(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def _duration(hours: float) -> Json:
    minutes = round(abs(hours) * 60)
    sign = "-" if hours < 0 else ""
    return {"millis": round(hours * _HOUR_MS), "friendly": f"{sign}{minutes // 60}h {minutes % 60}m"}


def _is_working(now: datetime) -> bool:
    return work_hours(now - timedelta(seconds=1), now) > 0
