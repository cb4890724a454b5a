"""JQL: what is found, in which order, and what Jira refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from okr_sync.sandbox import Agency
from okr_sync.sandbox.clock import Clock
from okr_sync.sandbox.records import Issue
from okr_sync.sandbox.systems.jira.jql import JqlError, parse
from okr_sync.sandbox.systems.jira.matching import Search

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 10, 25, 12, 0, tzinfo=UTC)


def issue(number: int, key: str, **fields: object) -> Issue:
    created_at = datetime(2026, 10, number, 8, 0, tzinfo=UTC)
    written: dict[str, object] = {
        "id": 100 + number,
        "key": key,
        "issue_type": "Task",
        "summary": key,
        "status": "To Do",
        "priority": "Medium",
        "reporter": "ops",
        "created_at": created_at,
        "updated_at": created_at,
        "status_changed_at": created_at,
    }
    return Issue(**(written | fields))  # type: ignore[arg-type]


DONE = {"status": "Done", "resolution": "Done", "resolved_at": datetime(2026, 10, 20, 22, 30, tzinfo=UTC)}
ISSUES = (
    issue(1, "WEB-2", labels=("gấp",), due_on=date(2026, 10, 20), client="Trà Cỏ Bồng"),
    issue(2, "WEB-10", assignee="dev", story_points=0.0),
    issue(3, "SEO-1", issue_type="Bug", labels=("gấp", "báo-cáo"), assignee="seo", **DONE),
    issue(4, "SEO-2", status="In Review", due_on=date(2026, 10, 31), story_points=5.0, parent="SEO-1"),
    issue(5, "OPS-1", issue_type="Project", updated_at=datetime(2026, 10, 25, 0, 30, 0, 5000, tzinfo=UTC)),
)


def found(jql: str) -> list[str]:
    agency = Agency(Clock(NOW), ISSUES)
    return [one.key for one in Search(agency, BERLIN).find(parse(jql), agency.issues)]


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        # Each way to name a value: key, name, id; in any case of letters.
        ("project = WEB", ["WEB-10", "WEB-2"]),
        ('project = "seo & content"', ["SEO-2", "SEO-1"]),
        ("project in (10001, OPS)", ["OPS-1", "WEB-10", "WEB-2"]),
        ("PROJECT NOT IN ('WEB', SEO)", ["OPS-1"]),
        ("issuetype = Bug or type = Project", ["OPS-1", "SEO-1"]),
        ('status = "In Review"', ["SEO-2"]),
        ("statusCategory = Done", ["SEO-1"]),
        ('statusCategory in (new, "In Progress")', ["OPS-1", "SEO-2", "WEB-10", "WEB-2"]),
        ("assignee = seo@agency.example", ["SEO-1"]),
        ('cf[10044] = "Trà Cỏ Bồng"', ["WEB-2"]),
        ('Client = "Trà Cỏ Bồng"', ["WEB-2"]),
        ("key in (WEB-2, SEO-1)", ["SEO-1", "WEB-2"]),
        ("id = 105", ["OPS-1"]),
        ("parent = SEO-1", ["SEO-2"]),
        # Empty is neither equal nor unequal to anything.
        ("resolution = Unresolved", ["OPS-1", "SEO-2", "WEB-10", "WEB-2"]),
        ("resolution is EMPTY", ["OPS-1", "SEO-2", "WEB-10", "WEB-2"]),
        ("resolution is not empty", ["SEO-1"]),
        ("resolution != Done", []),
        ("resolution in (Unresolved, Done)", ["OPS-1", "SEO-2", "SEO-1", "WEB-10", "WEB-2"]),
        ("assignee = null", ["OPS-1", "SEO-2", "WEB-2"]),
        ("assignee != seo@agency.example", ["WEB-10"]),
        ("labels = gấp", ["SEO-1", "WEB-2"]),
        ("labels not in (báo-cáo)", ["WEB-2"]),
        # Zero points are points.
        ('"Story Points" = 0', ["WEB-10"]),
        ('"Story Points" >= 0', ["SEO-2", "WEB-10"]),
        ('"Story Points" is empty', ["OPS-1", "SEO-1", "WEB-2"]),
        # AND binds more tightly than OR; NOT takes what follows it.
        ("project = WEB or project = SEO and type = Bug", ["SEO-1", "WEB-10", "WEB-2"]),
        ("(project = WEB or project = SEO) and type = Bug", ["SEO-1"]),
        ("not project = WEB and type = Task", ["SEO-2"]),
        ("not (project = WEB or type = Bug)", ["OPS-1", "SEO-2"]),
        ("not not project = OPS", ["OPS-1"]),
        ("not duedate > 2026-10-20", ["WEB-2"]),
    ],
)
def test_found(jql: str, keys: list[str]) -> None:
    """Without ORDER BY the newest come first."""
    assert found(jql) == keys


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        # Milliseconds since 1970: SEO-1 was last changed on 2026-10-03T08:00:00Z.
        ("updated >= 1791014400000", ["OPS-1", "SEO-2", "SEO-1"]),
        ("updated > 1791014400000", ["OPS-1", "SEO-2"]),
        ("updated < 1791014400000 and updated >= 0", ["WEB-10", "WEB-2"]),
        # A text is a minute of Berlin: 10:00 there is 08:00Z in summer.
        ('updated >= "2026-10-03 10:00"', ["OPS-1", "SEO-2", "SEO-1"]),
        ('updated >= "2026/10/03 10:01"', ["OPS-1", "SEO-2"]),
        ('updated <= "2026-10-03 10:00"', ["SEO-1", "WEB-10", "WEB-2"]),
        # 02:30 happens twice on the day the clocks go back; the first one, 00:30Z, is meant. OPS-1 is 5 ms younger.
        ('updated >= "2026-10-25 02:30"', ["OPS-1"]),
        ('updated <= "2026-10-25 02:30" and project = OPS', []),
        ("created >= 2026-10-04", ["OPS-1", "SEO-2"]),
        # Resolved at 22:30Z on the 20th, which is the 21st in Berlin.
        ("resolved >= 2026-10-21", ["SEO-1"]),
        ("resolutiondate < 2026-10-21", []),
        # Relative to now, 2026-10-25T12:00Z.
        ("updated >= -12h", ["OPS-1"]),
        ("updated >= -11h", []),
        ('updated >= "-3w"', ["OPS-1"]),
        ('created <= "-3w 1d"', ["SEO-1", "WEB-10", "WEB-2"]),
        # Days have no zone of their own.
        ("duedate <= 2026-10-20", ["WEB-2"]),
        ("due = 2026-10-31", ["SEO-2"]),
        ("due < 1d", ["WEB-2"]),
    ],
)
def test_times(jql: str, keys: list[str]) -> None:
    """Numbers are instants, texts are minutes of the user's zone, periods count from now."""
    assert found(jql) == keys


