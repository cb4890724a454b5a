"""The agency's Jira: about 200 days of projects and the work in them, in the order of their creation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from random import Random

from okr_sync.sandbox.catalog import CATEGORY_OF, CLIENTS, LABELS, MEMBERS, PRIORITIES, REGIONS
from okr_sync.sandbox.growth.chance import Deck, WorkTime, pick
from okr_sync.sandbox.growth.words import SUMMARIES
from okr_sync.sandbox.records import Issue

FIRST_ID = 10_000
SPAN = timedelta(days=200)


@dataclass(frozen=True, slots=True)
class Kind:
    """How long a type of issue is planned for, and how punctual it is. Spans are in working days."""

    shortest: float
    longest: float
    early: float
    """How long before its due day it may be done."""
    delay: float
    """How long after its due day it may be done where it is late."""


KINDS = {
    "Project": Kind(shortest=12, longest=28, early=3, delay=8),
    "Epic": Kind(shortest=15, longest=40, early=10, delay=5),
    "Story": Kind(shortest=3, longest=10, early=3, delay=4),
    "Task": Kind(shortest=1, longest=8, early=2, delay=3),
    "Bug": Kind(shortest=0.5, longest=4, early=1, delay=3),
}
# One in four was late; of what is due in the last ninety days, three in twenty: about 20 % in all.
LATE_BEFORE = [True] * 5 + [False] * 15
LATE_SINCE = [True] * 3 + [False] * 17
BETTER_SINCE = timedelta(days=90)
TYPES = ["Project"] * 3 + ["Epic"] + ["Story"] * 4 + ["Task"] * 10 + ["Bug"] * 2
PROJECT_KEYS = ["WEB"] * 5 + ["SEO"] * 4 + ["OPS"]
# (status, resolution) of work that is over. Some issues are closed without being resolved, and some come back.
ENDINGS: list[tuple[str, str | None]] = [("Done", "Done")] * 46 + [
    ("Cancelled", "Won't Do"),
    ("Cancelled", "Duplicate"),
    ("Done", None),
    ("Reopened", None),
]
FINISHED = ("Done", "Done")
LABEL_SETS: list[tuple[str, ...]] = [(), (), *((label,) for label in LABELS), *combinations(LABELS, 2)]
POINTS = (1.0, 2.0, 3.0, 5.0, 8.0)
HANDLES = tuple(member.handle for member in MEMBERS)
# Every summary in every client's name, made once, so that 200,000 issues share a few hundred texts.
MATTERS = {
    place: [(client.name, summary.format(client=client.name)) for client in CLIENTS for summary in summaries]
    for place, summaries in SUMMARIES.items()
}


@dataclass(frozen=True, slots=True)
class Life:
    """What has become of an issue by now. Positions are those of `WorkTime`."""

    status: str
    resolution: str | None
    status_changed: float
    updated: float


def grow_issues(random: Random, now: datetime, count: int) -> Iterator[Issue]:
    growth = _Growth(random, now)
    return (growth.issue(n, count) for n in range(count))


class _Growth:
    def __init__(self, random: Random, now: datetime) -> None:
        self._random = random
        self._time = WorkTime((now - SPAN).date())
        self._now = self._time.position(now)
        self._better_since = self._time.position(now - BETTER_SINCE)
        self._numbers: Counter[str] = Counter()
        self._parents: dict[tuple[str, str], str] = {}
        self._types = Deck(random, TYPES)
        self._projects = Deck(random, PROJECT_KEYS)
        self._endings = Deck(random, ENDINGS)
        self._was_late = {name: Deck(random, LATE_BEFORE) for name in KINDS}
        self._is_late = {name: Deck(random, LATE_SINCE) for name in KINDS}

    def issue(self, n: int, count: int) -> Issue:
        random = self._random
        project, issue_type = self._projects.draw(), self._types.draw()
        self._numbers[project] += 1
        key = f"{project}-{self._numbers[project]}"
        created = (n + random.random()) / count * self._now
        due = created + random.uniform(KINDS[issue_type].shortest, KINDS[issue_type].longest)
        life = self._life(issue_type, created, due)
        client, summary = pick(random, MATTERS[project, issue_type])
        status_changed_at = self._time.at(life.status_changed)
        parent = self._parents.get((project, "Project" if issue_type == "Epic" else "Epic"))
        self._parents[project, issue_type] = key
        return Issue(
            id=FIRST_ID + n,
            key=key,
            issue_type=issue_type,
            summary=summary,
            status=life.status,
            priority=pick(random, PRIORITIES).name,
            reporter=pick(random, HANDLES),
            created_at=self._time.at(created),
            updated_at=status_changed_at if life.updated == life.status_changed else self._time.at(life.updated),
            status_changed_at=status_changed_at,
            resolution=life.resolution,
            resolved_at=None if life.resolution is None else status_changed_at,
            due_on=self._due_on(issue_type, due),
            assignee=pick(random, HANDLES) if random.random() < 0.9 else None,
            parent=None if issue_type == "Project" else parent,
            client=client if random.random() < 0.96 else None,
            region=pick(random, REGIONS),
            story_points=pick(random, POINTS) if issue_type in ("Story", "Task") else None,
            labels=pick(random, LABEL_SETS),
        )

    def _due_on(self, issue_type: str, due: float) -> date | None:
        """Every project is promised for a day; other work only mostly."""
        is_promised = issue_type == "Project" or self._random.random() < 0.8
        return self._time.day(due) if is_promised else None

    def _life(self, issue_type: str, created: float, due: float) -> Life:
        finished = self._finished(issue_type, created, due)
        if finished >= self._now:
            return self._open_life(created, due)
        status, resolution = FINISHED if issue_type == "Project" else self._endings.draw()
        updated = min(finished + pick(self._random, (0.0, 0.0, 0.5, 3.0)), self._last(created))
        return Life(status, resolution, status_changed=finished, updated=max(updated, finished))

    def _finished(self, issue_type: str, created: float, due: float) -> float:
        kind, due_day_ends = KINDS[issue_type], float(int(due) + 1)
        lateness = self._is_late if due >= self._better_since else self._was_late
        if lateness[issue_type].draw():
            return due_day_ends + self._random.uniform(0.1, kind.delay)
        return max(due_day_ends - self._random.uniform(0.05, kind.early + 1), created + 0.02)

    def _open_life(self, created: float, due: float) -> Life:
        done_share = (self._now - created) / (due - created)
        status = "To Do" if done_share < 0.2 else "In Progress" if done_share < 0.8 else "In Review"
        updated = self._random.uniform(created, self._last(created))
        started = created if CATEGORY_OF[status] == "new" else self._random.uniform(created, updated)
        return Life(status, None, status_changed=started, updated=updated)

    def _last(self, created: float) -> float:
        """The last position that is surely not after now."""
        return max(created, self._now - 0.001)
