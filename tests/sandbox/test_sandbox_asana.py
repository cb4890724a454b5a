"""The stand-in for Asana, over real HTTP: fields on request, pages whose place is forgotten, plans, limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.asana.workspace import AsanaOptions
from tests.connectors.asana.description import API, asana, needs_specs
from tests.sandbox.clients import NOW, anonymous_client

WORKSPACE = "1200000000000001"
WEBSITE = "1202000000010001"  # the sandbox's number for a project, and the id of the same one in Jira
ALL_FIELDS = ",".join(
    (
        "name", "resource_subtype", "completed", "completed_at", "created_at", "modified_at", "due_on", "due_at",
        "start_on", "num_subtasks", "assignee.name", "parent.name", "tags.name", "memberships.project.name",
        "memberships.section.name", "custom_fields.name", "custom_fields.type", "custom_fields.display_value",
        "custom_fields.number_value", "custom_fields.enum_value.name", "custom_fields.multi_enum_values.name",
        "custom_fields.text_value", "custom_fields.date_value.date", "custom_fields.people_value.name",
    )
)  # fmt: skip


def serve(agency: Agency, **options: Any) -> Sandbox:
    return Sandbox(agency, options=Options(of_systems={"asana": AsanaOptions(**options)}), systems=["asana"])


def client_of(sandbox: Sandbox) -> httpx.Client:
    client = anonymous_client(f"{sandbox.url('asana')}{API}")
    client.headers["Authorization"] = f"Bearer {sandbox.variables()['ASANA_TOKEN']}"
    return client


@pytest.fixture
def client(agency: Agency) -> Iterator[httpx.Client]:
    with serve(agency.grow_business(3)) as sandbox, client_of(sandbox) as client:
        yield client


def data(client: httpx.Client, path: str, **query: str | int) -> Any:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def pages(client: httpx.Client, path: str, **query: str | int) -> Iterator[list[dict[str, Any]]]:
    while True:
        answer = client.get(path, params=query).json()
        yield answer["data"]
        if answer["next_page"] is None:
            return
        query["offset"] = answer["next_page"]["offset"]


def refusal(client: httpx.Client, path: str, **query: str | int) -> tuple[int, str]:
    answer = client.get(path, params=query)
    return answer.status_code, answer.json()["errors"][0]["message"]


def test_token(agency: Agency) -> None:
    """Only the bot's token opens anything; it says who it is and which workspaces it sees."""
    with serve(agency) as sandbox, client_of(sandbox) as client:
        me = data(client, "/users/me")
        assert (me["name"], me["email"]) == ("OKR bot", "okr-bot@agency.example")
        assert me["workspaces"] == data(client, "/workspaces")
        for header in ("", "Bearer wrong", "Basic wrong"):
            answer = client.get("/users/me", headers={"Authorization": header})
            assert (answer.status_code, answer.json()["errors"][0]["message"]) == (401, "Not Authorized")


def test_short_form_unless_asked(client: httpx.Client) -> None:
    """A list gives ids and names; with `opt_fields` it gives the id and these, and passes over unknown names."""
    short = data(client, "/tasks", project=WEBSITE, limit=1)[0]
    assert set(short) == {"gid", "name", "resource_type", "resource_subtype"}
    asked = data(client, "/tasks", project=WEBSITE, limit=1, opt_fields="completed,assignee.name,memberships,nonsense")[
        0
    ]
    assert set(asked) == {"gid", "completed", "assignee", "memberships"}
    assert set(asked["assignee"] or {"gid": 1, "name": 1}) == {"gid", "name"}
    assert set(data(client, f"/projects/{WEBSITE}")) > {"name", "owner", "current_status", "created_at"}


