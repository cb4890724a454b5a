"""The connector against the sandbox's Lark: everything is read, nothing is lost, and what it costs."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest

from connectors.lark.settings import OKR_STREAMS
from okr_sync.connector import AccessError, FieldType, IncompleteError, SettingsError, UnavailableError
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import CLIENT_OF, MEMBERS, ZONE
from okr_sync.sandbox.faults import Deed, Fault, meanwhile, rewritten
from okr_sync.sandbox.systems.lark import faults
from okr_sync.sandbox.systems.lark.tables import LEADS_TABLE, SURVEYS_TABLE, record_id
from okr_sync.sandbox.systems.lark.tenant import APP_SECRET, BASE, WIKI_PAGE
from tests.connectors.lark.conftest import NOW, NPS, SEARCH, connected, landed, read, sandbox_of

LEADS = {"leads": {"app": BASE, "table": LEADS_TABLE}}
TOKENS = "/open-apis/auth/v3/tenant_access_token/internal"


def test_first_sync(agency: Agency) -> None:
    """Every answer is read as it was given; 1,200 of them cost 5 requests: token, fields, and three pages of 500."""
    with sandbox_of(agency) as sandbox:
        present = landed(read(sandbox, "nps", streams=NPS))
    assert len(sandbox.requests) == 5
    assert set(present) == {record_id(one.id) for one in agency.surveys.all}
    for number, one in enumerate(agency.surveys.all, start=1):
        fields = present[record_id(one.id)].fields
        assert (fields["diem_nps"], fields["khach_hang"], fields["phan_hoi"]) == (one.score, one.client, one.id)
        assert fields["ngay_tra_loi"] == fields["created_at"] == one.answered_at
        assert fields["updated_at"] == fields["sua_lan_cuoi"] == one.updated_at
        assert (fields["so_thu_tu"], fields["nhan_xet"]) == (str(number), None)
        assert fields["nhom"] == ("Promoter" if one.score >= 9 else "Detractor" if one.score <= 6 else "Passive")


def test_leads() -> None:
    """Deals come with what a Base makes of them: money, people, days, shares, what is left out where it is empty."""
    agency = Agency.grow(7, NOW, issue_count=0, ticket_count=0, survey_count=0).grow_business(7, deal_count=200)
    owners = {one.handle: one.name for one in MEMBERS}
    with sandbox_of(agency) as sandbox, connected(sandbox, streams=LEADS) as (connector, streams):
        present = landed(list(connector.read(streams["leads"], None)))
        types = {one.name: one.type for one in streams["leads"].fields}
    assert types["gia_tri_co_vat"] is FieldType.NUMBER
    assert "gui" not in types
    for deal in agency.deals.all:
        fields = present[record_id(deal.id)].fields
        assert (fields["gia_tri"], fields["giai_doan"], fields["dich_vu"]) == (deal.amount, deal.stage, [deal.service])
        assert (fields["phu_trach"], fields["khach_hang"]) == (owners[deal.owner], CLIENT_OF[deal.client].name)
        assert fields["ban_them"] is deal.is_upsell
        ends_at = fields["het_han"]
        assert (None if ends_at is None else ends_at.astimezone(ZONE).date()) == deal.contract_ends_on  # type: ignore[union-attr]
        assert fields["hop_dong_lien_quan"] is None
        assert (fields["gia_tri_co_vat"] is None) == (deal.amount is None)
    assert {fields.fields["tien_do"] for fields in present.values()} >= {0, 1}


def test_table_in_a_wiki(agency: Agency) -> None:
    """A Base in a wiki is found by its page, for one request more; a page that is none is an error."""
    with sandbox_of(agency) as sandbox:
        assert len(landed(read(sandbox, "nps", streams={"nps": {"wiki": WIKI_PAGE, "table": SURVEYS_TABLE}}))) == 1200
        assert len(sandbox.requests) == 6
        with pytest.raises(SettingsError, match=r"streams\.nps\.wiki: the page 'wikcnDocument' is a docx, not a Base"):
            read(sandbox, "nps", streams={"nps": {"wiki": "wikcnDocument", "table": SURVEYS_TABLE}})


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"app": "bascnOther", "table": SURVEYS_TABLE}, "91402: NOTEXIST: check app in the stream's settings"),
        ({"app": BASE, "table": "tblOther"}, "1254041: TableIdNotFound: check table in the stream's settings"),
        ({"wiki": "wikcnOther", "table": SURVEYS_TABLE}, "131005: not found"),
    ],
)
def test_what_is_not_there(agency: Agency, table: dict[str, str], words: str) -> None:
    """A Base, table or page that is not there is told once, with the setting to look at."""
    with sandbox_of(agency) as sandbox, pytest.raises(SettingsError, match=words):
        read(sandbox, "nps", streams={"nps": table})
    assert len(sandbox.requests) == 2


def test_requests_are_as_documented(agency: Agency) -> None:
    """A search asks for times, in the largest pages, and never for a view, whose filter a colleague may change."""
    with sandbox_of(agency) as sandbox:
        read(sandbox, "nps", streams=NPS)
    searches = [one for one in sandbox.requests if one.path == SEARCH]
    assert [one.query for one in searches] == [
        "page_size=500",
        "page_size=500&page_token=page500",
        "page_size=500&page_token=page1000",
    ]
    assert [json.loads(one.body) for one in searches] == [{"automatic_fields": True}] * 3


@pytest.mark.parametrize(
    "deed",
    [
        faults.too_frequent(status=200),
        faults.too_frequent(status=400),
        faults.too_frequent(status=429, reset=None),
        faults.not_ready(),
        faults.failing(1254290, "TooManyRequest"),
        faults.failing(1254291, "Write conflict"),
        faults.failing(1255040, "Request timed out, please try again later", 504),
    ],
)
def test_passing_troubles(agency: Agency, deed: Deed) -> None:
    """Whatever the HTTP status, a code that passes is waited out: the third try gets the page, nothing is missing."""
    with sandbox_of(agency, Fault(deed, SEARCH, requests=(2, 3))) as sandbox:
        assert len(landed(read(sandbox, "nps", streams=NPS))) == 1200
    assert len(sandbox.requests) == 7


def test_limit_says_how_long(agency: Agency) -> None:
    """The vendor's own header is kept in full: an hour is more than a run waits, and is asked for once."""
    deed = faults.too_frequent(status=400, reset=3600)
    with sandbox_of(agency, Fault(deed, SEARCH)) as sandbox, pytest.raises(UnavailableError) as caught:
        read(sandbox, "nps", streams=NPS)
    assert "99991400: request trigger frequency limit; try again after 2026-10-05 03:00:00 UTC" in str(caught.value)
    assert [one.status for one in sandbox.requests if one.path == SEARCH] == [400]


