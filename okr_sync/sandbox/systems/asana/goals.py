"""A few of the agency's own OKRs as Asana's goals, their values worked out from what the agency has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import ZONE
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.systems.asana.objects import TEAM, USERS, WORKSPACE


def nps(agency: Agency) -> float | None:
    scores = [one.score for one in agency.surveys.all]
    return _of(100 * (sum(one >= 9 for one in scores) - sum(one <= 6 for one in scores)), len(scores))


def late_share(agency: Agency) -> float | None:
    """Of the projects that were delivered, how many after their day."""
    done = [
        (one.resolved_at.astimezone(ZONE).date(), one.due_on)
        for one in agency.issues
        if one.issue_type == "Project" and one.resolved_at is not None and one.due_on is not None
    ]
    return _of(sum(resolved > due for resolved, due in done), len(done))


def renewal_share(agency: Agency) -> float | None:
    ended = [one.stage for one in agency.deals.all if one.pipeline == "renewal" and one.closed_at is not None]
    return _of(sum(stage == "won" for stage in ended), len(ended))


@dataclass(frozen=True, slots=True)
class Metric:
    unit: str
    initial: float
    target: float
    current: Callable[[Agency], float | None]


@dataclass(frozen=True, slots=True)
class Goal:
    number: int
    name: str
    owner: str
    status: str | None
    metric: Metric | None
    is_of_team: bool = False

    @property
    def gid(self) -> str:
        return str(1_211_000_000_000_000 + self.number)


GOALS = (
    Goal(1, "Tăng NPS", "account-a", "green", Metric("none", 30, 45, nps)),
    Goal(2, "Giảm tỷ lệ dự án trễ deadline", "ops", "yellow", Metric("percentage", 0.25, 0.1, late_share), True),
    Goal(3, "Tăng tỷ lệ gia hạn", "account-b", "red", Metric("percentage", 0.4, 0.55, renewal_share)),
    Goal(4, "Chuẩn hoá checklist nghiệm thu", "ops", None, None, True),
)


def goals(agency: Agency) -> Iterator[Json]:
    period = _quarter(agency.clock.now().astimezone(ZONE).date())
    for one in GOALS:
        yield {
            "gid": one.gid,
            "resource_type": "goal",
            "name": one.name,
            "owner": USERS[one.owner],
            "status": one.status,
            "metric": None if one.metric is None else _metric(one, one.metric, agency),
            "time_period": period,
            "start_on": None,
            "due_on": period["end_on"],
            "is_workspace_level": not one.is_of_team,
            "team": TEAM if one.is_of_team else None,
            "custom_fields": [],
            "workspace": WORKSPACE,
        }


def _metric(goal: Goal, metric: Metric, agency: Agency) -> Json:
    """A metric that nobody has updated stands where it began."""
    current = metric.current(agency)
    return {
        "gid": f"1212{goal.gid[4:]}",
        "resource_type": "goal_metric",
        "resource_subtype": "number",
        "unit": metric.unit,
        "currency_code": None,
        "precision": 1,
        "initial_number_value": metric.initial,
        "target_number_value": metric.target,
        "current_number_value": metric.initial if current is None else current,
        "progress_source": "external",
    }


def _quarter(day: date) -> Json:
    number = (day.month - 1) // 3
    start = date(day.year, 3 * number + 1, 1)
    end = (start + timedelta(days=100)).replace(day=1) - timedelta(days=1)
    return {
        "gid": f"1213{day.year}{number + 1}",
        "resource_type": "time_period",
        "display_name": f"Q{number + 1} FY{day.year % 100}",
        "period": f"Q{number + 1}",
        "start_on": str(start),
        "end_on": str(end),
    }


def _of(part: float, whole: int) -> float | None:
    return part / whole if whole else None