@pytest.mark.parametrize(
    ("order", "keys"),
    [
        ("key", ["OPS-1", "SEO-1", "SEO-2", "WEB-2", "WEB-10"]),
        ("created asc, key ASC", ["WEB-2", "WEB-10", "SEO-1", "SEO-2", "OPS-1"]),
        ("updated DESC", ["OPS-1", "SEO-2", "SEO-1", "WEB-10", "WEB-2"]),
        ("project desc, created asc", ["WEB-2", "WEB-10", "SEO-1", "SEO-2", "OPS-1"]),
        ("duedate", ["WEB-2", "SEO-2", "OPS-1", "SEO-1", "WEB-10"]),
    ],
)
def test_order(order: str, keys: list[str]) -> None:
    """By number within a project, the first field first, empty ones last."""
    assert found(f"updated >= 0 order by {order}") == keys


@pytest.mark.parametrize(
    ("jql", "message"),
    [
        ("", "Unbounded JQL queries are not allowed here"),
        ("order by updated", "Unbounded JQL queries are not allowed here"),
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("status in (Done, Fertig)", "The value 'Fertig' does not exist for the field 'status'."),
        ("sprint = 1", "Field 'sprint' does not exist"),
        ("project = WEB order by rank", "Field 'rank' does not exist"),
        ("key = WEB-999", "An issue with key 'WEB-999' does not exist for field 'key'."),
        ("status > Done", "The operator '>' is not supported by the 'status' field."),
        ("updated >= yesterday", "Date value 'yesterday' for field 'updated' is invalid."),
        ("updated >= 2026-02-30", "Date value '2026-02-30' for field 'updated' is invalid."),
        ('"Story Points" > viele', "Value 'viele' is not a number."),
        ("project WEB", "Expecting operator but got 'WEB'"),
        ("summary ~ web", "Expecting operator but got '~'"),
        ("project = ", "Expecting a value but got 'the end'"),
        ("project in WEB", r"Expecting '\(' but got 'WEB'"),
        ("project in (WEB", r"Expecting '\)' but got 'the end'"),
        ("(project = WEB", r"Expecting '\)' but got 'the end'"),
        ("project = WEB SEO", "Expecting either 'OR' or 'AND' but got 'SEO'"),
        ("project = IN", "'IN' is a reserved JQL word"),
        ("project is WEB", "'EMPTY' or 'NULL' is expected after 'is'"),
        ("assignee = currentUser()", r"Unable to find JQL function 'currentUser\(\)'"),
        ('project = "WEB', "The character '\"' is not expected here"),
        ("project = WEB order by key, key, key, key, key, key, key, key", "maximum number of fields .* is 7"),
    ],
)
def test_refused(jql: str, message: str) -> None:
    """What Jira cannot understand or does not allow is refused with its own words."""
    with pytest.raises(JqlError, match=message):
        found(jql)


def test_quoted_reserved_word_is_a_value() -> None:
    """In quotation marks a reserved word is a value like any other."""
    with pytest.raises(JqlError, match="The value 'IN' does not exist"):
        found('project = "IN"')


def test_seven_order_fields_are_allowed() -> None:
    """The limit itself is still within the limit."""
    assert len(found("updated >= 0 order by key, key, key, key, key, key, key")) == 5
