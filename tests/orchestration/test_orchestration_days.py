"""Days as partitions: which there are, what a backfill computes, and what Dagster then says of each day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from okr_sync import pipeline
from okr_sync.closing import Closer
from okr_sync.workspace import open_workspace
from tests.orchestration.dagster_project import MAIN, SALES, DagsterProject

SOLVED = dg.AssetKey(["key_results", "service", "solved"])
REVENUE = dg.AssetKey(["key_results", "sales", "revenue"])
KEY_RESULTS = dg.AssetSelection.groups("objective_service", "objective_sales")
STREAMS = dg.AssetSelection.groups("source_desk", "source_shop")
TIMED = SALES.replace("value: sum(amount)", "time: sold_at, value: sum(amount)").replace("max_move: 100%", "")
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 4)
DAYS = [date(2026, 3, number) for number in (1, 2, 3, 4)]


def sales_of_march(project: DagsterProject) -> None:
    """Orders of 10 on March 2nd and of 30 on March 4th, the second one in the last half hour of the day there."""
    project.write("orders.csv", "id,amount,sold_at\n1,10,2026-03-02T09:00:00\n2,30,2026-03-04T23:30:00\n")
    project.write("okr-sync.yaml", MAIN.replace("amount: integer", "amount: integer, sold_at: datetime"))
    project.write("okrs/sales.yaml", TIMED)


def values(result: dg.ExecuteInProcessResult, key: dg.AssetKey) -> dict[str | None, object]:
    """By partition, what a run said of the asset's value."""
    events = [one for one in result.get_asset_materialization_events() if one.asset_key == key]
    return {one.partition: one.materialization.metadata["value"].value for one in events}


def test_there_is_a_partition_for_every_day_of_the_cycle(project: DagsterProject) -> None:
    """From the cycle's first day to today, in the project's zone; streams have none."""
    assets = project.definitions().resolve_asset_graph()
    found = assets.get(SOLVED).partitions_def
    assert found is not None
    now = datetime(2026, 3, 4, 17, 0, tzinfo=UTC)  # midnight of March 5th in Ho Chi Minh City
    keys = found.get_partition_keys(now)
    assert (keys[0], keys[-1]) == ("2020-01-01", "2026-03-05")
    assert found.get_partition_keys(now - timedelta(seconds=1))[-1] == "2026-03-04"
    assert assets.get(dg.AssetKey(["desk", "tickets"])).partitions_def is None


def test_a_backfill_computes_each_day_for_itself_in_one_run(project: DagsterProject) -> None:
    """Nothing on the 1st is no data; 10 on the 2nd and 3rd; 40 on the 4th: metadata, store and state say the same."""
    sales_of_march(project)
    project.sync(STREAMS)
    result = project.backfill(KEY_RESULTS, FIRST, LAST)
    assert result.success
    events = {e.partition: e for e in result.get_asset_materialization_events() if e.asset_key == REVENUE}
    assert sorted(map(str, events)) == ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"]
    assert "value" not in events["2026-03-01"].materialization.metadata
    told = {day: events[day].materialization.metadata["value"].value for day in list(map(str, DAYS))[1:]}
    assert told == {"2026-03-02": 10, "2026-03-03": 10, "2026-03-04": 40}
    reports = [pipeline.status(project.folder, day).key_result("revenue") for day in DAYS]
    assert [(one.as_of, one.value) for one in reports] == list(zip(DAYS, [None, 10, 10, 40], strict=True))
    assert project.instance.get_materialized_partitions(REVENUE) == {str(day) for day in DAYS}
    assert len(project.instance.get_runs()) == 2  # the sync, and the backfill


def test_a_backfill_is_what_a_run_for_each_day_is(project: DagsterProject) -> None:
    """Dagster stored what `run --as-of` computes: of all that these compute for the days, nothing is new."""
    sales_of_march(project)
    project.sync(STREAMS)
    assert project.backfill(KEY_RESULTS, FIRST, LAST).success
    for day in DAYS:
        assert pipeline.run(project.folder, as_of=day).recorded_count == 0


def test_a_backfill_is_one_run_by_policy(project: DagsterProject) -> None:
    """Whoever selects days in the UI launches one run for all of them."""
    graph = project.definitions().resolve_asset_graph()
    assert graph.get(SOLVED).backfill_policy == dg.BackfillPolicy.single_run()


def test_days_before_a_cycle_stay_missing(project: DagsterProject) -> None:
    """Of cycles side by side, the key result of the one that began later is not computed for days before it."""
    main = MAIN.replace("cycle: {", "cycles: [{").replace("2099-12-31}", "2099-12-31}, LATE]")
    project.write("okr-sync.yaml", main.replace("LATE", "{name: late, start: 2026-03-03, end: 2099-12-31}"))
    project.write("okrs/sales.yaml", SALES.replace("id: sales\n", "id: sales\ncycle: late\n"))
    project.sync(STREAMS)
    result = project.backfill(KEY_RESULTS, FIRST, LAST)
    assert result.success
    assert set(values(result, SOLVED)) == {str(day) for day in DAYS}
    assert values(result, REVENUE) == {"2026-03-03": 40, "2026-03-04": 40}
    assert project.instance.get_materialized_partitions(REVENUE) == {"2026-03-03", "2026-03-04"}


