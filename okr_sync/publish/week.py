"""A week of progress: what is stored for a day beside what was stored a week before. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from pydantic import JsonValue

from okr_sync.people import CheckInReport
from okr_sync.project.cycle import Cycle
from okr_sync.report import KeyResultReport, ObjectiveReport, StatusReport, plain


@dataclass(frozen=True, slots=True)
class KeyResultWeek:
    """A key result now and, where its cycle has run for a week, a week before."""

    now: KeyResultReport
    before: KeyResultReport | None
    check_ins: tuple[CheckInReport, ...] = ()
    """Those of the week, the latest first."""

    @property
    def flipped_from(self) -> str | None:
        """The status of a week before, where it is another now."""
        if self.before is None or self.before.as_of is None or self.before.status == self.now.status:
            return None
        return self.before.status


@dataclass(frozen=True, slots=True)
class ObjectiveWeek:
    now: ObjectiveReport
    before: ObjectiveReport | None
    key_results: tuple[KeyResultWeek, ...]


@dataclass(frozen=True, slots=True)
class WeekReport:
    """What a weekly report says: of the seven days after `since`, up to `as_of`."""

    as_of: date
    since: date
    cycles: tuple[Cycle, ...]
    """Those that run on the day, or the last one that did."""
    objectives: tuple[ObjectiveWeek, ...]
    now: StatusReport
    language: str
    """The project's."""

    @property
    def week(self) -> str:
        """By ISO 8601: `2026-W48`."""
        year, number, _ = self.as_of.isocalendar()
        return f"{year}-W{number:02}"

    @property
    def key_results(self) -> list[KeyResultWeek]:
        return [each for one in self.objectives for each in one.key_results]

    def only(self, objectives: Sequence[str]) -> WeekReport:
        """The same about these objectives alone; about all where none is named."""
        if not objectives:
            return self
        chosen = tuple(one for one in self.objectives if one.now.id in objectives)
        return replace(self, objectives=chosen)

    def as_json(self) -> JsonValue:
        """As `status --json`, with what each was a week before and the week's check-ins."""
        content = self.now.as_json()
        assert isinstance(content, dict)  # noqa: S101 - it is ours
        chosen = {one.now.id: one for one in self.objectives}
        objectives = content["objectives"]
        assert isinstance(objectives, list)  # noqa: S101
        content["objectives"] = [_objective(one, chosen) for one in objectives if _id(one) in chosen]
        return {"week": self.week, "since": self.since.isoformat(), **content}


def weeks(
    now: StatusReport, before: StatusReport | None, check_ins: Mapping[tuple[str, str], Sequence[CheckInReport]]
) -> tuple[ObjectiveWeek, ...]:
    """Every objective of `now` beside what it was.

    Args:
        before: what is stored for the day a week before, in those of the cycles that ran then.
        check_ins: by cycle and key result, those of the week.
    """
    then = {} if before is None else {(one.cycle, one.id): one for one in before.objectives}
    return tuple(_week(one, then.get((one.cycle, one.id)), check_ins) for one in now.objectives)


def _week(
    now: ObjectiveReport,
    before: ObjectiveReport | None,
    check_ins: Mapping[tuple[str, str], Sequence[CheckInReport]],
) -> ObjectiveWeek:
    then = {} if before is None else {one.id: one for one in before.key_results}
    key_results = tuple(
        KeyResultWeek(one, then.get(one.id), tuple(check_ins.get((now.cycle, one.id), ()))) for one in now.key_results
    )
    return ObjectiveWeek(now, before, key_results)


def _id(objective: JsonValue) -> str:
    return str(objective["id"]) if isinstance(objective, dict) else ""


def _objective(content: JsonValue, weeks: Mapping[str, ObjectiveWeek]) -> JsonValue:
    week = weeks[_id(content)]
    assert isinstance(content, dict)  # noqa: S101
    key_results = content["key_results"]
    assert isinstance(key_results, list)  # noqa: S101
    joined: list[JsonValue] = [
        {**one, **_key_result(each)}
        for one, each in zip(key_results, week.key_results, strict=True)
        if isinstance(one, dict)
    ]
    return {**content, "progress_before": None if week.before is None else week.before.progress, "key_results": joined}


def _key_result(week: KeyResultWeek) -> dict[str, JsonValue]:
    before = week.before
    return {
        "value_before": None if before is None else before.value,
        "progress_before": None if before is None else before.progress,
        "status_before": None if before is None or before.as_of is None else before.status,
        "check_ins": plain([asdict(one) for one in week.check_ins]),
    }
