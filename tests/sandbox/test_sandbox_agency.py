"""The agency: the same from the same seed, believable, and changed only by its methods."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from okr_sync.project.cycle import end_of, start_of
from okr_sync.sandbox import Agency
from okr_sync.sandbox.catalog import CATEGORY_OF, MEMBERS, ZONE
from okr_sync.sandbox.clock import Clock, RunningClock
from okr_sync.sandbox.growth.chance import Deck, WorkTime
from okr_sync.sandbox.records import Issue
from tests.sandbox.clients import NOW

CYCLE_START = start_of(date(2026, 10, 1), ZONE)


@pytest.fixture(scope="module")
def grown() -> Agency:
    """The demo's agency. Nothing changes it."""
    return Agency.grow(seed=1, now=NOW)


def is_late(project: Issue) -> bool:
    assert project.resolved_at is not None
    assert project.due_on is not None
    return project.resolved_at >= end_of(project.due_on, ZONE)


def test_growth_is_a_function_of_its_arguments() -> None:
    """One seed and instant always give one agency; another seed gives another."""
    one, same = (Agency.grow(5, NOW, issue_count=40, ticket_count=40, survey_count=40) for _ in range(2))
    other = Agency.grow(6, NOW, issue_count=40, ticket_count=40, survey_count=40)
    assert (one.issues, one.tickets, one.surveys.all) == (same.issues, same.tickets, same.surveys.all)
    assert one.issues != other.issues
    assert one.tickets != other.tickets
    assert one.surveys.all != other.surveys.all


def test_sizes(grown: Agency) -> None:
    """The demo has 600 issues and 900 tickets; any other number can be asked for, 0 too."""
    assert (len(grown.issues), len(grown.tickets), len(grown.surveys)) == (600, 900, 320)
    empty = Agency.grow(1, NOW, issue_count=0, ticket_count=0, survey_count=0)
    assert (empty.issues, empty.tickets, empty.surveys.all) == ((), (), ())


@pytest.mark.parametrize(
    "now",
    [
        NOW,
        datetime(2026, 9, 30, 17, 0, 1, tzinfo=UTC),  # a second into the cycle in Ho Chi Minh City
        datetime(2026, 11, 21, 12, 0, tzinfo=UTC),  # a Saturday
        datetime(2027, 1, 1, 0, 0, tzinfo=UTC),
    ],
)
def test_nothing_happens_after_now(now: datetime) -> None:
    """Every record was created, then changed, then exported, and none of it lies in the future."""
    agency = Agency.grow(2, now, issue_count=300, ticket_count=300)
    for issue in agency.issues:
        assert issue.created_at <= issue.status_changed_at <= issue.updated_at <= now
        assert issue.resolved_at is None or issue.created_at <= issue.resolved_at <= issue.updated_at
        assert (issue.resolved_at is None) == (issue.resolution is None)
    for ticket in agency.tickets:
        assert ticket.created_at <= ticket.updated_at <= ticket.generated_at <= now
        assert ticket.solved_at is None or ticket.created_at <= ticket.solved_at <= ticket.updated_at
    assert all(answer.answered_at <= now for answer in agency.surveys.all)


def test_times_have_the_precision_of_their_system(grown: Agency) -> None:
    """Jira keeps milliseconds, Zendesk seconds."""
    assert all(issue.updated_at.microsecond % 1000 == 0 for issue in grown.issues)
    assert any(issue.updated_at.microsecond for issue in grown.issues)
    assert not any(ticket.updated_at.microsecond for ticket in grown.tickets)


def test_projects(grown: Agency) -> None:
    """About 40 projects a quarter, all with a due day, about one in five late: more before, fewer of late."""
    projects = [issue for issue in grown.issues if issue.issue_type == "Project"]
    delivered = [issue for issue in projects if issue.resolved_at is not None]
    assert len(projects) == 90  # 3 in 20 of 600, in 200 days: 41 in 91 days
    assert all(project.due_on is not None for project in projects)
    assert 0.15 <= sum(map(is_late, delivered)) / len(delivered) <= 0.25
    assert 15 <= len([one for one in delivered if one.resolved_at and one.resolved_at >= CYCLE_START]) <= 30


