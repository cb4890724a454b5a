"""Reading by bulk jobs: when, how they are gone on with, and what is not the whole."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

import pytest

from okr_sync.connector import IncompleteError, UnavailableError
from okr_sync.sandbox import Agency
from okr_sync.sandbox.faults import Fault, no_answer, rewritten
from okr_sync.sandbox.systems.salesforce import faults as salesforce_faults
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id
from tests.connectors.salesforce.conftest import API, connected, landed, opportunity_ids, org, queries, read

JOBS = f"{API}/jobs/query"


def jobs(paths: list[str]) -> int:
    return paths.count(JOBS)


@pytest.mark.parametrize(("bulk_above", "job_count"), [(119, 1), (120, 0)])
def test_threshold(agency: Agency, bulk_above: int, job_count: int) -> None:
    """A job is worth it where more records than the threshold are to come; the first answer of the query says so."""
    with org(agency) as sandbox:
        pages = read(sandbox, bulk_above=bulk_above)
    assert jobs([one.path for one in sandbox.requests]) == job_count
    assert len(queries(sandbox)) == 1
    assert set(landed(pages)) == opportunity_ids(agency)


@pytest.mark.parametrize("stream", ["opportunities", "cases", "case_milestones", "opportunity_field_history"])
def test_same_records_either_way(agency: Agency, stream: str) -> None:
    """CSV says the same as JSON: missing values, booleans, numbers, days, times, parents and deletions."""
    agency.deals.delete(agency.deals.all[0].id)
    fields = {"services": "Service__c", "client": "Account.Client_Tag__c", "is_upsell": "Is_Upsell__c"}
    streams = {"opportunities": {"fields": fields}}
    with org(agency, part_cap=50) as sandbox:
        by_query, by_job = (read(sandbox, stream, bulk_above=above, streams=streams) for above in (10_000, 1))
    assert landed(by_query) == landed(by_job)
    assert by_query[-1].checkpoint == by_job[-1].checkpoint
    assert any(record.is_deleted for record in landed(by_job).values())


def test_job_takes_its_time(agency: Agency) -> None:
    """A job is asked after until it is done, then read part by part to the locator that is the text null."""
    with org(agency, job_polls=3, part_cap=50) as sandbox:
        pages = read(sandbox, bulk_above=1)
    assert [len(page.records) for page in pages] == [0, 50, 50, 20]
    paths = [one.path.removeprefix(JOBS) for one in sandbox.requests if one.path.startswith(JOBS)]
    job = f"/{pages[0].checkpoint['job']['id']}"
    assert paths == ["", *[job] * 4, *[f"{job}/results"] * 3]
    assert pages[-1].checkpoint == {"since": "2026-10-05T01:55:00Z"}


def test_job_that_is_not_done(agency: Agency) -> None:
    """A job that takes too long is waited for by the next run, which starts no second one."""
    with org(agency, job_polls=8) as sandbox:
        with connected(sandbox, bulk_above=1) as (one, streams):
            pages = one.read(streams["opportunities"], None)
            checkpoint = next(pages).checkpoint
            with pytest.raises(UnavailableError, match="is still InProgress; the next run goes on with it"):
                next(pages)
        assert set(landed(read(sandbox, checkpoint=checkpoint, bulk_above=1))) == opportunity_ids(agency)
    assert jobs([one.path for one in sandbox.requests]) == 1


def test_crash_between_parts(agency: Agency) -> None:
    """After a crash the read goes on with the same job behind the part that landed."""
    with org(agency, part_cap=50) as sandbox:
        with connected(sandbox, bulk_above=1) as (one, streams):
            begun = list(islice(one.read(streams["opportunities"], None), 2))
        rest = read(sandbox, checkpoint=begun[-1].checkpoint, bulk_above=1)
    assert [len(page.records) for page in (*begun, *rest)] == [0, 50, 50, 20, 0]
    assert set(landed([*begun, *rest])) == opportunity_ids(agency)
    assert jobs([one.path for one in sandbox.requests]) == 1


def test_job_of_yesterday_is_not_today(agency: Agency) -> None:
    """What changed since a job was begun comes with the very read that goes on with it, not only with the next."""
    with org(agency, part_cap=50) as sandbox:
        with connected(sandbox, bulk_above=100) as (one, streams):
            begun = list(islice(one.read(streams["opportunities"], None), 2))
        agency.clock.advance(timedelta(days=1))
        deal = agency.deals.edit(agency.deals.all[0].id, amount=7)
        agency.clock.advance(timedelta(hours=1))
        rest = read(sandbox, checkpoint=begun[-1].checkpoint, bulk_above=100)
    assert landed(rest)[salesforce_id("Opportunity", deal.id)].fields["amount"] == 7
    assert rest[-1].checkpoint == {"since": "2026-10-06T02:55:00Z"}  # five minutes before this read, not that one


def test_record_of_a_job_that_was_corrected(agency: Agency) -> None:
    """The results of a job stay as they are: one that cannot be read may be corrected since, so all is asked anew."""
    bad = salesforce_id("Opportunity", agency.deals.all[0].id)
    spoiled = Fault(salesforce_faults.spoiled_line(bad), f"{JOBS}/", requests=(3, 5))  # its results, twice
    with org(agency, spoiled) as sandbox:
        first = read(sandbox, bulk_above=1)
        assert [one.record for page in first for one in page.rejected] == [f"Opportunity {bad}"]
        rest = read(sandbox, checkpoint=first[0].checkpoint, bulk_above=1)
    assert jobs([one.path for one in sandbox.requests]) == 2
    assert set(landed(rest)) == opportunity_ids(agency)


@pytest.mark.parametrize("age", [timedelta(days=6), timedelta(days=8)])
def test_old_job(agency: Agency, age: timedelta) -> None:
    """A job is kept for seven days; when it is gone, all is asked anew."""
    with org(agency, part_cap=50) as sandbox:
        with connected(sandbox, bulk_above=1) as (one, streams):
            begun = list(islice(one.read(streams["opportunities"], None), 2))
        agency.clock.advance(age)
        pages = read(sandbox, checkpoint=begun[-1].checkpoint, bulk_above=1)
    assert set(landed([*begun, *pages])) == opportunity_ids(agency)
    assert jobs([one.path for one in sandbox.requests]) == (1 if age < timedelta(days=7) else 2)


def test_failed_job(agency: Agency) -> None:
    """A job that failed is told in Salesforce's words; the next run begins another."""
    failed = Fault(salesforce_faults.failed_job(), f"{JOBS}/", requests=(1, 2))
    with org(agency, failed) as sandbox:
        with connected(sandbox, bulk_above=1) as (one, streams):
            pages = one.read(streams["opportunities"], None)
            checkpoint = next(pages).checkpoint
            with pytest.raises(IncompleteError, match="ended as Failed: InternalServerError : an internal error"):
                next(pages)
        assert set(landed(read(sandbox, checkpoint=checkpoint, bulk_above=1))) == opportunity_ids(agency)
    assert jobs([one.path for one in sandbox.requests]) == 2


