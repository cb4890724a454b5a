"""Reading issues: which search is asked for, which pages are whole, and from where the next read goes on."""

from __future__ import annotations

import pytest

from okr_sync.connector import (
    AccessError,
    IncompleteError,
    Page,
    SettingsError,
    SourceError,
    UnavailableError,
)
from tests.connectors.jira.conftest import EMAIL, SERVER_NOW_MS, SITE_FIELDS, TOKEN, Site, found, issue
from tests.loopback import Answer, Asked

LAG_MS, OVERLAP_MS = 5 * 60_000, 10 * 60_000
ORDER = " ORDER BY created ASC, key ASC"


def keys(pages: list[Page]) -> list[list[str]]:
    return [[str(one.fields["key"]) for one in page.records] for page in pages]


def test_first_read_takes_everything(site: Site) -> None:
    """Without a checkpoint every issue is read, by a search that has a bound as Jira demands."""
    site.pages = [found(issue(1), issue(2))]
    pages = site.read()
    assert keys(pages) == [["WEB-1", "WEB-2"]]
    assert site.searches[0].one("jql") == "updated >= 0" + ORDER
    assert pages[0].checkpoint == {"since_ms": SERVER_NOW_MS - LAG_MS}
    assert pages[0].expected_count == 42


def test_next_read_overlaps(site: Site) -> None:
    """The next search begins ten minutes before the end of the last one, in milliseconds: no zone can shift it."""
    site.pages = [found()]
    pages = site.read({"since_ms": 1_790_000_000_000}, select='project = "WEB"')
    assert site.searches[0].one("jql") == f'(project = "WEB") AND updated >= {1_790_000_000_000 - OVERLAP_MS}' + ORDER
    assert keys(pages) == [[]]
    assert pages[-1].checkpoint == {"since_ms": SERVER_NOW_MS - LAG_MS}
    assert pages[-1].expected_count is None


def test_requests_of_a_night_with_nothing_new(site: Site) -> None:
    """A sync with nothing new costs two requests: who am I, and one search."""
    site.pages = [found()]
    with site.connector() as connector:
        list(connector.read(connector.connect()[0], {"since_ms": 1}))
        assert connector.request_count == 2
    assert site.server.paths() == ["/rest/api/3/myself", "/rest/api/3/search/jql"]


def test_search_has_no_other_parameters(site: Site) -> None:
    """The package adds nothing of its own: ids of fields go out as they are, even where a custom field is called so."""
    assert any(one.get("clauseNames") == ["status"] for one in SITE_FIELDS)
    site.pages = [found()]
    site.read({"since_ms": 1}, fields={"client": "Client"})
    assert set(site.searches[0].query) == {"jql", "fields", "maxResults"}
    assert {"status", "customfield_10044", "parent", "duedate"} <= set(site.searches[0].query["fields"])
    assert "customfield_10050" not in site.searches[0].query["fields"]


def test_pages_are_followed_by_token(site: Site) -> None:
    """A short or an empty page with a token is not the last one; the last one is the one without."""
    site.pages = [found(issue(1), token="t1"), found(token="t2"), found(issue(3))]
    pages = site.read({"since_ms": 7 * OVERLAP_MS})
    assert keys(pages) == [["WEB-1"], [], ["WEB-3"]]
    assert [one.one("nextPageToken") for one in site.searches] == [None, "t1", "t2"]
    assert len({one.one("jql") for one in site.searches}) == 1


def test_crash_in_the_middle_resumes(site: Site) -> None:
    """After a crash the read goes on at the page's token, then reads what changed since it had begun."""
    site.pages = [found(issue(1), token="t1"), Answer({}, 500), *[Answer({}, 500)] * 5]
    with site.connector() as connector, pytest.raises(UnavailableError):
        pages = connector.read(connector.connect()[0], {"since_ms": 9_000_000})
        checkpoint = next(pages).checkpoint
        next(pages)
    assert checkpoint == {
        "since_ms": 9_000_000,
        "next_since_ms": SERVER_NOW_MS - LAG_MS,
        "jql": "updated >= 8400000",
        "token": "t1",
    }
    site.server.asked.clear()
    site.pages = [found(issue(2)), found(issue(1))]
    resumed = site.read(checkpoint)
    assert keys(resumed) == [["WEB-2"], ["WEB-1"]]
    assert [(one.one("jql"), one.one("nextPageToken")) for one in site.searches] == [
        ("updated >= 8400000" + ORDER, "t1"),
        (f"updated >= {SERVER_NOW_MS - LAG_MS - OVERLAP_MS}" + ORDER, None),
    ]
    assert resumed[0].checkpoint == {"since_ms": SERVER_NOW_MS - LAG_MS}