def test_issues_are_of_every_kind(grown: Agency) -> None:
    """What connectors stumble over is there: nulls, work done without a resolution, work that came back, epics."""
    assert {issue.issue_type for issue in grown.issues} == {"Project", "Epic", "Story", "Task", "Bug"}
    assert {issue.project for issue in grown.issues} == {"WEB", "SEO", "OPS"}
    assert any(CATEGORY_OF[issue.status] == "done" and issue.resolution is None for issue in grown.issues)
    assert any(issue.status == "Reopened" for issue in grown.issues)
    assert {issue.resolution for issue in grown.issues} == {None, "Done", "Won't Do", "Duplicate"}
    for name in ("assignee", "client", "due_on", "parent", "story_points", "resolved_at"):
        assert {getattr(issue, name) is None for issue in grown.issues} == {True, False}, name


def test_parents_are_older_issues_of_the_level_above(grown: Agency) -> None:
    """Work belongs to an epic, an epic to a project, a project to nothing."""
    for issue in grown.issues:
        if issue.parent is not None:
            parent = grown.issue(issue.parent)
            assert parent.issue_type == ("Project" if issue.issue_type == "Epic" else "Epic")
            assert parent.id < issue.id
        assert issue.issue_type != "Project" or issue.parent is None


def test_tickets_are_of_every_kind(grown: Agency) -> None:
    """First replies take 0.2 to 8 hours; some never came; some tickets are rated, merged, deleted or rewritten."""
    replies = [one.first_reply_seconds / 3600 for one in grown.tickets if one.first_reply_seconds is not None]
    assert 0.19 <= min(replies) <= max(replies) <= 8
    assert 1 <= sum(replies) / len(replies) <= 2.5
    assert any(one.first_reply_seconds is None for one in grown.tickets)
    assert {one.satisfaction for one in grown.tickets} == {"unoffered", "offered", "good", "bad"}
    assert any("closed_by_merge" in one.tags for one in grown.tickets)
    assert any(one.status == "deleted" for one in grown.tickets)
    assert any(one.generated_at > one.updated_at for one in grown.tickets)


def test_survey_is_better_of_late(grown: Agency) -> None:
    """The scores make an NPS near 30 up to 90 days ago, near 40 since: (10 - 4) / 20 and (11 - 3) / 20."""
    border = NOW - timedelta(days=90)
    for is_since, expected in ((False, 30), (True, 40)):
        scores = [one.score for one in grown.surveys.all if (one.answered_at >= border) is is_since]
        nps = 100 * (sum(score >= 9 for score in scores) - sum(score <= 6 for score in scores)) / len(scores)
        assert abs(nps - expected) <= 5


def test_people_are_roles() -> None:
    """Nobody in the agency could be a real person: every address is at agency.example."""
    assert {member.email.partition("@")[2] for member in MEMBERS} == {"agency.example"}


def test_edit_stamps_what_follows() -> None:
    """Resolving an issue sets its three times to now; taking it up again clears the resolution's."""
    agency = Agency.grow(3, NOW, issue_count=0, ticket_count=0)
    created = agency.create_issue("WEB", "Dựng trang tin")
    assert (created.key, created.created_at, created.updated_at) == ("WEB-1", NOW, NOW)
    agency.clock.advance(timedelta(hours=1))
    done = agency.edit_issue("WEB-1", status="Done", resolution="Done")
    assert (done.updated_at, done.status_changed_at, done.resolved_at) == (NOW + timedelta(hours=1),) * 3
    agency.clock.advance(timedelta(hours=1))
    renamed = agency.edit_issue("WEB-1", summary="Dựng trang tin tức")
    assert (renamed.updated_at, renamed.resolved_at) == (NOW + timedelta(hours=2), NOW + timedelta(hours=1))
    reopened = agency.edit_issue("WEB-1", status="Reopened", resolution=None)
    assert (reopened.resolved_at, reopened.status_changed_at) == (None, NOW + timedelta(hours=2))


def test_status_of_the_same_category_keeps_its_time() -> None:
    """Jira's time of a status change is that of its category: In Progress to In Review does not move it."""
    agency = Agency(Clock(NOW))
    agency.create_issue("WEB", "x", status="In Progress")
    agency.clock.advance(timedelta(hours=1))
    assert agency.edit_issue("WEB-1", status="In Review").status_changed_at == NOW