def test_no_answer_says_nothing_of_a_job(agency: Agency) -> None:
    """A run that does not reach Salesforce leaves the job for the next one."""
    silent = Fault(no_answer(), f"{JOBS}/", requests=range(3, 9))
    with org(agency, silent, part_cap=50) as sandbox:
        with connected(sandbox, bulk_above=1) as (one, streams):
            begun = list(islice(one.read(streams["opportunities"], None), 1))
        with pytest.raises(UnavailableError):
            read(sandbox, checkpoint=begun[0].checkpoint, bulk_above=1)
        assert set(landed(read(sandbox, checkpoint=begun[0].checkpoint, bulk_above=1))) == opportunity_ids(agency)
    assert jobs([one.path for one in sandbox.requests]) == 1


def test_part_that_is_cut(agency: Agency) -> None:
    """A part with fewer records than it says is not the whole."""
    lost = Fault(salesforce_faults.lost_line(), f"{JOBS}/", requests=(4,))
    with org(agency, lost, part_cap=50) as sandbox, pytest.raises(IncompleteError, match="part of 50 records has 49"):
        read(sandbox, bulk_above=1)


def test_job_that_found_more_than_it_gives(agency: Agency) -> None:
    """Results that end before all that the job has found are not the whole."""
    more = rewritten(lambda _, content: content | {"numberRecordsProcessed": 121})
    fault = Fault(more, f"{JOBS}/", requests=(1, 2))
    with org(agency, fault) as sandbox, pytest.raises(IncompleteError, match="counted 121 records and gave 120"):
        read(sandbox, bulk_above=1)


def test_object_without_jobs(agency: Agency) -> None:
    """An object that the Bulk API does not have is read batch by batch, however much it is."""
    with org(agency, not_in_bulk=frozenset({"Opportunity"}), batch_cap=50) as sandbox:
        assert set(landed(read(sandbox, bulk_above=1))) == opportunity_ids(agency)
    assert len(queries(sandbox)) == 3
    assert jobs([one.path for one in sandbox.requests]) == 1


def test_job_for_what_is_left(agency: Agency) -> None:
    """A read that broke off among batches may go on by a job, for the rest alone."""
    with org(agency, batch_cap=50) as sandbox:
        with connected(sandbox) as (one, streams):
            (page,) = islice(one.read(streams["opportunities"], None), 1)
        rest = read(sandbox, checkpoint=page.checkpoint, bulk_above=1)
    assert len(landed(rest)) == 70
    assert set(landed([page, *rest])) == opportunity_ids(agency)