def test_expired_token_starts_the_search_again(site: Site) -> None:
    """A token that Jira no longer knows costs the pages read before, and loses nothing."""
    site.pages = [Answer({"errorMessages": ["The nextPageToken is invalid"]}, 400), found(issue(1), issue(2))]
    checkpoint = {"since_ms": 9_000_000, "next_since_ms": 10_000_000, "jql": "updated >= 8400000", "token": "old"}
    pages = site.read(checkpoint)
    assert keys(pages) == [["WEB-1", "WEB-2"]]
    assert site.searches[1].one("jql") == "updated >= 8400000" + ORDER
    assert site.searches[1].one("nextPageToken") is None


def test_repeated_token_is_an_error(site: Site) -> None:
    """Pages that go round in circles end the read as incomplete."""
    site.pages = [found(issue(1), token="t1"), found(issue(2), token="t1"), found(issue(1), token="t1")]
    with pytest.raises(IncompleteError, match="same page token twice"):
        site.read()


def test_warnings_are_an_error(site: Site) -> None:
    """A search that Jira cut short is not a whole."""
    warning = {"type": "CLAUSE_LIMIT_EXCEEDED", "message": "The query was truncated."}
    site.pages = [found(issue(1), warnings=[warning])]
    with pytest.raises(IncompleteError, match="left issues out: The query was truncated"):
        site.read()


def test_more_pages_without_a_token(site: Site) -> None:
    """Jira saying that more follows, and not where, is not an end."""
    site.pages = [Answer({"issues": [], "isLast": False})]
    with pytest.raises(IncompleteError, match="more pages follow"):
        site.read()


@pytest.mark.parametrize(
    "cut",
    [
        Answer({"issues": []}, missing_bytes=2),
        Answer(text='{"issues": ['),
        Answer(text=""),
        Answer({}),
        Answer({"errorMessages": ["later"]}, 429, {"Retry-After": "7", "RateLimit-Reason": "jira-burst-based"}),
        Answer({}, 503),
    ],
)
def test_passing_troubles_are_tried_again(site: Site, cut: Answer) -> None:
    """Half a page and a busy site are asked again, with our retries and not the package's."""
    site.pages = [cut, found(issue(1))]
    assert keys(site.read({"since_ms": 1})) == [["WEB-1"]]
    assert len(site.searches) == 2


def test_token_that_leads_nowhere_is_given_up(site: Site) -> None:
    """A run that resumes at a token and ends in a circle starts the search again instead of failing every night."""
    checkpoint = {"since_ms": 9_000_000, "next_since_ms": 10_000_000, "jql": "updated >= 8400000", "token": "t1"}
    site.pages = [found(issue(1), token="t1"), found(issue(1), token="t1"), found(issue(1), issue(2))]
    assert keys(site.read(checkpoint))[-1] == ["WEB-1", "WEB-2"]
    assert [one.one("nextPageToken") for one in site.searches] == ["t1", "t1", None]


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer({"errorMessages": ["Field 'clint' does not exist."]}, 400), SettingsError, "400 .*Field 'clint'"),
        (Answer({"message": "Unauthorized"}, 401), AccessError, "credentials refused.*id.atlassian.com"),
        (Answer({"errorMessages": ["removed, CHANGE-2046"]}, 410), SettingsError, "CHANGE-2046; .*update okr-sync"),
        (Answer(text="<html>", content_type="text/html"), UnavailableError, "answered with text/html"),
        (Answer(text="<html>", status=403, content_type="text/html"), AccessError, "403 Forbidden; check email"),
        (Answer({}, 302, {"Location": "https://evil.example/?x=1"}), SettingsError, "302 Found to evil.example"),
        (Answer(text='{"a', status=400), SettingsError, "400 Bad Request"),
    ],
)
def test_refusals(site: Site, answer: Answer, kind: type[SourceError], words: str) -> None:
    """A refusal is told once, in the words of Jira, with neither the query nor a secret in it."""
    site.pages = [answer]
    address = f"{site.server.url}/rest/api/3/search/jql"
    with pytest.raises(kind, match=f"^source jira: GET {address}: .*{words}") as caught:
        site.read({"since_ms": 1})
    assert len(site.searches) == 1
    assert "updated" not in str(caught.value)