def test_moved_and_deleted_issues() -> None:
    """A move changes the key and keeps the id; a deletion leaves nothing, and its key and id are not used again."""
    agency = Agency(Clock(NOW))
    issue = agency.create_issue("WEB", "x")
    moved = agency.move_issue("WEB-1", "OPS")
    assert (moved.key, moved.id) == ("OPS-1", issue.id)
    assert agency.find_issue("WEB-1") is None
    agency.delete_issue("OPS-1")
    assert agency.issues == ()
    assert agency.find_issue(str(issue.id)) is None
    successor = agency.create_issue("OPS", "y")
    assert (successor.key, successor.id) == ("OPS-2", issue.id + 1)


def test_issues_as_they_were() -> None:
    """The past of a changed issue is remembered; one that is too young did not exist."""
    agency = Agency(Clock(NOW))
    agency.create_issue("WEB", "cũ")
    agency.clock.advance(timedelta(minutes=10))
    agency.edit_issue("WEB-1", summary="mới")
    assert [issue.summary for issue in agency.issues_at(NOW + timedelta(minutes=9))] == ["cũ"]
    assert [issue.summary for issue in agency.issues_at(NOW + timedelta(minutes=10))] == ["mới"]
    assert agency.issues_at(NOW - timedelta(minutes=1)) == ()


def test_ticket_changes() -> None:
    """An edit moves both times, a touch only the export's; a merge tags; a deletion scrubs."""
    agency = Agency(Clock(NOW))
    ticket = agency.create_ticket("Hỏi giá", priority="high")
    agency.clock.advance(timedelta(minutes=5))
    later = NOW + timedelta(minutes=5)
    touched = agency.touch_ticket(ticket.id)
    assert (touched.updated_at, touched.generated_at) == (NOW, later)
    edited = agency.edit_ticket(ticket.id, first_reply_seconds=0)
    assert (edited.updated_at, edited.generated_at, edited.first_reply_seconds) == (later, later, 0)
    merged = agency.merge_ticket(ticket.id)
    assert (merged.status, merged.tags) == ("closed", ("closed_by_merge",))
    deleted = agency.delete_ticket(ticket.id)
    assert (deleted.status, deleted.subject, deleted.priority) == ("deleted", "SCRUBBED", None)


def test_every_change_is_a_revision() -> None:
    """Whoever remembers an answer can tell that it is old."""
    agency = Agency(Clock(NOW))
    agency.create_issue("WEB", "x")
    ticket = agency.create_ticket("y")
    agency.edit_issue("WEB-1", summary="z")
    agency.touch_ticket(ticket.id)
    agency.delete_issue("WEB-1")
    assert agency.revision == 5


def test_clocks() -> None:
    """One clock stands still until it is advanced; the other goes on by itself."""
    clock = Clock(NOW)
    assert clock.now() == NOW
    clock.advance(timedelta(days=1))
    assert clock.now() == NOW + timedelta(days=1)
    running = RunningClock(NOW)
    assert NOW <= running.now() <= running.now()


def test_deck_keeps_its_shares() -> None:
    """Twenty draws from a deck of ten give each card exactly twice."""
    deck = Deck(Random(1), range(10))  # noqa: S311 - a made-up agency is no secret
    assert sorted(deck.draw() for _ in range(20)) == sorted([*range(10), *range(10)])


@pytest.mark.parametrize(
    ("position", "moment"),
    [
        (0.0, datetime(2026, 11, 9, 1, 30, tzinfo=UTC)),  # Monday 08:30 in Ho Chi Minh City
        (0.5, datetime(2026, 11, 9, 6, 15, tzinfo=UTC)),  # half of 9:30 hours later
        (4.0, datetime(2026, 11, 13, 1, 30, tzinfo=UTC)),  # Friday
        (5.0, datetime(2026, 11, 16, 1, 30, tzinfo=UTC)),  # the next Monday
    ],
)
def test_working_days(position: float, moment: datetime) -> None:
    """Positions count working days from a Monday, and are found again from the moment."""
    work_time = WorkTime(date(2026, 11, 11))
    assert work_time.at(position) == moment
    assert work_time.position(moment) == position


def test_nights_and_weekends_are_no_time() -> None:
    """Friday night and Sunday are the end of Friday; 07:00 on Monday is its beginning."""
    work_time = WorkTime(date(2026, 11, 9))
    friday_night = datetime(2026, 11, 13, 14, 0, tzinfo=UTC)
    sunday = datetime(2026, 11, 15, 5, 0, tzinfo=UTC)
    early_on_monday = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)
    assert [work_time.position(one) for one in (friday_night, sunday, early_on_monday)] == [5.0, 5.0, 5.0]
