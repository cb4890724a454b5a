"""The stand-in for Jira, over real HTTP: what the vendor's documentation promises, and what readers trip over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.jira.fields import FIELD_IDS
from okr_sync.sandbox.systems.jira.search import JiraOptions
from tests.conformance import needs_specs
from tests.connectors.jira.description import described
from tests.sandbox.clients import NOW, anonymous_client, jira_client

EVERYTHING = "project in (WEB, SEO, OPS) ORDER BY created ASC, key ASC"


def search(jira: httpx.Client, jql: str = EVERYTHING, **body: object) -> dict[str, Any]:
    answer = jira.post("/search/jql", json={"jql": jql, **body})
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def pages(jira: httpx.Client, jql: str = EVERYTHING, **body: object) -> Iterator[dict[str, Any]]:
    page = search(jira, jql, **body)
    yield page
    while "nextPageToken" in page:
        page = search(jira, jql, **body, nextPageToken=page["nextPageToken"])
        yield page


def keys(jira: httpx.Client, jql: str) -> list[str]:
    return [issue["key"] for page in pages(jira, jql, fields=["key"]) for issue in page["issues"]]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, " ".join(answer.json()["errorMessages"])


def test_myself(jira: httpx.Client) -> None:
    """The user lives in another zone than the agency, so that mixing the two up shows."""
    user = jira.get("/myself").json()
    assert user["accountId"]
    assert (user["timeZone"], user["emailAddress"]) == ("Europe/Berlin", "okr-bot@agency.example")


@pytest.mark.parametrize("path", ["/myself", "/field", "/serverInfo"])
def test_wrong_credentials(sandbox: Sandbox, path: str) -> None:
    """A wrong token is refused everywhere, even where a request without one is not."""
    with anonymous_client(f"{sandbox.url('jira')}/rest/api/3") as client:
        assert client.get(path, auth=("okr-bot@agency.example", "wrong")).status_code == 401
        assert client.get(path, headers={"Authorization": "Basic %%%"}).status_code == 401


def test_anonymous(sandbox: Sandbox) -> None:
    """Without credentials a search succeeds and finds nothing; only the user is refused."""
    with anonymous_client(f"{sandbox.url('jira')}/rest/api/3") as anonymous:
        assert search(anonymous) == {"issues": [], "isLast": True}
        assert anonymous.post("/search/approximate-count", json={"jql": EVERYTHING}).json() == {"count": 0}
        assert anonymous.post("/issue/bulkfetch", json={"issueIdsOrKeys": ["WEB-1"]}).json()["issues"] == []
        assert anonymous.get("/myself").status_code == 401


def test_old_search_is_gone(jira: httpx.Client) -> None:
    """The search of former times answers 410 and names the change."""
    for answer in (jira.get("/search", params={"jql": EVERYTHING}), jira.post("/search", json={"jql": EVERYTHING})):
        status, message = refusal(answer)
        assert status == 410
        assert "CHANGE-2046" in message


def test_fields(jira: httpx.Client) -> None:
    """Fields have ids; a name may belong to two of them, and two of them may mean story points."""
    fields = {field["id"]: field for field in jira.get("/field").json()}
    assert set(fields) == set(FIELD_IDS)
    assert fields["customfield_10044"]["name"] == "Client"
    assert fields["customfield_10016"]["schema"] == {
        "type": "number",
        "custom": "com.atlassian.jira.plugin.system.customfieldtypes:float",
        "customId": 10016,
    }
    assert fields["customfield_10031"]["schema"]["custom"] == "com.pyxis.greenhopper.jira:jsw-story-points"
    regions = [field for field in fields.values() if field["name"] == "Region"]
    assert len(regions) == 2
    assert [field["scope"]["project"]["id"] for field in regions if "scope" in field] == ["10003"]


def test_default_page(jira: httpx.Client) -> None:
    """Without further wishes a page has 50 issues of which only the ids are told."""
    page = search(jira)
    assert len(page["issues"]) == 50
    assert all(set(issue) == {"id"} for issue in page["issues"])
    assert page["isLast"] is False
    assert not {"total", "startAt", "maxResults"} & set(page)


def test_every_page(jira: httpx.Client, agency: Agency) -> None:
    """Page by page, every issue comes once, in order, and the last page has no token at all."""
    read = list(pages(jira, fields=["summary"], maxResults=100))
    assert [len(page["issues"]) for page in read] == [100, 100, 50]
    assert [page["isLast"] for page in read] == [False, False, True]
    assert "nextPageToken" not in read[-1]
    ids = [int(issue["id"]) for page in read for issue in page["issues"]]
    assert ids == [issue.id for issue in sorted(agency.issues, key=lambda one: one.created_at)]


def test_page_size_is_a_hint(jira: httpx.Client) -> None:
    """However many are wanted: 100 with fields, all 250 where ids or keys are enough."""
    assert len(search(jira, maxResults=5000, fields=["summary"])["issues"]) == 100
    assert len(search(jira, maxResults=5000)["issues"]) == 250
    by_key = search(jira, maxResults=5000, fields=["id", "key"])
    assert len(by_key["issues"]) == 250
    assert set(by_key["issues"][0]) == {"expand", "id", "self", "key"}


def test_short_pages_go_on(agency: Agency) -> None:
    """A site may give fewer than asked for; a short page with a token is not the last one."""
    with (
        Sandbox(agency, options=Options(of_systems={"jira": JiraOptions(page_cap=30)}), systems=["jira"]) as sandbox,
        jira_client(sandbox) as jira,
    ):
        read = list(pages(jira, fields=["*all"], maxResults=100))
    assert [len(page["issues"]) for page in read] == [30] * 8 + [10]


@pytest.mark.parametrize("size", [0, -1, 5001])
def test_page_size_out_of_range(jira: httpx.Client, size: int) -> None:
    """Between 1 and 5000; anything else is refused."""
    assert jira.get("/search/jql", params={"jql": EVERYTHING, "maxResults": size}).status_code == 400
    assert jira.post("/search/jql", json={"jql": EVERYTHING, "maxResults": size}).status_code == 400


def test_get_and_post_agree(jira: httpx.Client) -> None:
    """Both ways to ask give the same page, and a token of one serves the other."""
    asked: dict[str, str | int] = {"jql": EVERYTHING, "fields": "summary,status", "maxResults": 3}
    got = jira.get("/search/jql", params=asked).json()
    assert got["issues"] == search(jira, fields=["summary", "status"], maxResults=3)["issues"]
    next_page = jira.get("/search/jql", params=asked | {"nextPageToken": got["nextPageToken"]}).json()
    posted = search(jira, fields=["summary", "status"], maxResults=3, nextPageToken=got["nextPageToken"])
    assert next_page["issues"] == posted["issues"] != got["issues"]


def test_token_belongs_to_its_search(jira: httpx.Client) -> None:
    """With another query, other fields, or as a token nobody gave out, it is refused; with another size it is not."""
    token = search(jira, fields=["summary"], maxResults=2)["nextPageToken"]
    assert len(search(jira, fields=["summary"], maxResults=5, nextPageToken=token)["issues"]) == 5
    for wrong in (
        {"jql": "project = WEB", "fields": ["summary"], "nextPageToken": token},
        {"jql": EVERYTHING, "fields": ["status"], "nextPageToken": token},
        {"jql": EVERYTHING, "fields": ["summary"], "nextPageToken": "nonsense"},
        {"jql": EVERYTHING, "fields": ["summary"], "nextPageToken": "OTk5OjI="},  # 999:2, a search that never was
    ):
        status, message = refusal(jira.post("/search/jql", json=wrong))
        assert status == 400
        assert "nextPageToken" in message


def test_tokens_do_not_live_for_ever(jira: httpx.Client) -> None:
    """A token is forgotten after 64 later searches; its reader has to begin again."""
    token = search(jira, maxResults=2)["nextPageToken"]
    for _ in range(63):
        search(jira, "project = OPS", maxResults=1)
    assert len(search(jira, maxResults=2, nextPageToken=token)["issues"]) == 2
    search(jira, "project = OPS", maxResults=1)
    assert jira.post("/search/jql", json={"jql": EVERYTHING, "nextPageToken": token}).status_code == 400


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"jql": ""}, "Unbounded JQL"),
        ({}, "Unbounded JQL"),
        ({"jql": "project = NOPE"}, "The value 'NOPE' does not exist for the field 'project'."),
        ({"jql": EVERYTHING, "startAt": 50}, "Invalid request payload"),
        ({"jql": EVERYTHING, "expand": ["names"]}, "Invalid request payload"),
        ({"jql": EVERYTHING, "maxResults": True}, "Invalid request payload"),
        ({"jql": EVERYTHING, "fields": "summary"}, "Invalid request payload"),
        ([], "Invalid request payload"),
    ],
)
def test_refused_searches(jira: httpx.Client, body: object, message: str) -> None:
    """A search without a restriction, about unknown things, or with a body that is none of Jira's."""
    status, said = refusal(jira.post("/search/jql", json=body))
    assert status == 400
    assert message in said