def test_pages(client: httpx.Client, agency: Agency) -> None:
    """Each task of a project once, by offsets, at most 100 a page; the last page is followed by null."""
    sizes, gids = [], []
    for page in pages(client, "/tasks", project=WEBSITE, limit=100):
        sizes.append(len(page))
        gids += [one["gid"] for one in page]
    web = [one for one in agency.issues if one.project == "WEB"]
    assert sizes == [100, len(web) - 100]
    assert len(set(gids)) == len(gids) == len(web)
    assert "next_page" not in client.get("/tasks", params={"project": WEBSITE}).json()


@pytest.mark.parametrize(("wait", "status"), [(10, 200), (11, 400)])
def test_offset_is_forgotten(client: httpx.Client, agency: Agency, wait: int, status: int) -> None:
    """The place in a list is remembered for ten minutes."""
    query = {"project": WEBSITE, "limit": 10}
    offset = client.get("/tasks", params=query).json()["next_page"]["offset"]
    agency.clock.advance(timedelta(minutes=wait))
    answer = client.get("/tasks", params={**query, "offset": offset})
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["errors"][0]["message"] == "offset: Your pagination token has expired."


def test_offset_belongs_to_its_list(client: httpx.Client) -> None:
    """An offset of another list, or one that Asana never gave, is invalid."""
    offset = client.get("/tasks", params={"project": WEBSITE, "limit": 10}).json()["next_page"]["offset"]
    expected = (400, "offset: Your pagination token is invalid.")
    assert refusal(client, "/tasks", project="1202000000010002", limit=10, offset=offset) == expected
    assert refusal(client, "/tasks", project=WEBSITE, limit=10, offset="nonsense") == expected


def test_long_list_needs_pages() -> None:
    """More than 1,000 tasks are given in pages only."""
    agency = Agency.grow(1, NOW, issue_count=2100, ticket_count=0, survey_count=0)
    with serve(agency) as sandbox, client_of(sandbox) as client:
        status, message = refusal(client, "/tasks", project=WEBSITE)
        assert (status, message.partition(".")[0]) == (400, "The result is too large")
        assert len(data(client, "/tasks", project=WEBSITE, limit=100)) == 100


@pytest.mark.parametrize(
    ("path", "query", "status", "message"),
    [
        ("/tasks", {}, 400, "Must specify exactly one of project, tag, section, user task list, or assignee"),
        ("/tasks", {"project": "12"}, 404, "project: Unknown object: 12"),
        ("/tasks", {"project": "Website"}, 400, "project: Not a recognized ID: Website"),
        ("/tasks", {"project": WEBSITE, "limit": 0}, 400, "limit"),
        ("/tasks", {"project": WEBSITE, "limit": 101}, 400, "limit"),
        ("/tasks", {"project": WEBSITE, "modified_since": "yesterday"}, 400, "modified_since"),
        ("/projects/12", {}, 404, "project: Unknown object: 12"),
        ("/workspaces/12/projects", {}, 404, "workspace: Unknown object: 12"),
        ("/custom_fields/12", {}, 404, "custom_field: Unknown object: 12"),
        ("/portfolios", {}, 400, "workspace: Missing input"),
        ("/portfolios/12/items", {}, 404, "portfolio: Unknown object: 12"),
        ("/nonsense", {}, 404, "No matching route for request"),
    ],
)
def test_refusals(client: httpx.Client, path: str, query: dict[str, Any], status: int, message: str) -> None:
    """What Asana refuses, in its words and with its status."""
    found = refusal(client, path, **query)
    assert found[0] == status
    assert found[1].startswith(message)


def test_modified_since(client: httpx.Client, agency: Agency) -> None:
    """Only what was changed since, to the millisecond and including it."""
    issue = next(one for one in agency.issues if one.project == "WEB")
    agency.clock.advance(timedelta(hours=1))
    changed = agency.edit_issue(issue.key, summary="Khác").updated_at
    for since, count in ((changed, 1), (changed + timedelta(milliseconds=1), 0)):
        asked = since.isoformat().replace("+00:00", "Z")
        assert len(data(client, "/tasks", project=WEBSITE, limit=100, modified_since=asked)) == count


