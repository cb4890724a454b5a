"""The agency's boards and their sprints of two weeks, worked out from the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import CATEGORY_OF
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.records import Issue

_ORIGIN = datetime(2020, 1, 6, 1, 30, tzinfo=UTC)
_LENGTH = timedelta(days=14)
_WORK_LASTS = timedelta(days=11, hours=9)
"""From Monday morning to the Friday after next, in the evening."""
_TYPES = frozenset({"Story", "Task", "Bug"})


@dataclass(frozen=True, slots=True)
class Board:
    id: int
    name: str
    type: str
    project: str | None

    @property
    def has_sprints(self) -> bool:
        return self.type == "scrum"


BOARDS = (
    Board(1, "WEB board", "scrum", "WEB"),
    Board(2, "SEO board", "scrum", "SEO"),
    Board(3, "Vận hành", "simple", "OPS"),
    Board(4, "Mọi việc", "kanban", None),
)


@dataclass(frozen=True, slots=True)
class Sprint:
    board: Board
    number: int

    @property
    def id(self) -> int:
        return self.board.id * 10_000 + self.number

    @property
    def name(self) -> str:
        return f"{self.board.project} sprint {self.number}"

    @property
    def starts_at(self) -> datetime:
        return _ORIGIN + self.number * _LENGTH

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + _WORK_LASTS

    @property
    def completed_at(self) -> datetime:
        return self.ends_at + timedelta(hours=1)

    def state(self, now: datetime) -> str:
        if now < self.starts_at:
            return "future"
        return "active" if now < self.completed_at else "closed"


def sprints_of_board(agency: Agency, board: Board) -> list[Sprint]:
    """From the first issue's to the next one. Both teams work in the present sprint of WEB: both boards show it."""
    if not board.has_sprints:
        return []
    now = agency.clock.now()
    first = min((issue.created_at for issue in agency.issues), default=now)
    own = [Sprint(board, number) for number in range(_number(first), _number(now) + 2)]
    shared = [] if board is BOARDS[0] else [Sprint(BOARDS[0], _number(now))]
    return shared + own


def sprints_of_issue(agency: Agency, issue: Issue) -> list[Sprint]:
    """The sprint in which work on it began and, if that is another one, the sprint in which it was done."""
    board = next((one for one in BOARDS if one.project == issue.project and one.has_sprints), None)
    if board is None or issue.issue_type not in _TYPES:
        return []
    moved = [one for one in agency.issue_versions(issue.id) if CATEGORY_OF[one.status] != "new"]
    if not moved:
        return []
    is_done = CATEGORY_OF[issue.status] == "done"
    times = [moved[0].updated_at, *([issue.status_changed_at] if is_done else [])]
    return [Sprint(board, number) for number in sorted({_number(at) for at in times})]


def in_field(sprint: Sprint, now: datetime) -> Json:
    """As a field of an issue shows it."""
    return {"id": sprint.id, "name": sprint.name, "boardId": sprint.board.id, **_life(sprint, now)}


def on_board(sprint: Sprint, now: datetime, url: str) -> Json:
    self = f"{url}/rest/agile/1.0/sprint/{sprint.id}"
    shown = {"id": sprint.id, "self": self, "name": sprint.name, "originBoardId": sprint.board.id}
    return {**shown, **_life(sprint, now)}


def as_text(sprint: Sprint, now: datetime) -> str:
    """As an older data center writes it: the text of a Java object."""
    life = _life(sprint, now)
    members = {
        "id": sprint.id,
        "rapidViewId": sprint.board.id,
        "state": str(life["state"]).upper(),
        "name": sprint.name,
        "startDate": life.get("startDate", "<null>"),
        "endDate": life.get("endDate", "<null>"),
        "completeDate": life.get("completeDate", "<null>"),
        "activatedDate": life.get("startDate", "<null>"),
        "sequence": sprint.id,
        "goal": "",
    }
    inside = ",".join(f"{name}={value}" for name, value in members.items())
    return f"com.atlassian.greenhopper.service.sprint.Sprint@{sprint.id:x}[{inside}]"


def _life(sprint: Sprint, now: datetime) -> Json:
    """One that is not planned yet has no days; its goal is an empty text."""
    state = sprint.state(now)
    life: Json = {"state": state, "goal": ""}
    if state != "future":
        life |= {"startDate": _time(sprint.starts_at), "endDate": _time(sprint.ends_at)}
    if state == "closed":
        life["completeDate"] = _time(sprint.completed_at)
    return life


def _number(moment: datetime) -> int:
    return (moment - _ORIGIN) // _LENGTH


def _time(moment: datetime) -> str:
    """The agile part of Jira writes UTC with a Z."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