def test_fields_of_an_issue(jira: httpx.Client, agency: Agency) -> None:
    """Each field in its wire format, worked out from the issue by hand."""
    agency.create_issue(
        "OPS", "Sửa \"lỗi\" đơn hàng", due_on=datetime(2026, 12, 1, tzinfo=UTC).date(), client="Trà Cỏ Bồng",
        region="Miền Nam", story_points=0.0, labels=("gấp",), assignee="dev", parent=None,
    )  # fmt: skip
    key = agency.issues[-1].key
    (issue,) = search(jira, f"key = {key}", fields=["*all"])["issues"]
    fields = issue["fields"]
    assert issue["id"] == str(agency.issues[-1].id)
    assert set(fields) == set(FIELD_IDS)
    # NOW is 03:30Z; in November Berlin is an hour ahead, and the offset has no colon.
    assert fields["created"] == fields["updated"] == "2026-11-18T04:30:00.000+0100"
    assert fields["duedate"] == "2026-12-01"
    assert (fields["resolution"], fields["resolutiondate"], fields["parent"]) == (None, None, None)
    assert fields["status"]["statusCategory"]["key"] == "new"
    assert fields["issuetype"]["name"] == "Task"
    assert fields["project"]["key"] == "OPS"
    assert fields["labels"] == ["gấp"]
    assert fields["assignee"]["displayName"] == "Nhóm lập trình"
    assert fields["summary"] == 'Sửa "lỗi" đơn hàng'
    assert fields["description"]["type"] == "doc"
    assert fields["customfield_10044"]["value"] == "Trà Cỏ Bồng"
    # OPS is team-managed: it has its own fields for points and region.
    assert (fields["customfield_10016"], fields["customfield_10031"]) == (None, 0.0)
    assert (fields["customfield_10050"]["value"], fields["customfield_10061"]) == ("Miền Nam", "Miền Nam")


