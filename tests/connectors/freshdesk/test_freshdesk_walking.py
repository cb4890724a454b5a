"""Through lists without losing a ticket: the 30 days, the 300 pages, ties, and tickets that change meanwhile."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from okr_sync.connector import IncompleteError
from okr_sync.sandbox import Agency
from okr_sync.sandbox.faults import Fault, meanwhile
from okr_sync.sandbox.systems.freshdesk.tickets import freshdesk_id
from tests.connectors.freshdesk.conftest import NOW, TICKETS, Account, helpdesk, landed, listed, page, read, ticket
from tests.loopback import Answer


def present(agency: Agency) -> set[str]:
    return {str(freshdesk_id(one.id)) for one in agency.tickets if one.status != "deleted"}


def test_older_tickets_than_thirty_days(agency: Agency) -> None:
    """Without a time Freshdesk gives the last 30 days only; every request for a list has one."""
    assert min(one.created_at for one in agency.tickets) < NOW - timedelta(days=100)
    with helpdesk(agency) as sandbox:
        assert set(landed(read(sandbox))) == present(agency)
        assert all("updated_since" in query for query in listed(sandbox))


def test_first_sync_of_240_tickets(agency: Agency) -> None:
    """Pages of 100: three for the present ones, one each for trash and spam, one for the names."""
    with helpdesk(agency) as sandbox:
        read(sandbox)
        assert len(sandbox.requests) == 6
        query = parse_qs(listed(sandbox)[0])
    assert query == {
        "include": ["stats"],
        "updated_since": ["2009-12-31T17:00:00Z"],  # 2010-01-01 in UTC+7
        "page": ["1"],
        "order_by": ["updated_at"],
        "order_type": ["asc"],
        "per_page": ["100"],
    }


def test_beyond_the_last_page(agency: Agency) -> None:
    """Where page 3 of 20 is the last one given, all 240 tickets come: only first pages are asked for."""
    with helpdesk(agency, page_cap=20, last_page=3) as sandbox:
        assert set(landed(read(sandbox))) == present(agency)
        assert {one.status for one in sandbox.requests} == {200}
        assert {parse_qs(query)["page"][0] for query in listed(sandbox)} == {"1"}


def test_request_begins_a_second_before_the_last_time(account: Account) -> None:
    """Whether `updated_since` includes its own second is not said, so none is left to chance."""
    account.pages = [
        page(ticket(1, "2026-10-01T02:00:00Z"), ticket(2, "2026-10-01T02:00:02Z"), more=True),
        page(ticket(2, "2026-10-01T02:00:02Z"), ticket(3, "2026-10-01T02:00:02Z")),
    ]
    assert set(landed(account.read())) == {"1", "2", "3"}
    assert account.asked[1].one("updated_since") == "2026-10-01T02:00:01Z"
    assert account.asked[1].one("page") == "1"


def tie(agency: Agency, count: int) -> None:
    """`count` tickets that changed in the same second, as by an import."""
    for one in [one for one in agency.tickets if one.status == "closed"][:count]:
        agency.edit_ticket(one.id, priority="low")
    agency.clock.advance(timedelta(minutes=10))


def test_tie_over_several_pages(agency: Agency) -> None:
    """50 tickets of one second, in pages of 20: read to the end of the second, and all are there."""
    tie(agency, 50)
    with helpdesk(agency, page_cap=20, last_page=4) as sandbox:
        assert set(landed(read(sandbox))) == present(agency)
        assert {one.status for one in sandbox.requests} == {200}


@pytest.mark.parametrize("later_count", [0, 30])
def test_tie_that_shrinks_while_it_is_read(agency: Agency, later_count: int) -> None:
    """A ticket that leaves the front of a tie, at the end of the list or in its middle, pulls another to a page that
    was read; the way back finds it.
    """
    tie(agency, 90)
    tied = [one.id for one in agency.tickets if one.updated_at == NOW]
    later = [one.id for one in agency.tickets if one.updated_at < NOW and one.status == "closed"][:later_count]
    for number in later:
        agency.edit_ticket(number, priority="low")
        agency.clock.advance(timedelta(minutes=1))
    checkpoint = {name: (NOW - timedelta(minutes=1)).isoformat() for name in ("tickets", "deleted", "spam")}
    moved = Fault(meanwhile(lambda: agency.edit_ticket(tied[0], priority="high")), TICKETS, (2,))
    with helpdesk(agency, moved, page_cap=20) as sandbox:
        assert set(landed(read(sandbox, checkpoint))) == {str(freshdesk_id(one)) for one in [*tied, *later]}


def test_list_that_shifts_while_it_is_read(agency: Agency) -> None:
    """With every page that is given, a ticket of it changes: those behind slip forward, and none is lost."""
    untouched = iter(sorted((one for one in agency.tickets if one.status == "closed"), key=lambda one: one.updated_at))
    change = meanwhile(lambda: agency.edit_ticket(next(untouched).id, priority="low"))
    with helpdesk(agency, Fault(change, TICKETS, range(1, 9)), page_cap=30) as sandbox:
        assert set(landed(read(sandbox))) == present(agency)


def test_tie_beyond_the_last_page(account: Account) -> None:
    """More than 300 pages within two seconds cannot be read: an error, not a smaller count, and no page 301."""
    numbers = iter(range(1_000))
    account.pages = [page(ticket(next(numbers)), more=True) for _ in range(400)]
    with pytest.raises(IncompleteError, match="more than 30,000 tickets changed within two seconds"):
        account.read()
    assert [one.one("page") for one in account.asked] == [str(number) for number in range(1, 301)]


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ([page(ticket(1), more=True), page(ticket(1), more=True)], "page 2 is page 1 again"),
        ([page(more=True)], "a page without tickets"),
        ([page(ticket(1), ticket(2, "2026-10-01T02:00:00Z"), more=True)], "not in the order of updated_at"),
        (
            [page(ticket(1, "2009-01-01T00:00:00Z"), ticket(2, "2009-01-02T00:00:00Z"), more=True)],
            "Freshdesk began before",
        ),
        ([page(ticket(7, stats=None))], "ticket 7 came without the statistics"),
    ],
)
def test_lists_that_are_not_to_be_trusted(account: Account, pages: list[Answer], words: str) -> None:
    """Circles, pages of nothing, another order, another beginning, no statistics: none passes for the whole."""
    account.pages = pages
    with pytest.raises(IncompleteError, match=f"^source desk: stream tickets: .*{words}"):
        account.read()


def test_crash_in_the_middle_resumes(agency: Agency) -> None:
    """After a crash the read goes on from the last page that landed, a page earlier at most."""
    with helpdesk(agency, page_cap=50) as sandbox:
        first = read(sandbox)[:3]
        before = len(sandbox.requests)
        rest = read(sandbox, first[-1].checkpoint)
        assert set(landed([*first, *rest])) == present(agency)
        # Names; pages 3, 4 and 5 of five; trash and spam.
        assert len(sandbox.requests) - before == 6
