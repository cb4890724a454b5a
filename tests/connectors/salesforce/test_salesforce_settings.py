"""What a project may write, and how the source signs in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.values import READERS
from okr_sync.connector import AccessError, FieldType, SettingsError, UnavailableError
from okr_sync.sandbox import Agency
from okr_sync.sandbox.faults import Fault, web_page
from tests.connectors.salesforce.conftest import connected, connector, org
from tests.loopback import Answer, Asked, Loopback, loopback

TOKEN = {"access_token": "t0ken", "id": "https://login.salesforce.com/id/00D/005000000000001"}


def settings(**written: Any) -> SalesforceSettings:
    usual = {"connector": "salesforce", "domain": "agency", "client_id": "id", "client_secret": "secret"}
    return SalesforceSettings.model_validate({**usual, **written})


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as one:
        yield one


def scripted(server: Loopback, token: Answer, described: Answer) -> dict[str, str]:
    def respond(asked: Asked) -> Answer:
        return token if asked.path.endswith("/token") else described

    server.respond = respond
    return {"SF_URL": server.url, "SF_CLIENT_ID": "id", "SF_CLIENT_SECRET": "s3cret/+"}


@pytest.mark.parametrize("domain", ["agency", "agency.my.salesforce.com"])
def test_address_of_a_domain(domain: str) -> None:
    """My Domain is written as its name or as its host; a sandbox of it has a second part."""
    assert settings(domain=domain).checked_url("crm") == "https://agency.my.salesforce.com"
    assert settings(domain="agency--uat.sandbox").base_url == "https://agency--uat.sandbox.my.salesforce.com"


@pytest.mark.parametrize("domain", ["https://agency", "agency/x", "", "a b", "evil.example/?"])
def test_address_that_is_none(domain: str) -> None:
    """Nothing is sent to what is no domain."""
    with pytest.raises(SettingsError, match="is not one; write agency for"):
        settings(domain=domain).checked_url("crm")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"url": "https://x.example"}, "exactly one of domain"),
        ({"domain": None}, "exactly one of domain"),
        ({"api_version": "v66"}, "api_version"),
        ({"streams": {"oportunities": {}}}, "streams.oportunities: .*did you mean 'opportunities'"),
        ({"streams": {"leads": {"object": "Lead"}}}, "it reads Lead; leave object out"),
        ({"streams": {"leads": {"fields": {"status": "Status"}}}}, "streams.leads: fields: status: .* already"),
        ({"streams": {"leads": {"fields": {"x": "Id FROM Lead"}}}}, "String should match pattern"),
        ({"streams": {"leads": {"leave_out": ["stauts"]}}}, "no field 'stauts'.*did you mean 'status'"),
        ({"streams": {"leads": {"leave_out": ["id"]}}}, "no field 'id' to leave out"),
        ({"streams": {"rooms": {"object": "Room__c", "fields": {"id": "Name"}}}}, "fields: id: .* already"),
        ({"streams": {"rooms": {"object": "Room__c", "leave_out": ["x"]}}}, "leave_out is for standard streams"),
        ({"streams": {"rooms": {"object": "Room__c; DROP"}}}, "String should match pattern"),
    ],
)
def test_settings_that_do_not_fit(written: dict[str, Any], words: str) -> None:
    """What can be told without Salesforce is told when the project is read."""
    with pytest.raises(ValidationError, match=words):
        settings(**written)


def test_field_that_takes_a_left_out_name() -> None:
    """The name of a field that is left out is free for another."""
    stream = {"leave_out": ["status"], "fields": {"status": "Other_Status__c"}}
    assert settings(streams={"leads": stream}).streams["leads"].fields == {"status": "Other_Status__c"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"client_id": "3MVG-wrong"},
            "invalid_client_id: client identifier invalid; credentials refused; check domain",
        ),
        ({"client_secret": "wrong"}, "invalid_client: invalid client credentials; credentials refused; check domain"),
    ],
)
def test_wrong_credentials(agency: Agency, changed: dict[str, str], words: str) -> None:
    """Wrong credentials are told in Salesforce's words, which come in another form than its other errors, and once."""
    with org(agency) as sandbox, pytest.raises(AccessError, match=words), connected(sandbox, **changed):
        pass
    assert len(sandbox.requests) == 1


def test_how_it_signs_in(server: Loopback) -> None:
    """The secret goes into the form of the token's request, and the token into every other."""
    variables = scripted(server, Answer(TOKEN), Answer({"results": [{"statusCode": 404, "result": []}] * 7}))
    with connector(variables) as one:
        one.connect()
    sign_in, describe = server.asked
    assert sign_in.body == b"grant_type=client_credentials&client_id=id&client_secret=s3cret%2F%2B"
    assert "authorization" not in sign_in.headers
    assert describe.headers["authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(
    ("token", "described", "kind", "words"),
    [
        (Answer({"id": "x"}), Answer({}), AccessError, "signed in without a token"),
        (Answer({"error": "x"}, 401), Answer({}), AccessError, "credentials refused"),
        (Answer(TOKEN), Answer({"results": []}), UnavailableError, "7 objects were asked for, 0 described"),
        (
            Answer(TOKEN),
            Answer({"results": [{"statusCode": 500, "result": [{"message": "an internal error"}]}] * 7}),
            UnavailableError,
            "did not describe Account: 500 an internal error",
        ),
    ],
)
def test_odd_answers(server: Loopback, token: Answer, described: Answer, kind: type[Exception], words: str) -> None:
    """A sign-in without a token, and half a description, are told for what they are."""
    with connector(scripted(server, token, described)) as one, pytest.raises(kind, match=words):
        one.connect()


def test_log_in_page(agency: Agency) -> None:
    """A page for people is no token."""
    with org(agency, Fault(web_page())) as sandbox, pytest.raises(UnavailableError, match="text/html"):
        connector(sandbox.variables()).connect()


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (FieldType.BOOLEAN, "false", False),
        (FieldType.BOOLEAN, True, True),
        (FieldType.NUMBER, "1.2E8", 120_000_000),
        (FieldType.NUMBER, 0, 0),
        (FieldType.NUMBER, "-3.5", -3.5),
        (FieldType.INTEGER, "12", 12),
        (FieldType.DATE, "2026-10-05", date(2026, 10, 5)),
        (FieldType.LIST, "web;seo", ["web", "seo"]),
        (FieldType.TEXT, True, "true"),
        (FieldType.TEXT, 0.5, "0.5"),
        (FieldType.TEXT, "", None),
    ],
)
def test_values(kind: FieldType, raw: Any, expected: Any) -> None:
    """Texts of a CSV and values of JSON are the same; an empty text is no value."""
    assert READERS[kind](raw) == expected


@pytest.mark.parametrize(("kind", "raw"), [(FieldType.BOOLEAN, "yes"), (FieldType.NUMBER, "likely")])
def test_values_that_are_none(kind: FieldType, raw: Any) -> None:
    """What cannot be read is not guessed."""
    with pytest.raises(ValueError, match=r"neither|could not"):
        READERS[kind](raw)