def test_summer_time(jira: httpx.Client, agency: Agency) -> None:
    """In July Berlin is two hours ahead of UTC, in November one."""
    agency.clock.advance(timedelta(days=240))
    key = agency.create_issue("WEB", "x").key
    (issue,) = search(jira, f"key = {key}", fields=["created"])["issues"]
    assert issue["fields"] == {"created": "2027-07-16T05:30:00.000+0200"}


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (["summary", "created", "nonsense"], {"summary", "created"}),
        (["*all", "-description"], set(FIELD_IDS) - {"description"}),
        (["-description"], set(FIELD_IDS) - {"description"}),
        (["*navigable"], set(FIELD_IDS)),
    ],
)
def test_choice_of_fields(jira: httpx.Client, asked: list[str], shown: set[str]) -> None:
    """By id, all, all but one; unknown ones are ignored."""
    assert set(search(jira, fields=asked)["issues"][0]["fields"]) == shown


def test_expanded_names_and_schema(jira: httpx.Client) -> None:
    """On request an answer says what its fields are."""
    page = search(jira, fields=["customfield_10044"], expand="names,schema")
    assert page["names"] == {"customfield_10044": "Client"}
    assert page["schema"]["customfield_10044"]["type"] == "option"
    assert "names" not in search(jira, fields=["customfield_10044"])