def test_a_day_on_which_nothing_runs_fails_and_says_so(project: DagsterProject) -> None:
    """Asked for days before its cycle alone, the run fails after the others are done, and names the key result."""
    main = MAIN.replace("cycle: {", "cycles: [{").replace("2099-12-31}", "2099-12-31}, LATE]")
    project.write("okr-sync.yaml", main.replace("LATE", "{name: late, start: 2026-03-03, end: 2099-12-31}"))
    project.write("okrs/sales.yaml", SALES.replace("id: sales\n", "id: sales\ncycle: late\n"))
    project.sync(STREAMS)
    result = project.materialise(KEY_RESULTS, FIRST)
    (failed,) = result.get_step_failure_events()
    cause = failed.step_failure_data.user_failure_data
    assert cause is not None
    assert str(cause.description).startswith("2026-03-01: not computed, since no cycle of that time has them: revenue.")
    assert values(result, SOLVED) == {"2026-03-01": 2}


def test_a_run_for_no_day_is_refused(project: DagsterProject) -> None:
    """Without a partition nothing is computed: which day it would be for is not guessed."""
    project.sync(STREAMS)
    (failed,) = project.sync(KEY_RESULTS).get_step_failure_events()
    cause = failed.step_failure_data.user_failure_data
    assert cause is not None
    assert "this run is for no day" in str(cause.description)


def test_a_closed_cycle_stays_as_it_was_signed(project: DagsterProject) -> None:
    """Days that were signed are shown as signed; others of the closed cycle stay missing; the run does not fail."""
    main = MAIN.replace("start: 2020-01-01, end: 2099-12-31", "start: 2026-03-01, end: 2026-03-04")
    project.write("okr-sync.yaml", main)
    project.sync(STREAMS)
    project.backfill(KEY_RESULTS, LAST, LAST)
    pipeline.close(project.folder, "long", Closer("An", accept=()))
    project.write("orders.csv", "id,amount\n1,10\n2,31\n")
    project.sync(STREAMS)
    result = project.backfill(KEY_RESULTS, FIRST, LAST)
    assert result.success
    assert values(result, REVENUE) == {"2026-03-04": 40}
    (event,) = [one for one in result.get_asset_materialization_events() if one.asset_key == REVENUE]
    assert "cycle long was closed on" in str(event.materialization.metadata["closed"].value)
    assert project.materialise().success


def test_the_schedule_asks_for_the_day_it_is_due_on(project: DagsterProject) -> None:
    """03:30 of March 5th in Ho Chi Minh City is still March 4th in UTC: the partition is the 5th, for the whole job."""
    schedule = project.definitions().resolve_schedule_def("nightly_schedule")
    due = datetime(2026, 3, 5, 3, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    context = dg.build_schedule_context(
        instance=project.instance,
        scheduled_execution_time=due.astimezone(UTC),
        repository_def=project.definitions().get_repository_def(),
    )
    (request,) = schedule.evaluate_tick(context).run_requests or []
    assert request.tags["dagster/partition"] == "2026-03-05"


def test_the_night_is_one_run_for_a_day(project: DagsterProject) -> None:
    """The job syncs streams, which have no days, and computes today's partition, then sums the night up."""
    job = project.definitions().resolve_job_def("nightly")
    today = str(project.today())
    result = job.execute_in_process(instance=project.instance, partition_key=today)
    partitions = {one.asset_key.to_user_string(): one.partition for one in result.get_asset_materialization_events()}
    assert partitions["desk/tickets"] is None
    assert partitions["key_results/sales/revenue"] == today
    assert partitions["night_summary"] is None


@pytest.mark.parametrize("kind", ["kpis", "initiatives"])
def test_what_is_watched_has_days_too(project: DagsterProject, kind: str) -> None:
    """A KPI, and the initiatives of an objective, are computed for the same days."""
    project.write(
        "okrs/watched.yaml",
        "objective: W\nid: watched\nkey_results:\n  - {id: w, name: W, metric: solved, target: 4}\n"
        "initiatives:\n  - {name: Empty, stream: desk.tickets, done: status = 'solved'}\n"
        "kpis:\n  takings: {name: T, metric: revenue, at_least: 1}\n",
    )
    key = dg.AssetKey(["kpis", "takings"] if kind == "kpis" else ["initiatives", "watched"])
    project.sync(STREAMS)
    assert project.backfill(dg.AssetSelection.assets(key), FIRST, LAST).success
    assert project.instance.get_materialized_partitions(key) == {str(day) for day in DAYS}


def test_runs_in_the_store_are_for_their_days(project: DagsterProject) -> None:
    """Each day of a backfill is a run of its own in the store, as `run --as-of` makes one."""
    project.sync(STREAMS)
    project.backfill(dg.AssetSelection.assets(SOLVED), FIRST, LAST)
    workspace = open_workspace(project.folder)
    with pipeline.open_store(workspace) as store:
        history = store.history("long", "solved")
    assert [one.as_of for one in history] == DAYS
    assert len({one.run_id for one in history}) == 4
