"""The stand-in for Salesforce, over real HTTP: SOQL, batches, bulk jobs, sessions and limits.

There is no official description of the API. Shapes and texts are those of the public REST, SOQL and Bulk API 2.0
guides; ids with their checks are examples from these.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from okr_sync.sandbox import Agency, Sandbox
from okr_sync.sandbox.catalog import CLIENT_OF
from okr_sync.sandbox.server import Options
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id, with_checks
from okr_sync.sandbox.systems.salesforce.org import SalesforceOptions
from okr_sync.sandbox.systems.salesforce.soql import SoqlError, parse
from tests.sandbox.clients import NOW, anonymous_client

API = "/services/data/v66.0"
JSON = dict[str, Any]


@pytest.fixture
def agency() -> Agency:
    grown = Agency.grow(3, NOW, issue_count=0, ticket_count=30, survey_count=0)
    return grown.grow_business(3, deal_count=40, visit_count=0, listing_count=0, outage_count=0)


@pytest.fixture
def options() -> SalesforceOptions:
    return SalesforceOptions(batch_cap=15, part_cap=15)


@pytest.fixture
def sandbox(agency: Agency, options: SalesforceOptions) -> Iterator[Sandbox]:
    with Sandbox(agency, options=Options(of_systems={"salesforce": options}), systems=["salesforce"]) as sandbox:
        yield sandbox


@pytest.fixture
def salesforce(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with anonymous_client(sandbox.url("salesforce")) as client:
        sign_in(client, sandbox)
        yield client


def sign_in(client: httpx.Client, sandbox: Sandbox, **changed: str) -> httpx.Response:
    variables = sandbox.variables()
    form = {
        "grant_type": "client_credentials",
        "client_id": variables["SF_CLIENT_ID"],
        "client_secret": variables["SF_CLIENT_SECRET"],
    }
    answer = client.post("/services/oauth2/token", data=form | changed)
    if answer.is_success:
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return answer


def ask(salesforce: httpx.Client, soql: str, resource: str = "query") -> JSON:
    answer = salesforce.get(f"{API}/{resource}", params={"q": soql})
    assert answer.status_code == 200, answer.text
    content: JSON = answer.json()
    return content


def ids(content: JSON) -> list[str]:
    return [record["Id"] for record in content["records"]]


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and code: errors are a list, also where there is only one."""
    (error,) = answer.json()
    assert set(error) == {"message", "errorCode"}
    return answer.status_code, error["errorCode"]


@pytest.mark.parametrize("example", ["001D000000K0fXOIAZ", "005R0000000UyrWIAS", "01gD0000002HU6KIAW"])
def test_ids_have_their_checks(example: str) -> None:
    """The last three characters of an id tell capitals from small letters, as in the vendor's examples."""
    assert with_checks(example[:15]) == example


def test_ids_are_in_the_order_of_their_numbers() -> None:
    """A later record has a greater id, by the order of its characters."""
    made = [salesforce_id("Opportunity", number) for number in (0, 9, 10, 35, 36, 61, 62, 70_001)]
    assert made == sorted(made)
    assert {one[:3] for one in made} == {"006"}


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_id": "other"}, "invalid_client_id"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_refused_sign_in(sandbox: Sandbox, changed: dict[str, str], error: str) -> None:
    """Errors of the token are an object with `error` and `error_description`, with status 400."""
    with anonymous_client(sandbox.url("salesforce")) as client:
        answer = sign_in(client, sandbox, **changed)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert set(answer.json()) == {"error", "error_description"}


def test_token(sandbox: Sandbox) -> None:
    """A token says whose it is, and not when it ends."""
    with anonymous_client(sandbox.url("salesforce")) as client:
        content = sign_in(client, sandbox).json()
    assert set(content) == {"access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at"}
    assert content["id"].rpartition("/")[2].startswith("005")