def test_search_that_goes_on_while_issues_change(jira: httpx.Client, agency: Agency) -> None:
    """The list stays as it was with the first page; what is shown is the present; a deleted issue is left out."""
    jql = "project in (WEB, SEO, OPS) ORDER BY updated ASC"
    before = keys(jira, jql)
    first = search(jira, jql, fields=["summary"], maxResults=2)
    agency.clock.advance(timedelta(minutes=1))
    agency.edit_issue(before[0], summary="đã đọc rồi")
    agency.clock.advance(timedelta(minutes=1))
    agency.edit_issue(before[2], summary="chưa đọc")
    agency.delete_issue(before[3])
    second = search(jira, jql, fields=["summary"], maxResults=2, nextPageToken=first["nextPageToken"])
    assert [issue["key"] for issue in second["issues"]] == [before[2]]
    assert second["issues"][0]["fields"]["summary"] == "chưa đọc"
    assert keys(jira, jql)[-2:] == [before[0], before[2]]


def test_index_lag(agency: Agency) -> None:
    """A change is found by search only after the lag; what is found earlier is found by what it was."""
    options = Options(of_systems={"jira": JiraOptions(index_lag=timedelta(minutes=5))})
    with Sandbox(agency, options=options, systems=["jira"]) as sandbox, jira_client(sandbox) as jira:
        agency.clock.advance(timedelta(hours=1))
        edited = agency.edit_issue(agency.issues[0].key, status="Reopened")
        created = agency.create_issue("WEB", "mới")
        agency.clock.advance(timedelta(minutes=4))
        since = f"updated >= {int(edited.updated_at.timestamp() * 1000)}"
        assert keys(jira, since) == []
        assert edited.key in keys(jira, EVERYTHING)
        assert created.key not in keys(jira, EVERYTHING)
        agency.clock.advance(timedelta(minutes=1))
        assert keys(jira, since) == [created.key, edited.key]


def test_date_header_is_the_agencys_time(jira: httpx.Client, agency: Agency) -> None:
    """A reader that takes the time from the answer gets the time that the records are stamped with."""
    agency.clock.advance(timedelta(seconds=90))
    assert jira.get("/serverInfo").headers["date"] == "Wed, 18 Nov 2026 03:31:30 GMT"
    assert NOW + timedelta(seconds=90) == agency.clock.now()


def test_approximate_count(jira: httpx.Client, agency: Agency) -> None:
    """The number of issues of a bounded query."""
    bugs = sum(issue.issue_type == "Bug" for issue in agency.issues)
    assert jira.post("/search/approximate-count", json={"jql": "type = Bug"}).json() == {"count": bugs}
    assert jira.post("/search/approximate-count", json={"jql": ""}).status_code == 400


def test_bulk_fetch(jira: httpx.Client, agency: Agency) -> None:
    """By id or key, in the order of ids, each once; what is not there is left out without a word."""
    agency.delete_issue("SEO-1")
    first, second = sorted((agency.issue("WEB-1"), agency.issue("WEB-2")), key=lambda one: one.id)
    asked = [second.key, str(first.id), first.key, "SEO-1", "WEB-99999"]
    content = jira.post("/issue/bulkfetch", json={"issueIdsOrKeys": asked, "fields": ["summary"]}).json()
    assert [issue["id"] for issue in content["issues"]] == [str(first.id), str(second.id)]
    assert content["issueErrors"] == []


@pytest.mark.parametrize("count", [0, 101])
def test_bulk_fetch_limits(jira: httpx.Client, count: int) -> None:
    """One to a hundred at a time."""
    assert jira.post("/issue/bulkfetch", json={"issueIdsOrKeys": ["WEB-1"] * count}).status_code == 400


def test_jql_parse(jira: httpx.Client) -> None:
    """Says of each query whether Jira understands it."""
    answer = jira.post("/jql/parse", params={"validation": "strict"}, json={"queries": ["project = WEB", "x = 1"]})
    good, bad = answer.json()["queries"]
    assert good == {"query": "project = WEB"}
    assert bad["errors"] == ["Field 'x' does not exist or you do not have permission to view it."]