def test_token_runs_out(agency: Agency) -> None:
    """After two hours the token is no longer taken: a new one is got, and the read goes on where it was."""
    passing = Fault(meanwhile(lambda: agency.clock.advance(timedelta(hours=2))), SEARCH, requests=(1,))
    with sandbox_of(agency, passing) as sandbox:
        assert len(landed(read(sandbox, "nps", streams=NPS))) == 1200
    assert Counter(one.path for one in sandbox.requests)[TOKENS] == 2
    assert [one.status for one in sandbox.requests if one.path == SEARCH] == [200, 400, 200, 200]


def test_token_never_taken(agency: Agency) -> None:
    """A tenant that takes no token is asked twice, and then told of; nobody goes round in circles."""
    with sandbox_of(agency, Fault(faults.expired_token(), SEARCH)) as sandbox, pytest.raises(AccessError) as caught:
        read(sandbox, "nps", streams=NPS)
    assert "credentials refused, 401 Unauthorized: 99991663: Invalid access token" in str(caught.value)
    assert len(sandbox.requests) == 5  # token, fields, search, token, search


@pytest.mark.parametrize(
    ("settings", "words"), [({"app_secret": "wrong"}, "10014: app secret invalid"), ({"app_id": "cli_x"}, "10003")]
)
def test_wrong_credentials(agency: Agency, settings: dict[str, str], words: str) -> None:
    """A wrong app or secret is told once, with what to check."""
    with sandbox_of(agency) as sandbox, pytest.raises(AccessError, match=f"{words}.*; check domain, app_id and"):
        read(sandbox, "nps", streams=NPS, **settings)
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (faults.empty_token(), "more pages follow, but the answer does not say where"),
        (faults.repeated_token(), "the same page token twice"),
        # The third and last reading has three such pages.
        (faults.empty_page(), "0 records came where the answers told of 1200"),
        (faults.fewer_records(), "1197 records came where the answers told of 1200"),
    ],
)
def test_answers_that_are_not_the_whole(agency: Agency, deed: Deed, words: str) -> None:
    """An empty token with more to come, a circle, an empty page, a page that lacks a record: none ends a read well."""
    disturbed = Fault(deed, SEARCH, requests=range(2, 50))
    with sandbox_of(agency, disturbed) as sandbox, pytest.raises(IncompleteError, match=words):
        read(sandbox, "nps", streams=NPS)