def test_session_ends(salesforce: httpx.Client, agency: Agency, sandbox: Sandbox) -> None:
    """A token is taken for two hours, then refused with its code; a new one is taken. Others never are."""
    agency.clock.advance(timedelta(minutes=119))
    assert salesforce.get(f"{API}/limits").status_code == 200
    agency.clock.advance(timedelta(minutes=1))
    assert refused(salesforce.get(f"{API}/limits")) == (401, "INVALID_SESSION_ID")
    sign_in(salesforce, sandbox)
    assert salesforce.get(f"{API}/limits").status_code == 200
    salesforce.headers["Authorization"] = "Bearer other"
    assert refused(salesforce.get(f"{API}/limits")) == (401, "INVALID_SESSION_ID")


def test_batches(salesforce: httpx.Client, agency: Agency) -> None:
    """Every record once, in batches; the next address is on the same host and the last batch has none."""
    first = ask(salesforce, "SELECT Id FROM Opportunity ORDER BY SystemModstamp, Id")
    second = salesforce.get(first["nextRecordsUrl"]).json()
    third = salesforce.get(second["nextRecordsUrl"]).json()
    assert [(one["totalSize"], one["done"], len(one["records"])) for one in (first, second, third)] == [
        (40, False, 15),
        (40, False, 15),
        (40, True, 10),
    ]
    assert "nextRecordsUrl" not in third
    expected = sorted(agency.deals.all, key=lambda deal: (deal.updated_at.replace(microsecond=0), deal.id))
    assert ids(first) + ids(second) + ids(third) == [salesforce_id("Opportunity", deal.id) for deal in expected]


def test_only_ten_queries_are_kept(salesforce: httpx.Client) -> None:
    """The eleventh query that is not read to its end makes Salesforce forget the first."""
    urls = [ask(salesforce, "SELECT Id FROM Opportunity")["nextRecordsUrl"] for _ in range(11)]
    assert refused(salesforce.get(urls[0])) == (400, "INVALID_QUERY_LOCATOR")
    assert salesforce.get(urls[1]).status_code == 200


def test_record(salesforce: httpx.Client, agency: Agency) -> None:
    """A record has its type and address, times with four digits of offset, null for what is missing, and its parent."""
    deal = next(one for one in agency.deals.all if one.stage == "lead" or one.amount is None)
    soql = f"SELECT Id, Amount, CreatedDate, Account.Name FROM Opportunity WHERE Name = '{deal.name.upper()}'"
    found = {one["Id"]: one for one in ask(salesforce, soql)["records"]}
    record = found[salesforce_id("Opportunity", deal.id)]
    account_id = salesforce_id("Account", CLIENT_OF[deal.client].organization_id)
    assert record == {
        "attributes": {"type": "Opportunity", "url": f"{API}/sobjects/Opportunity/{record['Id']}"},
        "Id": record["Id"],
        "Amount": None,
        "CreatedDate": f"{deal.created_at:%Y-%m-%dT%H:%M:%S}.000+0000",
        "Account": {
            "attributes": {"type": "Account", "url": f"{API}/sobjects/Account/{account_id}"},
            "Name": deal.name.partition(" – ")[2],
        },
    }


def test_parent_that_is_not_there(salesforce: httpx.Client) -> None:
    """A record without a parent has null in its place; a parent without a value has null inside."""
    no_parent = ask(salesforce, "SELECT Id, Parent.Name FROM Account LIMIT 1")["records"][0]
    no_value = ask(salesforce, "SELECT Id, Account.Industry FROM Opportunity WHERE Account.Industry = null LIMIT 1")
    assert no_parent["Parent"] is None
    assert no_value["records"][0]["Account"]["Industry"] is None