def test_not_json(jira: httpx.Client) -> None:
    """A body that is no JSON is refused, not answered with a fault of the server."""
    assert jira.post("/search/jql", content=b"jql=project").status_code == 400


def test_server_info(jira: httpx.Client) -> None:
    """The site is a cloud site and knows its address."""
    info = jira.get("/serverInfo").json()
    assert info["deploymentType"] == "Cloud"
    assert info["baseUrl"] == str(jira.base_url).removesuffix("/rest/api/3/")


def changelog(jira: httpx.Client, *keys: str, **more: object) -> Iterator[dict[str, Any]]:
    """The pages of what changed."""
    body: dict[str, object] = {"issueIdsOrKeys": list(keys), **more}
    while True:
        page = jira.post("/changelog/bulkfetch", json=body).json()
        yield page
        if "nextPageToken" not in page:
            return
        body["nextPageToken"] = page["nextPageToken"]


def test_changelog(jira: httpx.Client, agency: Agency) -> None:
    """What an edit changed, with ids and names, by whom and when; two fields changed at once are one history."""
    key = agency.create_issue("WEB", "Mới").key
    agency.clock.advance(timedelta(hours=1))
    agency.edit_issue(key, status="Done", resolution="Done")
    agency.clock.advance(timedelta(hours=1))
    moved = agency.move_issue(key, "SEO")
    (page,) = changelog(jira, moved.key)
    (log,) = page["issueChangeLogs"]
    done, move = log["changeHistories"]
    assert log["issueId"] == str(moved.id)
    assert done["created"] == "2026-11-18T05:30:00.000+0100"
    assert [(one["fieldId"], one["fromString"], one["toString"]) for one in done["items"]] == [
        ("status", "To Do", "Done"),
        ("resolution", None, "Done"),
    ]
    assert (done["items"][0]["from"], done["items"][0]["to"]) == ("10200", "10204")
    assert [(one["field"], one["fromString"], one["toString"]) for one in move["items"]] == [
        ("project", "Website", "SEO & Content"),
        ("Key", key, moved.key),
    ]


def test_changelog_is_cut_between_two_histories_of_an_issue(jira: httpx.Client) -> None:
    """Pages are by time over all issues, so an issue comes on several of them, and each history once."""
    keys = [f"WEB-{number}" for number in range(1, 30)]
    whole = [one["id"] for page in changelog(jira, *keys) for log in page["issueChangeLogs"]
             for one in log["changeHistories"]]  # fmt: skip
    pages = list(changelog(jira, *keys, maxResults=5))
    parts = [one["id"] for page in pages for log in page["issueChangeLogs"] for one in log["changeHistories"]]
    assert len(pages) > 5
    assert sorted(parts) == sorted(whole)
    assert len(set(parts)) == len(parts)
    seen = [log["issueId"] for page in pages for log in page["issueChangeLogs"]]
    assert len(seen) > len(set(seen))


@pytest.mark.parametrize(
    "body",
    [
        {"issueIdsOrKeys": []},
        {"issueIdsOrKeys": ["WEB-1"] * 1001},
        {"issueIdsOrKeys": ["WEB-1"], "maxResults": 10_001},
        {"issueIdsOrKeys": ["WEB-1"], "fieldIds": ["x"] * 11},
        {"issueIdsOrKeys": ["WEB-1"], "startAt": 0},
    ],
)
def test_changelog_limits(jira: httpx.Client, body: dict[str, object]) -> None:
    """A thousand issues, ten thousand changes, ten fields; nothing that Jira does not know."""
    assert jira.post("/changelog/bulkfetch", json=body).status_code == 400


def test_histories_end_in_the_present(agency: Agency) -> None:
    """Every version of an issue is later than the one before; the first is its creation, the last the present one."""
    for issue in agency.issues:
        versions = agency.issue_versions(issue.id)
        times = [one.updated_at for one in versions]
        assert times == sorted(set(times))
        assert versions[-1] == issue
        assert len(versions) == 1 or (times[0], versions[0].status) == (issue.created_at, "To Do")
        finished = [one for one in versions if one.status == issue.status]
        assert finished[0].status_changed_at == issue.status_changed_at