def test_json_that_is_not_the_vendors(agency: Agency) -> None:
    """JSON without a code, from a proxy perhaps, is no success and no empty table."""
    deed = rewritten(lambda _, __: {"data": {"items": [], "total": 0, "has_more": False}})
    with (
        sandbox_of(agency, Fault(deed, SEARCH)) as sandbox,
        pytest.raises(UnavailableError, match="JSON without a code"),
    ):
        read(sandbox, "nps", streams=NPS)


def test_empty_token_at_the_end(agency: Agency) -> None:
    """Where all that were told of have come, an empty token that says there are more is the end."""
    with sandbox_of(agency, Fault(faults.empty_token(), SEARCH, requests=(3,))) as sandbox:
        assert len(landed(read(sandbox, "nps", streams=NPS))) == 1200
    assert len(sandbox.requests) == 5


def test_record_goes_while_the_table_is_read(agency: Agency) -> None:
    """Pages go by position, so that a deletion hides another record: the table is read again, and none is missing."""
    first = agency.surveys.all[0].id
    passing = Fault(meanwhile(lambda: agency.surveys.delete(first)), SEARCH, requests=(1,))
    with sandbox_of(agency, passing) as sandbox:
        present = landed(read(sandbox, "nps", streams=NPS))
    assert set(present) >= {record_id(one.id) for one in agency.surveys.all}
    assert len(sandbox.requests) == 2 + 3 + 3


def test_table_that_never_stands_still(agency: Agency) -> None:
    """A table that changes whenever it is read is given up after three readings."""
    ids = iter([one.id for one in agency.surveys.all])
    passing = Fault(meanwhile(lambda: agency.surveys.delete(next(ids))), SEARCH)
    with sandbox_of(agency, passing) as sandbox, pytest.raises(IncompleteError, match="changes while it is read"):
        read(sandbox, "nps", streams=NPS)
    assert len([one for one in sandbox.requests if one.path == SEARCH]) == 9


def test_empty_because_forbidden(agency: Agency) -> None:
    """Advanced permissions answer code 0 and no record: that is a refusal, unless the project believes it."""
    with sandbox_of(agency, is_advanced=True, has_role=False) as sandbox:
        with pytest.raises(AccessError, match=r"no record came, and its Base has advanced permissions.*may_be_empty"):
            read(sandbox, "nps", streams=NPS)
        assert landed(read(sandbox, "nps", streams={"nps": {**NPS["nps"], "may_be_empty": True}})) == {}


def test_empty_indeed() -> None:
    """A table without records in a Base that hides nothing is an empty stream."""
    agency = Agency.grow(7, NOW, issue_count=0, ticket_count=0, survey_count=0)
    with sandbox_of(agency) as sandbox:
        assert [page.records for page in read(sandbox, "nps", streams=NPS)] == [[]]