def test_task(client: httpx.Client, agency: Agency) -> None:
    """Worked out by hand: a bug of a client, due at 17:00 of its day in UTC+7, in two projects."""
    issue = agency.create_issue(
        "WEB", "Nút không bấm được", issue_type="Bug", client="Trà Cỏ Bồng", story_points=3.0, labels=("gấp",),
        due_on=datetime(2026, 11, 20, tzinfo=UTC).date(), assignee="dev", reporter="account-a", region="Miền Nam",
    )  # fmt: skip
    agency.edit_issue(issue.key, status="Done", resolution="Done")
    (task,) = data(client, "/tasks", project="1202000000041009", limit=100, modified_since="2026-11-18T03:30:00Z",
                   opt_fields=ALL_FIELDS)  # fmt: skip
    assert (task["name"], task["completed"], task["completed_at"]) == (
        "Nút không bấm được",
        True,
        "2026-11-18T03:30:00.000Z",
    )
    assert (task["due_on"], task["due_at"]) == ("2026-11-20", "2026-11-20T10:00:00.000Z")
    assert (task["assignee"]["name"], task["parent"], task["tags"][0]["name"]) == ("Nhóm lập trình", None, "gấp")
    assert [(one["project"]["name"], one["section"]["name"]) for one in task["memberships"]] == [
        ("Website", "Done"),
        ("Trà Cỏ Bồng", "Đã xong"),
    ]
    values = {one["name"]: one for one in task["custom_fields"]}
    assert values["Khách hàng"]["enum_value"]["name"] == values["Khách hàng"]["display_value"] == "Trà Cỏ Bồng"
    assert values["Điểm công việc"]["number_value"] == 3.0
    assert "number_value" not in values["Khách hàng"]  # a field has the member of its own type alone
    assert [one["name"] for one in values["Nhãn"]["multi_enum_values"]] == ["gấp"]
    assert values["Vùng"]["text_value"] == "Miền Nam"
    assert values["Ngày bàn giao"]["date_value"] == {"date": "2026-11-18"}
    assert [one["name"] for one in values["Người yêu cầu"]["people_value"]] == ["Account team A"]
    assert values["Ưu tiên"]["enum_value"]["name"] == "Medium"


def test_project_and_its_fields(client: httpx.Client, agency: Agency) -> None:
    """A client's project is due with its last contract, and worth its won deals; a field of Website is not shared."""
    (tea,) = [
        one
        for one in data(client, f"/workspaces/{WORKSPACE}/projects", limit=100,
                        opt_fields="name,due_on,custom_fields.number_value")
        if one["name"] == "Trà Cỏ Bồng"
    ]  # fmt: skip
    deals = [one for one in agency.deals.all if one.client == "tra_co_bong"]
    assert tea["due_on"] == str(max(one.contract_ends_on for one in deals if one.contract_ends_on))
    won = sum(one.amount or 0 for one in deals if one.stage == "won")
    assert [one["number_value"] for one in tea["custom_fields"] if "number_value" in one] == [won]
    shared = {one["name"] for one in data(client, f"/workspaces/{WORKSPACE}/custom_fields", limit=100)}
    assert "Ưu tiên" not in shared
    assert data(client, "/custom_fields/1206000000000008")["name"] == "Ưu tiên"


def test_free_workspace(agency: Agency) -> None:
    """Without a paid plan there are no goals, portfolios or custom fields: 402, and why."""
    with serve(agency, is_paid=False) as sandbox, client_of(sandbox) as client:
        for path in ("/goals", "/portfolios", f"/workspaces/{WORKSPACE}/custom_fields"):
            status, message = refusal(client, path, workspace=WORKSPACE)
            assert (status, message.partition(" are ")[2]) == (402, "not available for free users.")
        assert data(client, "/tasks", project=WEBSITE, limit=1)