def test_worklog_feeds(jira: httpx.Client, agency: Agency) -> None:
    """Oldest first, after `since`, without the last minute; what was deleted is told of apart."""
    one, two, *_ = agency.worklogs.all
    agency.clock.advance(timedelta(hours=1))
    since = int(agency.clock.now().timestamp() * 1000) - 1
    agency.worklogs.edit(one.id, seconds=60)
    agency.worklogs.delete(two.id)
    agency.clock.advance(timedelta(seconds=59))
    assert jira.get("/worklog/updated", params={"since": since}).json()["values"] == []
    agency.clock.advance(timedelta(seconds=1))
    updated = jira.get("/worklog/updated", params={"since": since}).json()
    deleted = jira.get("/worklog/deleted", params={"since": since}).json()
    assert [value["worklogId"] for value in updated["values"]] == [one.id]
    assert [value["worklogId"] for value in deleted["values"]] == [two.id]
    assert (updated["until"], updated["lastPage"]) == (since + 1, True)
    assert jira.get("/worklog/updated", params={"since": since + 1}).json()["values"] == []
    (shown,) = jira.post("/worklog/list", json={"ids": [one.id, two.id]}).json()
    assert (shown["id"], shown["issueId"], shown["timeSpentSeconds"]) == (str(one.id), str(one.issue_id), 60)


@pytest.mark.parametrize("ids", [["1"], [1, 1], list(range(1001)), None])
def test_worklog_list_limits(jira: httpx.Client, ids: object) -> None:
    """Up to a thousand numbers, each once."""
    assert jira.post("/worklog/list", json={"ids": ids}).status_code == 400


def test_boards_and_sprints(jira: httpx.Client, sandbox: Sandbox) -> None:
    """Scrum boards have sprints; of the others, one says that it has none. A future sprint has no days yet."""
    agile = f"{sandbox.url('jira')}/rest/agile/1.0"
    boards = jira.get(f"{agile}/board", params={"maxResults": 3}).json()
    assert [(one["id"], one["type"]) for one in boards["values"]] == [(1, "scrum"), (2, "scrum"), (3, "simple")]
    assert (boards["isLast"], boards["total"]) == (False, 4)
    sprints = jira.get(f"{agile}/board/1/sprint").json()["values"]
    assert [one["state"] for one in sprints[-3:]] == ["closed", "active", "future"]
    assert "startDate" not in sprints[-1]
    assert "completeDate" not in sprints[-2]
    assert refusal(jira.get(f"{agile}/board/3/sprint")) == (400, "The board does not support sprints")
    assert jira.get(f"{agile}/board/9/sprint").status_code == 404


def test_slas_of_a_request(jira: httpx.Client, sandbox: Sandbox, agency: Agency) -> None:
    """The same in a search and for one request; JQL tells open ones; other issues have null, or nothing in it."""
    key = agency.create_issue("OPS", "Đổi banner").key
    project = agency.create_issue("OPS", "Dự án", issue_type="Project").key
    agency.clock.advance(timedelta(days=1))
    field = "customfield_10071"
    (issue,) = search(jira, f"key = {key}", fields=[field])["issues"]
    metrics = jira.get(f"{sandbox.url('jira')}/rest/servicedeskapi/request/{key}/sla").json()
    assert issue["fields"][field] == metrics["values"][1]
    assert issue["fields"][field]["completedCycles"] == []
    ongoing = issue["fields"][field]["ongoingCycle"]
    assert (ongoing["paused"], ongoing["breached"], ongoing["elapsedTime"]["millis"]) == (False, False, 34_200_000)
    assert (metrics["isLastPage"], metrics["values"][0]["ongoingCycle"]["remainingTime"]["millis"]) == (
        True,
        -19_800_000,
    )
    running = keys(jira, 'project = OPS and "Time to resolution" = running()')
    assert key in running
    assert project not in running
    assert key in keys(jira, "cf[10070] = breached()")
    assert search(jira, f"key = {project}", fields=[field])["issues"][0]["fields"] == {field: {}}
    assert search(jira, "key = WEB-1", fields=[field])["issues"][0]["fields"] == {field: None}