def test_deleted_records(salesforce: httpx.Client, agency: Agency) -> None:
    """`query` does not show what is in the recycle bin; `queryAll` does, with the time of its deletion."""
    deal = agency.deals.all[0]
    agency.clock.advance(timedelta(hours=1))
    agency.deals.delete(deal.id)
    assert ask(salesforce, "SELECT COUNT() FROM Opportunity") == {"totalSize": 39, "done": True, "records": []}
    soql = "SELECT Id, SystemModstamp FROM Opportunity WHERE IsDeleted = true"
    (gone,) = ask(salesforce, soql, "queryAll")["records"]
    assert (gone["Id"], gone["SystemModstamp"]) == (
        salesforce_id("Opportunity", deal.id),
        "2026-11-18T04:30:00.000+0000",
    )
    assert ask(salesforce, soql)["records"] == []


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("IsWon = true", lambda deal: deal.stage == "won"),
        ("StageName IN ('closed won', 'Closed Lost')", lambda deal: deal.stage in ("won", "lost")),
        ("StageName NOT IN ('Closed Won', 'Closed Lost')", lambda deal: deal.stage not in ("won", "lost")),
        ("NOT StageName = 'Closed Won'", lambda deal: deal.stage != "won"),
        ("StageName LIKE 'closed%'", lambda deal: deal.stage in ("won", "lost")),
        ("Amount = null", lambda deal: deal.amount is None),
        ("Amount != null AND Amount >= 100000000", lambda deal: (deal.amount or 0) >= 100_000_000),
        ("Amount != 60000000", lambda deal: deal.amount != 60_000_000),
        ("Amount < 1", lambda _: False),
        ("(IsWon = true OR IsClosed = false) AND Type = 'New Business'",
         lambda deal: deal.stage != "lost" and deal.pipeline == "new"),
        ("SystemModstamp >= 2026-10-01T07:00:00+07:00", lambda deal: deal.updated_at.isoformat() >= "2026-10-01"),
        ("CloseDate < 2026-10-01 AND IsClosed = true",
         lambda deal: deal.closed_at is not None and deal.closed_at.date().isoformat() < "2026-10-01"),
        ("Account.Client_Tag__c = 'tra_co_bong'", lambda deal: deal.client == "tra_co_bong"),
    ],
)  # fmt: skip
def test_conditions(agency: Agency, condition: str, wanted: Any) -> None:
    """A condition finds what it says; a missing value is less and more than nothing, and differs from every value."""
    with Sandbox(agency, systems=["salesforce"]) as sandbox, anonymous_client(sandbox.url("salesforce")) as client:
        sign_in(client, sandbox)
        found = ask(client, f"SELECT Id FROM Opportunity WHERE {condition}")
    assert set(ids(found)) == {salesforce_id("Opportunity", deal.id) for deal in agency.deals.all if wanted(deal)}


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id FROM Opportunity WHERE IsWon = true AND IsClosed = true OR IsWon = false", "MALFORMED_QUERY"),
        ("SELECT Id, Id FROM Opportunity", "MALFORMED_QUERY"),
        ("SELECT FROM Opportunity", "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity WHERE Name = \"x\"", "MALFORMED_QUERY"),
        ("SELECT Id FROM Opportunity LIMIT x", "MALFORMED_QUERY"),
        ("SELECT Nothing FROM Opportunity", "INVALID_FIELD"),
        ("SELECT Owners.Name FROM Opportunity", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE SystemModstamp > '2026-01-01T00:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE SystemModstamp > 2026-01-01", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE Amount > null", "INVALID_FIELD"),
        ("SELECT Id FROM OpportunityFieldHistory WHERE NewValue = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunities", "INVALID_TYPE"),
        ("", "MALFORMED_QUERY"),
    ],
)  # fmt: skip
def test_refused_queries(salesforce: httpx.Client, soql: str, code: str) -> None:
    """A query that Salesforce does not take has status 400 and says which kind of mistake it is."""
    assert refused(salesforce.get(f"{API}/query", params={"q": soql})) == (400, code)


def test_plus_sign_in_an_address(salesforce: httpx.Client) -> None:
    """A plus sign that is not encoded is a space: an offset written so is no time."""
    url = f"{API}/query?q=SELECT+Id+FROM+Lead+WHERE+SystemModstamp+%3E+2026-01-01T00:00:00+00:00"
    assert refused(salesforce.get(url)) == (400, "MALFORMED_QUERY")