def test_who_we_are(agency: Agency) -> None:
    """The doctor sees the app by its bot's name, with the scopes that are missing and those beyond reading."""
    okr = {"users": ["ou_ops"]}
    with (
        sandbox_of(agency, scopes=("bitable:app", "base:field:read")) as sandbox,
        connected(sandbox, streams=NPS, okr=okr) as (connector, streams),
    ):
        identity = connector.identity()
        assert [connector.count(streams[name]) for name in ("nps", "okr_cycles")] == [1200, None]
    assert identity.name == "app Số đêm"
    assert identity.missing == ("okr:okr:readonly",)
    assert identity.unneeded == ("bitable:app",)


def test_missing_role_is_seen_by_the_doctor(agency: Agency) -> None:
    """A table that is empty under advanced permissions is a permission that is missing."""
    with (
        sandbox_of(agency, is_advanced=True, has_role=False) as sandbox,
        connected(sandbox, streams=NPS) as (connector, _),
    ):
        (missing,) = connector.identity().missing
    assert missing.startswith("a role in the Base of nps: its Base has advanced permissions")


def test_doctor_may_not_ask(agency: Agency) -> None:
    """An app that may ask neither for its bot nor for its scopes is known by its id, and nothing is claimed of it."""
    faulty = [
        Fault(faults.failing(99991672, "Access denied.", 400), path)
        for path in ("/open-apis/bot", "/open-apis/application")
    ]
    with sandbox_of(agency, *faulty) as sandbox, connected(sandbox, streams=NPS) as (connector, _):
        identity = connector.identity()
    assert (identity.name, identity.missing, identity.unneeded) == ("app cli_a0sandbox0000001", (), ())


def test_scope_that_is_not_granted(agency: Agency) -> None:
    """The scope that the vendor names is in the message, and the number by which its support finds the request."""
    error = {
        "log_id": "20261005AB",
        "permission_violations": [{"type": "action_scope_required", "subject": "base:record:retrieve"}],
    }
    deed = faults.failing(99991672, "Access denied.", 400, error=error)  # type: ignore[arg-type]
    with sandbox_of(agency, Fault(deed, SEARCH)) as sandbox, pytest.raises(AccessError) as caught:
        read(sandbox, "nps", streams=NPS)
    assert "403 Forbidden: 99991672: Access denied.: base:record:retrieve: log id 20261005AB; check" in str(
        caught.value
    )


@pytest.mark.parametrize("code", [1254302, 1254304, 91403, 99991662, 99991673])
def test_refusals(agency: Agency, code: int) -> None:
    """A missing role and an app that is switched off are a person's to mend, even under 200: asked once."""
    with (
        sandbox_of(agency, Fault(faults.failing(code, "no"), SEARCH)) as sandbox,
        pytest.raises(AccessError, match=str(code)),
    ):
        read(sandbox, "nps", streams=NPS)
    assert len(sandbox.requests) == 3


def test_code_that_nobody_knows(agency: Agency) -> None:
    """A code that is not 0 is never a success, known or not."""
    deed = faults.failing(1254999, "Something new")
    with (
        sandbox_of(agency, Fault(deed, SEARCH)) as sandbox,
        pytest.raises(SettingsError, match="1254999: Something new"),
    ):
        read(sandbox, "nps", streams=NPS)


def test_secrets_that_come_back(agency: Agency) -> None:
    """A secret or a token that the vendor repeats is hidden."""
    deed = faults.failing(1254999, f"{APP_SECRET} and t-g1sandbox00000000")
    with sandbox_of(agency, Fault(deed, SEARCH)) as sandbox, pytest.raises(SettingsError) as caught:
        read(sandbox, "nps", streams=NPS)
    assert "1254999: *** and ***" in str(caught.value)


def test_streams_of_okr_are_asked_for(agency: Agency) -> None:
    """The OKR module is paid: without okr in the settings its streams are not there."""
    with sandbox_of(agency) as sandbox, connected(sandbox, streams=NPS) as (_, streams):
        assert set(streams) == {"nps"}
    with sandbox_of(agency) as sandbox, connected(sandbox, okr={"users": ["ou_ops"]}) as (_, streams):
        assert tuple(streams) == OKR_STREAMS