def test_epics_are_told_by_their_level(jira: httpx.Client, agency: Agency) -> None:
    """A parent shows its type with its level: 1 for an epic, 2 for a project above epics."""
    page = search(jira, "parent is not EMPTY", fields=["parent"], maxResults=100)
    assert len(page["issues"]) == 100
    for issue in page["issues"]:
        parent = agency.issue(issue["fields"]["parent"]["key"])
        level = issue["fields"]["parent"]["fields"]["issuetype"]["hierarchyLevel"]
        assert level == {"Epic": 1, "Project": 2}[parent.issue_type]


def test_data_center(agency: Agency) -> None:
    """Its own token, REST v2, offsets with a total; nothing of the cloud's search, levels or account ids."""
    options = Options(of_systems={"jira": JiraOptions(is_data_center=True)})
    with Sandbox(agency, options=options, systems=["jira"]) as sandbox:
        bearer = {"Authorization": f"Bearer {sandbox.variables()['JIRA_PAT']}"}
        with anonymous_client(f"{sandbox.url('jira')}/rest/api/2") as client:
            assert client.get("/myself").status_code == 401
            assert client.get("/myself", auth=("okr-bot@agency.example", "sandbox-jira")).status_code == 401
            client.headers.update(bearer)
            assert client.get("/myself").json()["name"] == "okr-bot"
            assert client.get("/serverInfo").json()["deploymentType"] == "Server"
            assert client.get("/search/jql").status_code == 404
            asked: dict[str, str | int] = {"jql": EVERYTHING, "startAt": 240, "maxResults": 500, "fields": "*all"}
            page = client.get("/search", params={**asked, "expand": "changelog"}).json()
            strict = client.get("/search", params={"jql": "id in (10000, 99999)"})
            lax = client.get("/search", params={"jql": "id in (10000, 99999)", "validateQuery": "false"})
    assert (page["total"], page["startAt"], page["maxResults"], len(page["issues"])) == (250, 240, 100, 10)
    fields = page["issues"][0]["fields"]
    assert "accountId" not in fields["reporter"]
    assert "hierarchyLevel" not in fields["issuetype"]
    assert fields["parent"] is None
    assert isinstance(fields["description"], str)
    assert page["issues"][0]["changelog"]["total"] == len(page["issues"][0]["changelog"]["histories"])
    assert strict.status_code == 400
    assert [one["id"] for one in lax.json()["issues"]] == ["10000"]


@needs_specs
def test_changes_and_lists_are_as_described(jira: httpx.Client, agency: Agency) -> None:
    """These answers of the platform, refusals too, fit Atlassian's description."""
    agency.worklogs.delete(agency.worklogs.all[0].id)
    agency.clock.advance(timedelta(minutes=5))
    ids = [one.id for one in agency.worklogs.all[:3]]
    for answer in (
        jira.post("/changelog/bulkfetch", json={"issueIdsOrKeys": ["WEB-1", "SEO-1"], "maxResults": 2}),
        jira.get("/issue/WEB-1/changelog", params={"startAt": 0, "maxResults": 2}),
        jira.get("/worklog/updated", params={"since": 0}),
        jira.get("/worklog/deleted", params={"since": 0}),
        jira.post("/worklog/list", json={"ids": ids}),
        jira.get("/project/search", params={"status": ["live", "archived"], "expand": "lead"}),
        jira.get("/mypermissions", params={"permissions": "BROWSE_PROJECTS,ADMINISTER"}),
        jira.get("/search/jql", params={"jql": EVERYTHING, "fields": "*all", "maxResults": 100}),
        jira.get("/field"),
    ):
        asked = answer.request
        assert answer.status_code == 200, answer.text
        described().check_request(asked.method, asked.url.path, asked.url.query.decode(), asked.content)
        described().check_response(asked.method, asked.url.path, answer.status_code, answer.content)