def test_secrets_stay_out_of_messages(site: Site) -> None:
    """Credentials that a site echoes are hidden, and neither settings nor errors show the token."""

    def echo(asked: Asked) -> Answer:
        return Answer({"message": f"{TOKEN} {asked.headers['authorization']}"}, 401)

    site.server.respond = echo
    with site.connector() as connector, pytest.raises(AccessError) as caught:
        connector.connect()
    assert "*** Basic ***" in str(caught.value)
    assert caught.value.__cause__ is None
    assert TOKEN not in repr(connector.settings)


def test_anonymous_is_refused(site: Site) -> None:
    """A search may be answered without an account, with nothing found; so the account is asked for first."""
    site.myself = Answer({"accountId": None})
    with pytest.raises(AccessError, match="anonymous: credentials refused; check email and token"):
        site.read()
    assert site.server.paths() == ["/rest/api/3/myself"]


def test_wrong_token(site: Site) -> None:
    """Refused credentials name the settings to repair."""
    site.myself = Answer({"message": "Client must be authenticated"}, 401)
    with pytest.raises(AccessError, match="401 Unauthorized: Client must be authenticated; check email and token"):
        site.read()


def test_progress_bar_needs_no_count(site: Site) -> None:
    """A first read goes on where the count of issues is refused."""
    site.pages = [found(issue(1))]
    respond = site.respond
    site.server.respond = lambda asked: Answer({}, 403) if "count" in asked.path else respond(asked)
    assert site.read()[0].expected_count is None


def test_count_is_asked_once(site: Site) -> None:
    """The count of a first read is one POST, without the order of reading."""
    site.pages = [found(issue(1), token="t1"), found(issue(2))]
    assert [page.expected_count for page in site.read(select="project = WEB")] == [42, 42]
    counts = [one.body for one in site.server.asked if "count" in one.path]
    assert counts == [b'{"jql": "(project = WEB) AND updated >= 0"}']


def test_issue_that_cannot_be_read(site: Site) -> None:
    """A value that is not of its type rejects its issue by name; the other issues of the page are there."""
    site.pages = [found(issue(7, created="yesterday"), issue(8, duedate="2026-02-30"), issue(9))]
    (page,) = site.read()
    assert keys([page]) == [["WEB-9"]]
    reasons = [(one.record, one.reason.partition(":")[0]) for one in page.rejected]
    assert reasons == [
        ("issue WEB-7", "created_at cannot be read as timestamp"),
        ("issue WEB-8", "due_on cannot be read as date"),
    ]


def test_nobody_listens(site: Site) -> None:
    """A host that does not answer is told in one line, without the package's internals."""
    with site.connector() as connector:
        connector.settings.url = "http://127.0.0.1:9"
        with pytest.raises(UnavailableError, match=r"no connection \(.*refused\); check the address") as caught:
            connector.connect()
        assert connector.request_count == 6
    assert "object at" not in str(caught.value)


@pytest.mark.parametrize(("email", "token"), [("lan\n@x", "t"), ("lan@x", "tøkén–"), (EMAIL, "a\nb")])
def test_credentials_with_strange_characters(site: Site, email: str, token: str) -> None:
    """Whatever stands in the credentials, the error is one for people, or none."""
    with site.connector() as connector:
        connector.settings.email = email
        connector.settings.token = type(connector.settings.token)(token)
        site.myself = Answer({}, 401)
        with pytest.raises((AccessError, SettingsError)) as caught:
            connector.connect()
    assert token not in str(caught.value)
