"""Nothing lost, nothing twice: first syncs, nights, changes, deletions, interruptions."""

from __future__ import annotations

import pytest

from okr_sync import sync
from okr_sync.sandbox.faults import Fault, cut_body, meanwhile, no_answer, server_error
from tests.contract.meeting import Meeting


def test_first_sync(meeting: Meeting) -> None:
    """Every record lands, once, under a key that is its own."""
    expected = meeting.case.keys(meeting.agency)
    assert len(expected) > 2
    result = meeting.sync()
    assert result.error is None
    assert meeting.present() == expected
    assert meeting.rows("SELECT count(*) FROM log WHERE _key IS NULL OR _key = ''") == [(0,)]


def test_values_come_with_it(meeting: Meeting) -> None:
    """A record is more than its key: most fields have a value in some record, and times lie in the agency's life."""
    meeting.sync()
    (described,) = meeting.rows("SELECT max(_version_at), min(_version_at) FROM log WHERE NOT _deleted")
    latest, earliest = described
    assert earliest.year >= 2026
    assert latest <= meeting.agency.clock.now()
    columns = [
        name for name, *_ in meeting.rows("SELECT name FROM (DESCRIBE SELECT * FROM log) t(name, a, b, c, d, e)")
    ]
    filled = meeting.rows(f"SELECT {', '.join(f'count({name!r})' for name in columns)} FROM log")
    assert sum(map(bool, filled[0])) >= len(columns) / 2


def test_night_with_nothing_new(meeting: Meeting) -> None:
    """It lands nothing, ends nothing, and takes few requests."""
    meeting.sync()
    before = meeting.versions()
    meeting.next_night()
    meeting.sync()  # the overlap of the first read is behind this one
    meeting.next_night()
    result = meeting.sync()
    assert (result.new_count, result.deleted_count, result.error) == (0, 0, None)
    assert meeting.versions() == before
    assert len(meeting.requests) <= meeting.case.nightly_requests, meeting.requests


def test_one_change(meeting: Meeting) -> None:
    """One record changed is one version more, under its key."""
    meeting.sync()
    before = meeting.versions()
    meeting.next_night()
    key = meeting.case.change(meeting.agency)
    meeting.next_night()
    result = meeting.sync()
    assert (result.new_count, result.error) == (1, None)
    assert [row[0] for row in meeting.versions() if row not in before] == [key]


def test_deletion(meeting: Meeting) -> None:
    """What was deleted has ended, and its past is kept."""
    delete = meeting.case.delete
    if delete is None:
        pytest.skip("nobody can delete such records")
    meeting.sync()
    before = meeting.present()
    meeting.next_night()
    key = delete(meeting.agency)
    meeting.next_night()
    result = meeting.sync()
    assert (result.deleted_count, result.error) == (1, None)
    assert meeting.present() == before - {key}
    assert meeting.rows(f"SELECT count(*) > 1 FROM log WHERE _key = '{key}'") == [(True,)]


@pytest.mark.parametrize("page", [1, 2, 3])
def test_interrupted_read_goes_on(meeting: Meeting, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    """A read that breaks off at a page is not complete; the next one ends in the same store as a clean run."""
    monkeypatch.setattr(sync, "BATCH_RECORDS", 1)
    broken = meeting.sync(Fault(no_answer(), meeting.case.pages, range(page, 100)))
    assert broken.error is not None
    assert meeting.sync().error is None
    interrupted = meeting.versions()
    clean = Meeting(meeting.case, meeting.folder / "clean")
    clean.sync()
    assert interrupted == clean.versions()


def test_change_while_pages_are_read(meeting: Meeting) -> None:
    """A record that changes behind the reader's back is as it should be after the next night."""
    case, changed = meeting.case, []
    result = meeting.sync(Fault(meanwhile(lambda: changed.append(case.change(meeting.agency))), case.pages, (1, 2)))
    assert result.error is None
    meeting.next_night()
    assert meeting.sync().error is None
    assert meeting.present() == case.keys(meeting.agency)
    clean = Meeting(case, meeting.folder / "clean")
    clean.agency = meeting.agency
    clean.sync()
    known = {(row[0], row[3]) for row in meeting.versions()}  # key and hash
    last = {row[0]: row[3] for row in clean.versions()}  # what is rebuilt of before may lack what a sync has seen
    assert last.items() <= known
    assert changed


@pytest.mark.parametrize("deed", [server_error(500), server_error(503), cut_body(), no_answer()])
def test_passing_troubles(meeting: Meeting, deed: object) -> None:
    """A page that fails twice is read at the third try, and nothing is missing."""
    result = meeting.sync(Fault(deed, meeting.case.pages, (2, 3)))  # type: ignore[arg-type]
    assert result.error is None
    assert meeting.present() == meeting.case.keys(meeting.agency)


def test_empty_account(meeting: Meeting) -> None:
    """An account without records is read to its end: no error, and no record."""
    from okr_sync.sandbox import Agency  # noqa: PLC0415

    meeting.agency = Agency(meeting.agency.clock)
    result = meeting.sync()
    assert (result.read_count, result.new_count, result.error) == (0, 0, None)
