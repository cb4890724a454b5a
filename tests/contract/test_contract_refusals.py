"""What is not the whole, not allowed or not ours is refused, and says so."""

from __future__ import annotations

import logging

import pytest

from okr_sync.sandbox.faults import Fault, cut_body, redirected, refused, server_error, too_many_requests, web_page
from tests.contract.meeting import Meeting


def test_refused_credentials(meeting: Meeting) -> None:
    """A person must act: the message says what to do, and nobody is asked again and again."""
    result = meeting.sync(Fault(refused()))
    assert result.error is not None
    assert "refused" in result.error
    assert "; " in result.error  # what follows is the remedy
    assert len(meeting.requests) <= 2


@pytest.mark.parametrize("retry_after", [3, None])
def test_limit_is_waited_for(meeting: Meeting, retry_after: int | None) -> None:
    """429 with and without Retry-After is asked again later, and nothing is missing."""
    result = meeting.sync(Fault(too_many_requests(retry_after), meeting.case.pages, (1, 2)))
    assert result.error is None
    assert meeting.present() == meeting.case.keys(meeting.agency)


def test_long_limit_is_not_sat_out(meeting: Meeting) -> None:
    """A source that asks to wait for an hour is left for the next run, after one request."""
    result = meeting.sync(Fault(too_many_requests(3600), meeting.case.pages))
    assert result.error is not None
    assert "try again after" in result.error
    assert len([one for one in meeting.requests if one.endswith("429")]) == 1


def test_lasting_trouble(meeting: Meeting) -> None:
    """A source that goes on failing is asked six times, and the error names the request."""
    result = meeting.sync(Fault(server_error(503), meeting.case.pages))
    assert result.error is not None
    assert "503" in result.error
    assert meeting.case.pages in result.error
    assert len([one for one in meeting.requests if one.endswith("503")]) == 6


def test_bad_record(meeting: Meeting) -> None:
    """One record that cannot be read is counted and named; the others land; the sync is not complete until it can."""
    result = meeting.sync(Fault(meeting.case.bad_record, meeting.case.pages, (1,)))
    assert result.rejected_count == 1, result
    assert result.error is not None
    assert result.error.startswith("1 record of ")
    assert meeting.sync().error is None
    assert meeting.present() == meeting.case.keys(meeting.agency)


@pytest.mark.parametrize("name", ["repeated_token", "empty_page", "cut_short"])
def test_what_is_not_the_whole(meeting: Meeting, name: str) -> None:
    """Pages in circles, or without end, or that say that they are cut, are a failure, and end no record."""
    deed = getattr(meeting.case, name)
    if deed is None:
        pytest.skip("the vendor's answers have no such thing")
    meeting.sync()
    before = meeting.present()
    meeting.next_night()
    clean = Meeting(meeting.case, meeting.folder / "clean")
    assert clean.sync(Fault(deed, meeting.case.pages)).error is not None
    assert meeting.present() == before


def test_page_for_people(meeting: Meeting) -> None:
    """200 with a web page is no answer."""
    result = meeting.sync(Fault(web_page(), meeting.case.pages))
    assert result.error is not None
    assert "text/html" in result.error


def test_other_host_is_not_followed(meeting: Meeting) -> None:
    """A redirect to another host is refused: credentials stay where they belong."""
    result = meeting.sync(Fault(redirected("https://evil.example/?token=x"), meeting.case.pages))
    assert result.error is not None
    assert "evil.example" in result.error
    assert "?token" not in result.error


@pytest.mark.parametrize("deed", [None, refused(), server_error(500), web_page(), cut_body()])
def test_secrets_stay_secret(meeting: Meeting, caplog: pytest.LogCaptureFixture, deed: object) -> None:
    """No secret is in an error, in a log of any level, or in a file."""
    caplog.set_level(logging.DEBUG)
    assert meeting.case.secrets
    result = meeting.sync(*([] if deed is None else [Fault(deed)]))  # type: ignore[arg-type]
    written = b"".join(path.read_bytes() for path in meeting.folder.rglob("*") if path.is_file())
    for name in meeting.case.secrets:
        secret = meeting.variables[name]
        assert secret not in f"{result.error} {caplog.text} {meeting.connector().settings!r}"
        assert secret.encode() not in written
