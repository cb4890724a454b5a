"""What a night or a week has to say, gathered and published: the steps in order, as `okr_sync.pipeline` has its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from okr_sync import pipeline, problems
from okr_sync.connector import utc_now
from okr_sync.doctor import Examination, Finding, Health
from okr_sync.errors import OkrSyncError
from okr_sync.measure import AsOf
from okr_sync.people import CheckInReport, check_in_report
from okr_sync.problems import NightProblem
from okr_sync.project.destinations import AlertRules, Destination
from okr_sync.project.environment import variables
from okr_sync.project.load import MAIN_FILE, load_destinations
from okr_sync.project.settings import Settings
from okr_sync.publish.alert import Reader
from okr_sync.publish.message import Message
from okr_sync.publish.sending import TEST, Delivery, Fate, Publishing, Send, publish_alerts, publish_reports
from okr_sync.publish.told import Night
from okr_sync.publish.week import WeekReport, weeks
from okr_sync.store import Store, StoreError
from okr_sync.workspace import Workspace, open_workspace

_SHORTEST_SECRET = 4


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How the run of the night ended, as far as the caller knows."""

    is_known: bool = False
    problem: NightProblem | None = None
    """What ended it before its end: `okr_sync.problems.problem_of_error`, `run_failed`."""


UNKNOWN = RunEnd()
WELL = RunEnd(is_known=True)


@dataclass(frozen=True, slots=True)
class _Opened:
    """As much of the project as can be opened."""

    destinations: Mapping[str, Destination]
    settings: Settings | None
    project: tuple[Workspace, list[AsOf]] | None
    problem: NightProblem | None = None
    """Why there is no project."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo("UTC") if self.settings is None else self.settings.zone

    @property
    def rules(self) -> AlertRules:
        return AlertRules() if self.settings is None else self.settings.alerts


def alert(
    folder: Path,
    run: RunEnd = UNKNOWN,
    *,
    is_dry: bool = False,
    fallback: Callable[[], Workspace] | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> list[Delivery]:
    """Tell every destination that wants alerts what it does not know yet; nothing where nothing is new.

    A project that is broken and a store that cannot be used are told like any other problem.

    Args:
        is_dry: only say what would be sent.
        fallback: gives the project by which the night was computed though it is broken now.

    Raises:
        OkrSyncError: no destination wants alerts, or `okr-sync.yaml` cannot be read: nobody can be told.
    """
    opened = _open(folder, clock, fallback)
    require(opened.destinations, alerts=True)
    send = None if is_dry else _send()
    with ExitStack() as stack:
        store = _store(folder, opened, stack)
        if isinstance(store, NightProblem):
            night = Night(
                clock(), _today(opened, clock), _distinct(run.problem, opened.problem, store), None, run.is_known
            )
            return publish_alerts(_publishing(opened, send, None, clock), night, opened.rules)
        night = _night(folder, opened, store, run, clock)
        return publish_alerts(_publishing(opened, send, store, clock), night, opened.rules)


def week_of(folder: Path, as_of: date | None = None, clock: Callable[[], datetime] = utc_now) -> WeekReport:
    """What is stored for the day beside what was stored for the day a week before."""
    return _week(open_workspace(folder, clock), as_of)


def _week(workspace: Workspace, as_of: date | None) -> WeekReport:
    workspace, days = pipeline.in_time(workspace, as_of)
    since = days[0].day - timedelta(days=7)
    earlier = [day.on(since) for day in days if since >= day.cycle.start]
    now = pipeline.stored_status(workspace, days)
    before = pipeline.stored_status(workspace, earlier) if earlier else None
    return WeekReport(
        as_of=now.as_of,
        since=since,
        cycles=tuple(day.cycle for day in days),
        objectives=weeks(now, before, _check_ins(workspace, days, since)),
        now=now,
        language=workspace.project.settings.language,
    )


def send_report(
    folder: Path,
    as_of: date | None = None,
    *,
    again: bool = False,
    clock: Callable[[], datetime] = utc_now,
) -> list[Delivery]:
    """Send the report of the day's week to every destination that wants it and did not get it yet.

    Raises:
        OkrSyncError: no destination wants it, or the project or the store cannot be used.
    """
    workspace = open_workspace(folder, clock)
    week = _week(workspace, as_of)
    require(workspace.project.destinations, alerts=False)
    opened = _Opened(workspace.project.destinations, workspace.project.settings, None)
    with pipeline.open_store(workspace) as store, store.publishing():
        return publish_reports(_publishing(opened, _send(), store, clock), week, again=again)


def send_test(folder: Path) -> list[Delivery]:
    """Send one message that says it is a test to every destination; nothing is written down."""
    destinations, settings = load_destinations(folder)
    language = "en" if settings is None else settings.language
    send = _send()
    found = []
    for name, one in destinations.items():
        message = _test_message(one.language or language)
        error = send(one, message)
        found.append(Delivery(name, TEST, Fate.SENT if error is None else Fate.FAILED, message, error))
    if not found:
        raise OkrSyncError(_NONE.format(what="named", example="alerts: true"))
    return found


def examine(folder: Path) -> list[Examination]:
    """Whether each destination's address is one; sends nothing."""
    destinations, _ = load_destinations(folder)
    return [Examination(name, "destination", (_finding(one),)) for name, one in destinations.items()]