def test_quotes_in_texts() -> None:
    """A quote inside a text is written behind a backslash."""
    condition = parse(r"SELECT Id FROM Lead WHERE Company = 'O\'Hara'").condition
    assert getattr(condition, "values")[0].value == "O'Hara"  # noqa: B009 - of one of three kinds
    with pytest.raises(SoqlError):
        parse("SELECT Id FROM Lead WHERE Company = 'O'Hara'")


def test_describe(salesforce: httpx.Client) -> None:
    """An object lists its fields with types and where its relationships lead; a batch describes several at once."""
    described = salesforce.get(f"{API}/sobjects/opportunity/describe").json()
    fields = {one["name"]: one for one in described["fields"]}
    assert described["name"] == "Opportunity"
    assert (fields["Amount"]["type"], fields["Service__c"]["type"]) == ("currency", "multipicklist")
    assert (fields["AccountId"]["relationshipName"], fields["AccountId"]["referenceTo"]) == ("Account", ["Account"])
    assert fields["Days_To_Contract_End__c"]["calculated"] is True
    body = [{"method": "GET", "url": f"v66.0/sobjects/{name}/describe"} for name in ("Lead", "Room__c")]
    batch = salesforce.post(f"{API}/composite/batch", json={"batchRequests": body}).json()
    assert batch["hasErrors"] is True
    assert [one["statusCode"] for one in batch["results"]] == [200, 404]
    assert batch["results"][0]["result"]["name"] == "Lead"
    assert batch["results"][1]["result"][0]["errorCode"] == "NOT_FOUND"
    assert refused(salesforce.post(f"{API}/composite/batch", json={"batchRequests": body * 13}))[0] == 400


@pytest.mark.parametrize("options", [SalesforceOptions(hidden=frozenset({"Lead", "Opportunity.Amount"}))])
def test_what_the_account_may_not_see(salesforce: httpx.Client) -> None:
    """What is hidden is not described, and a query that names it is refused as if it did not exist."""
    described = salesforce.get(f"{API}/sobjects/Opportunity/describe").json()
    assert "Amount" not in {one["name"] for one in described["fields"]}
    assert refused(salesforce.get(f"{API}/sobjects/Lead/describe")) == (404, "NOT_FOUND")
    for soql, code in (("SELECT Amount FROM Opportunity", "INVALID_FIELD"), ("SELECT Id FROM Lead", "INVALID_TYPE")):
        assert refused(salesforce.get(f"{API}/query", params={"q": soql})) == (400, code)


@pytest.mark.parametrize("options", [SalesforceOptions(daily_requests=3)])
def test_daily_requests(salesforce: httpx.Client, agency: Agency) -> None:
    """Every answer says how many requests were used; one too many is refused without a word about when to come back."""
    used = [salesforce.get(f"{API}/limits").headers["Sforce-Limit-Info"] for _ in range(3)]
    assert used == ["api-usage=1/3", "api-usage=2/3", "api-usage=3/3"]
    answer = salesforce.get(f"{API}/limits")
    assert refused(answer) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert "retry-after" not in answer.headers