def test_requests_per_minute(agency: Agency) -> None:
    """The eleventh request within a minute is refused until the first one is a minute old."""
    with serve(agency, requests_per_minute=10) as sandbox, client_of(sandbox) as client:
        for _ in range(10):
            data(client, "/workspaces")
            agency.clock.advance(timedelta(seconds=2))
        refused = client.get("/workspaces")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "40")  # 20 of 60 seconds have passed
        agency.clock.advance(timedelta(seconds=40))
        data(client, "/workspaces")


OF_PROJECTS = (
    "name,archived,completed,completed_at,created_at,modified_at,due_on,start_on,current_status.color,team.name"
)
OF_GOALS = (
    "name,owner.name,status,team.name,is_workspace_level,due_on,start_on,time_period.display_name,time_period.period,"
    "time_period.start_on,time_period.end_on,metric.unit,metric.precision,metric.currency_code,metric.progress_source,"
    "metric.initial_number_value,metric.current_number_value,metric.target_number_value,metric.resource_subtype"
)


@needs_specs
@pytest.mark.parametrize(
    ("path", "scope", "schema", "wishes"),
    [
        ("/workspaces", {}, "WorkspaceResponse", "name"),
        (f"/workspaces/{WORKSPACE}/projects", {}, "ProjectResponse", OF_PROJECTS),
        (f"/workspaces/{WORKSPACE}/custom_fields", {}, "CustomFieldResponse", "name,type,resource_subtype"),
        ("/tasks", {"project": WEBSITE}, "TaskResponse", ALL_FIELDS),
        ("/portfolios", {"workspace": WORKSPACE}, "PortfolioResponse", "name,archived,created_at,due_on,owner.name"),
        ("/portfolios/1208000000000001/items", {}, "ProjectCompact", "name"),
        ("/goals", {"workspace": WORKSPACE}, "GoalResponse", OF_GOALS),
    ],
)
def test_lists_are_as_described(
    client: httpx.Client, path: str, scope: dict[str, str], schema: str, wishes: str
) -> None:
    """Lists, their refusals, and each object with its fields fit Asana's own description."""
    check(client.get(path, params={**scope, "limit": 1000}))  # refused
    answer = client.get(path, params={**scope, "limit": 100, "opt_fields": wishes})
    check(answer)
    for one in answer.json()["data"]:
        assert set(one) == {"gid"} | {wish.partition(".")[0] for wish in wishes.split(",")}
        asana().check(schema, one)


@needs_specs
@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/users/me", "UserResponse"),
        (f"/projects/{WEBSITE}", "ProjectResponse"),
        ("/custom_fields/1206000000000008", "CustomFieldResponse"),
    ],
)
def test_objects_are_as_described(client: httpx.Client, path: str, schema: str) -> None:
    """Objects asked for by id, which are whole unasked, fit it too."""
    check(client.get(path))
    asana().check(schema, data(client, path))


@needs_specs
@pytest.mark.parametrize(
    "wrong",
    [
        {"completed": "yes"},
        {"gid": 1},
        {"assignee": {"gid": 1}},
        {"memberships": {}},
        {"custom_fields": [{"gid": "1", "number_value": "3"}]},
        {"name": None},
    ],
)
def test_wrong_objects_are_noticed(wrong: dict[str, Any]) -> None:
    """The check is worth something: it refuses a text for a boolean, a number for an id, a null for a name."""
    with pytest.raises(AssertionError):
        asana().check("TaskResponse", wrong)


@needs_specs
@pytest.mark.parametrize("query", ["modified_after=2026-01-01", "limit=101", "opt_fields=modfied_at"])
def test_wrong_requests_are_noticed(query: str) -> None:
    """A parameter or a field that Asana does not know, or a page that is too large, is refused by the check."""
    with pytest.raises(AssertionError):
        asana().check_request("GET", "/tasks", f"project=1&{query}")


def check(answer: httpx.Response) -> None:
    asked = answer.request
    path = asked.url.path.removeprefix(API)
    if answer.status_code == 200:
        asana().check_request(asked.method, path, asked.url.query.decode(), asked.content)
    asana().check_response(asked.method, path, answer.status_code, answer.content)
