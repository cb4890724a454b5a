"""Issues of Jira, in the cloud and in a data center."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from okr_sync.sandbox import Agency
from okr_sync.sandbox.catalog import CATEGORY_OF, CLIENTS, MEMBERS, PRIORITIES
from okr_sync.sandbox.systems.jira.search import JiraOptions
from tests.soundness.lives import Life, Source

_ENDINGS = {"Done": "Done", "Cancelled": "Won't Do"}


def _source(named: Mapping[str, str], has_history: bool) -> Source:
    account = (
        {"token": named["JIRA_PAT"]}
        if "JIRA_PAT" in named
        else {"email": named["JIRA_EMAIL"], "token": named["JIRA_API_TOKEN"]}
    )
    fields = {"client": "customfield_10044", "story_points": "customfield_10016"}
    issues = {"history": has_history, "fields": fields}
    return {"connector": "jira", "url": named["JIRA_BASE_URL"], **account, "streams": {"issues": issues}}


def _live(agency: Agency, random: Random) -> set[str]:
    """Issues are made, moved on, taken up again, put off, renamed, moved and sometimes deleted."""
    for _ in range(random.randrange(3, 9)):
        agency.clock.advance(timedelta(minutes=random.randrange(5, 90)))
        keys = [one.key for one in agency.issues]
        if not keys or random.random() < 0.2:
            agency.create_issue(random.choice(("WEB", "SEO")), "Việc mới", story_points=3.0)
            continue
        key = random.choice(keys)
        status = random.choice(list(CATEGORY_OF))
        match random.randrange(8):
            case 0 | 1 | 2:
                agency.edit_issue(key, status=status, resolution=_ENDINGS.get(status))
            case 3:
                agency.edit_issue(key, assignee=random.choice(MEMBERS).handle, story_points=float(random.randrange(9)))
            case 4:
                due_on = (agency.clock.now() + timedelta(days=9)).date()
                agency.edit_issue(key, due_on=random.choice((None, due_on)))
            case 5:
                agency.edit_issue(key, labels=("gấp",), client=random.choice(CLIENTS).name)
            case 6:
                agency.edit_issue(key, summary=f"Việc {random.randrange(99)}", priority=random.choice(PRIORITIES).name)
            case 7 if len(keys) > 8 and random.random() < 0.3:
                agency.delete_issue(key)
            case 7:
                agency.move_issue(key, random.choice(("WEB", "SEO")))
    return set()


def _grow(now: datetime) -> Agency:
    return Agency.grow(1, now, 0, 0, 0)


LIFE = Life(
    system="jira",
    stream="issues",
    source=_source,
    grow=_grow,
    live=_live,
    remaining=lambda agency: {str(one.id) for one in agency.issues},
    # A comment moves the first and leaves no change; which kind the parents of old were is not told.
    never_rebuilt={"updated_at", "epic_key"},
)
IN_A_DATA_CENTER = replace(LIFE, options={"jira": JiraOptions(is_data_center=True)})