def test_job(salesforce: httpx.Client, agency: Agency) -> None:
    """A job is told, runs, is done, and gives CSV part by part: every value quoted, the end is the text null."""
    agency.deals.delete(agency.deals.all[0].id)
    body = {
        "operation": "queryAll",
        "query": "SELECT Id, IsDeleted, Amount, CreatedDate, Account.Name FROM Opportunity",
    }
    job = salesforce.post(f"{API}/jobs/query", json=body).json()
    assert (job["state"], job["object"], job["apiVersion"]) == ("UploadComplete", "Opportunity", 66.0)
    url = f"{API}/jobs/query/{job['id']}"
    assert refused(salesforce.get(f"{url}/results")) == (400, "INVALIDJOBSTATE")
    states = [salesforce.get(url).json() for _ in range(2)]
    assert [one["state"] for one in states] == ["InProgress", "JobComplete"]
    assert states[1]["numberRecordsProcessed"] == 40
    first = salesforce.get(f"{url}/results")
    assert (first.headers["Sforce-NumberOfRecords"], first.headers["Sforce-Locator"]) == ("15", "MTU")
    second = salesforce.get(f"{url}/results", params={"locator": "MTU"})
    third = salesforce.get(f"{url}/results", params={"locator": second.headers["Sforce-Locator"]})
    assert (third.headers["Sforce-NumberOfRecords"], third.headers["Sforce-Locator"]) == ("10", "null")
    assert {one.text.partition("\n")[0] for one in (first, second, third)} == {
        '"Id","IsDeleted","Amount","CreatedDate","Account.Name"'
    }
    rows = [row for one in (first, second, third) for row in csv.DictReader(io.StringIO(one.text))]
    assert [row["IsDeleted"] for row in rows].count("true") == 1
    assert {row["Id"] for row in rows if not row["Amount"]} == {
        salesforce_id("Opportunity", deal.id)
        for deal in (*agency.deals.all, *(gone.record for gone in agency.deals.gone.values()))
        if deal.amount is None
    }
    assert rows[0]["CreatedDate"].endswith(".000Z")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"operation": "query"}, "INVALIDJOB"),
        ({"operation": "delete", "query": "SELECT Id FROM Lead"}, "INVALIDJOB"),
        ({"operation": "query", "query": "SELECT Id FROM Lead", "object": "Lead"}, "INVALIDJOB"),
        ({"operation": "query", "query": "SELECT COUNT() FROM Lead"}, "API_ERROR"),
        ({"operation": "query", "query": "SELECT Nothing FROM Lead"}, "INVALID_FIELD"),
    ],
)
def test_refused_jobs(salesforce: httpx.Client, body: JSON, code: str) -> None:
    """A job that cannot run is refused when it is made."""
    assert refused(salesforce.post(f"{API}/jobs/query", json=body)) == (400, code)


def test_jobs_are_kept_for_a_week(salesforce: httpx.Client, agency: Agency, sandbox: Sandbox) -> None:
    """After seven days a job is gone."""
    body = {"operation": "query", "query": "SELECT Id FROM Lead"}
    url = f"{API}/jobs/query/{salesforce.post(f'{API}/jobs/query', json=body).json()['id']}"
    agency.clock.advance(timedelta(days=7))
    sign_in(salesforce, sandbox)
    assert salesforce.get(url).status_code == 200
    agency.clock.advance(timedelta(seconds=1))
    assert refused(salesforce.get(url)) == (404, "NOT_FOUND")


def test_violated_without_a_change(salesforce: httpx.Client, agency: Agency, sandbox: Sandbox) -> None:
    """A milestone is violated once its target has passed, and nothing else of it changes."""
    ticket = agency.create_ticket("Chậm quá")
    milestone = salesforce_id("CaseMilestone", ticket.id * 2)
    soql = f"SELECT IsViolated, SystemModstamp, LastModifiedDate FROM CaseMilestone WHERE Id = '{milestone}'"
    (before,) = ask(salesforce, soql)["records"]
    agency.clock.advance(timedelta(minutes=118))
    assert ask(salesforce, soql)["records"] == [before | {"IsViolated": False}]
    sign_in(salesforce, sandbox)
    agency.clock.advance(timedelta(minutes=3))
    assert ask(salesforce, soql)["records"] == [before | {"IsViolated": True}]


@pytest.mark.parametrize("version", ["v46.0", "v69.0", "66.0", "v66"])
def test_versions(salesforce: httpx.Client, version: str) -> None:
    """The API has versions; others are not found."""
    assert refused(salesforce.get(f"/services/data/{version}/limits")) == (404, "NOT_FOUND")
