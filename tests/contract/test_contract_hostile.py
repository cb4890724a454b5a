"""What breaks careless readers: odd texts, large ids, ties, nothing where something is expected, clocks apart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from okr_sync.sandbox.hostile import hostile_agency
from tests.contract.meeting import NOW, Meeting


def test_hostile_records(meeting: Meeting) -> None:
    """Every record lands whole, under the id it has there, although all changed in the same instant."""
    meeting.agency = hostile_agency(NOW)
    expected = meeting.case.keys(meeting.agency)
    assert len(expected) >= 40
    result = meeting.sync()
    assert (result.error, result.rejected_count) == (None, 0)
    assert meeting.present() == expected


def test_hostile_night(meeting: Meeting) -> None:
    """The same records again are no news, and one change among the tie is one version."""
    meeting.agency = hostile_agency(NOW)
    meeting.sync()
    meeting.next_night()
    assert meeting.sync().new_count == 0
    key = meeting.case.change(meeting.agency)
    meeting.next_night()
    before = meeting.versions()
    result = meeting.sync()
    assert (result.new_count, result.error) == (1, None)
    assert [row[0] for row in meeting.versions() if row not in before] == [key]


@pytest.mark.parametrize("skew", [timedelta(days=1), timedelta(days=-1)], ids=["ahead", "behind"])
def test_clocks_that_disagree(meeting: Meeting, skew: timedelta) -> None:
    """Our clock may be a day off: the source's own clock says what is new."""
    meeting.skew = skew
    meeting.sync()
    meeting.next_night()
    meeting.sync()
    key = meeting.case.change(meeting.agency)
    meeting.next_night()
    before = meeting.versions()
    result = meeting.sync()
    assert (result.new_count, result.error) == (1, None)
    assert [row[0] for row in meeting.versions() if row not in before] == [key]