def _finding(destination: Destination) -> Finding:
    from okr_sync.publish.delivery import DeliveryError, examine  # noqa: PLC0415 - as below

    wants = [name for name, wanted in (("alerts", destination.alerts), ("report", destination.report)) if wanted]
    try:
        service = examine(destination)
    except DeliveryError as error:
        return Finding("address", Health.BAD, str(error))
    return Finding("address", Health.GOOD, f"{service}: {' and '.join(wants)}; okr-sync alert --test sends a message")


def require(destinations: Mapping[str, Destination], *, alerts: bool) -> None:
    """Raises OkrSyncError where no destination wants alerts, or the report."""
    if not any(one.alerts if alerts else one.report is not None for one in destinations.values()):
        what, example = ("told alerts", "alerts: true") if alerts else ("sent the report", "report: weekly")
        raise OkrSyncError(_NONE.format(what=what, example=example))


_NONE = (
    "no destination is {what}; write one in okr-sync.yaml, such as"
    " destinations: {{team: {{url: '${{SLACK_URL}}', {example}}}}}; docs/alerts.md has more"
)


def _open(folder: Path, clock: Callable[[], datetime], fallback: Callable[[], Workspace] | None) -> _Opened:
    try:
        return _of(open_workspace(folder, clock), None)
    except OkrSyncError as error:
        problem = problems.problem_of_error(error)
    if fallback is not None:
        with suppress(OkrSyncError):
            return _of(fallback(), problem)
    return _Opened(*load_destinations(folder), None, problem)


def _of(workspace: Workspace, problem: NightProblem | None) -> _Opened:
    present, days = pipeline.in_time(workspace, None)
    return _Opened(workspace.project.destinations, workspace.project.settings, (present, days), problem)


def _store(folder: Path, opened: _Opened, stack: ExitStack) -> Store | NightProblem:
    """The store, held for publishing; or why not."""
    if opened.settings is None:
        return opened.problem or problems.run_failed("")
    try:
        store = stack.enter_context(Store.open(opened.settings.store, folder))
        stack.enter_context(store.publishing())
    except StoreError as error:
        return problems.problem_of_error(error)
    return store


def _night(folder: Path, opened: _Opened, store: Store, run: RunEnd, clock: Callable[[], datetime]) -> Night:
    last = store.last_run()
    found: list[NightProblem | None] = [run.problem, opened.problem]
    report = None
    if opened.settings is not None:
        found += problems.problems_of_runs(last, opened.settings, clock())
    if opened.project is not None:
        workspace, days = opened.project
        report = pipeline.stored_status(workspace, days)
        found += problems.problems_of(workspace, store, days, pipeline.trials_of)
    ended_at = None if last is None else last.finished_at
    return Night(clock(), _today(opened, clock), _distinct(*found), report, run.is_known, ended_at)


def _distinct(*found: NightProblem | None) -> list[NightProblem]:
    """The worst first; of two that say the same is amiss, what was said first."""
    each: dict[tuple[str, ...], NightProblem] = {}
    for one in found:
        if one is not None:
            each.setdefault(one.items, one)
    return sorted(each.values(), key=lambda one: list(problems.ProblemKind).index(one.kind))


def _today(opened: _Opened, clock: Callable[[], datetime]) -> date:
    return clock().astimezone(opened.zone).date()


def _publishing(opened: _Opened, send: Send | None, store: Store | None, clock: Callable[[], datetime]) -> Publishing:
    language = "en" if opened.settings is None else opened.settings.language
    reader = Reader(language, opened.zone, opened.rules.runbook)
    return Publishing(opened.destinations, send, store, reader, clock)


def _send() -> Send:
    # apprise is slow to import: no command pays for it but those that send.
    from okr_sync.publish.delivery import DeliveryError, deliver  # noqa: PLC0415

    def send(destination: Destination, message: Message) -> str | None:
        try:
            deliver(destination, message)
        except DeliveryError as error:
            return str(error)
        return None

    return send


def _test_message(language: str) -> Message:
    if language == "vi":
        return Message(
            "okr-sync: tin thử", "Nếu bạn đọc được tin này thì kênh đã sẵn sàng nhận cảnh báo và báo cáo OKR."
        )
    return Message("okr-sync: a test", "If you can read this, OKR alerts and reports will arrive here.")


def _check_ins(workspace: Workspace, days: list[AsOf], since: date) -> dict[tuple[str, str], list[CheckInReport]]:
    with pipeline.open_store(workspace) as store:
        said = {day.cycle.name: store.check_ins(day.cycle.name, day.day) for day in days}
    return {
        (cycle, name): [check_in_report(one) for one in each if one.as_of > since]
        for cycle, by_name in said.items()
        for name, each in by_name.items()
    }


def without_secrets(text: str, folder: Path) -> str:
    """A text from outside, such as an unforeseen error, without the values of variables that the project names."""
    try:
        names = variables((folder / MAIN_FILE).read_text("utf-8"))
    except OSError:
        return text
    values = {os.environ.get(name, "") for name in names}
    for value in sorted((one for one in values if len(one) >= _SHORTEST_SECRET), key=len, reverse=True):
        text = text.replace(value, "***")
    return text


@contextmanager
def alerting(folder: Path, told: Callable[[list[Delivery]], None]) -> Iterator[None]:
    """Whatever the run inside comes to is told: an error is told and raised on."""
    try:
        yield
    except Exception as error:
        problem = problems.problem_of_error(error)
        told(alert(folder, RunEnd(True, _redacted(problem, folder))))
        raise
    told(alert(folder, WELL))


def _redacted(problem: NightProblem, folder: Path) -> NightProblem:
    return replace(problem, reason=without_secrets(problem.reason or "", folder))
