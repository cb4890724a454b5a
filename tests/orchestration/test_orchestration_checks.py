"""What Dagster checks beside trust: the schema of streams, the metrics' own tests, and whether the night came."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import dagster as dg
import pytest

from okr_sync import pipeline
from okr_sync.orchestration.freshness import freshness_policy
from okr_sync.project.settings import Settings
from tests.orchestration.dagster_project import MAIN, SALES, SERVICE, DagsterProject

ORDERS = dg.AssetKey(["shop", "orders"])
SHOP = MAIN[: MAIN.index("  shop:")] + (
    '  shop:\n    connector: sql\n    url: "sqlite:///shop.db"\n    streams:\n      orders: {table: orders, key: id}\n'
)
GONE = "field 'amount' is gone (new there: total); read by metric revenue"
TESTED = SALES.replace(
    "sum(amount), trust", "sum(amount), tests: [{rows: [{amount: 2}, {amount: 3}], expect: 5}], trust"
)


def shop(project: DagsterProject, *statements: str) -> None:
    """The shop's own database, changed by these statements."""
    project.write("okr-sync.yaml", SHOP)
    connection = sqlite3.connect(project.folder / "shop.db")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def evaluations(result: dg.ExecuteInProcessResult, name: str) -> dict[str, dg.AssetCheckEvaluation]:
    """By asset, what a check of this name said."""
    found = [one for one in result.get_asset_check_evaluations() if one.check_name == name]
    return {one.asset_key.to_user_string(): one for one in found}


def summary(result: dg.ExecuteInProcessResult) -> str:
    (event,) = result.get_step_failure_events()
    cause = event.step_failure_data.user_failure_data
    assert cause is not None
    return str(cause.description)


@pytest.fixture
def selling(project: DagsterProject) -> DagsterProject:
    """The project with its orders in a database, read once: 10 and 30."""
    shop(
        project,
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount INTEGER, note TEXT)",
        "INSERT INTO orders VALUES (1, 10, 'a'), (2, 30, 'b')",
    )
    assert project.materialise().success
    return project


def test_field_that_a_formula_reads_is_gone(selling: DagsterProject) -> None:
    """Nothing of the stream lands, its key results keep their values, the others go on, and the end says what to do."""
    shop(selling, "ALTER TABLE orders RENAME COLUMN amount TO total")
    selling.write("tickets.csv", "id,status\n1,solved\n2,solved\n3,solved\n")
    result = selling.materialise()
    drift = evaluations(result, "schema")["shop/orders"]
    assert (drift.passed, drift.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert drift.description == GONE
    assert evaluations(result, "complete")["shop/orders"].passed is False
    reports = selling.reports()
    assert (reports["revenue"].status, reports["revenue"].value) == ("withheld", 40)
    assert (reports["solved"].status, reports["solved"].value) == ("on track", 3)
    text = summary(result)
    assert f"Source shop, shop.orders: {GONE}. Nothing was landed." in text
    assert "Key results that read it: revenue, contacts." in text


def test_field_that_a_formula_reads_changed_its_type(selling: DagsterProject) -> None:
    """A number that became text is an error with both types, before any record of it lands."""
    shop(
        selling,
        "ALTER TABLE orders RENAME TO old",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount TEXT, note TEXT)",
        "INSERT INTO orders VALUES (1, 'ten', 'a')",
    )
    drift = evaluations(selling.materialise(), "schema")["shop/orders"]
    assert (drift.passed, drift.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert drift.description == "field 'amount' was integer and is now text; read by metric revenue"
    assert selling.reports()["revenue"].value == 40


def test_field_that_nobody_reads_is_a_warning_once(selling: DagsterProject) -> None:
    """It is told in the night that it vanishes, fails nothing, and the stream is as it now is from then on."""
    shop(selling, "ALTER TABLE orders DROP COLUMN note")
    result = selling.materialise()
    assert result.success
    drift = evaluations(result, "schema")["shop/orders"]
    assert (drift.passed, drift.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert drift.description == "field 'note' is gone"
    assert evaluations(selling.materialise(), "schema")["shop/orders"].passed


def test_new_field_is_no_drift(selling: DagsterProject) -> None:
    """What a source adds breaks nobody."""
    shop(selling, "ALTER TABLE orders ADD COLUMN colour TEXT")
    assert evaluations(selling.materialise(), "schema")["shop/orders"].passed


def test_schema_of_a_source_that_does_not_answer_is_not_judged(selling: DagsterProject) -> None:
    """Its last judgement stays: nothing is known of its fields now."""
    (selling.folder / "shop.db").unlink()
    result = selling.materialise()
    assert evaluations(result, "complete")["shop/orders"].passed is False
    assert "shop/orders" not in evaluations(result, "schema")


def test_schema_is_checked_of_streams_that_formulas_read(project: DagsterProject) -> None:
    """Of the agents, whom no formula reads, nothing can break."""
    assert set(evaluations(project.materialise(), "schema")) == {"desk/tickets", "shop/orders"}


def test_run_of_the_command_line_freezes_fields_too(selling: DagsterProject) -> None:
    """`okr-sync run` meets the same rule: the stream's sync fails with the reason, everything else is computed."""
    shop(selling, "ALTER TABLE orders RENAME COLUMN amount TO total")
    report = pipeline.run(selling.folder, pipeline.SyncOptions())
    (failed,) = report.failed_syncs
    assert failed.error is not None
    assert failed.error.startswith(
        "field 'amount' is gone (new there: total); read by metric revenue. Nothing was landed."
    )
    assert {one.key_result.id: one.observation.status for one in report.outcomes} == {
        "solved": "on track",
        "contacts": "withheld",
        "revenue": "withheld",
    }


def test_metrics_own_tests_are_checks(project: DagsterProject) -> None:
    """2 + 3 is 5: the key result of a tested metric has a check that says how many tests passed; others have none."""
    project.write("okrs/sales.yaml", TESTED)
    found = evaluations(project.materialise(), "tests")
    assert {name: (one.passed, one.description) for name, one in found.items()} == {
        "key_results/sales/revenue": (True, "1 test passed")
    }


def test_failing_test_fails_the_night_and_names_its_remedy(project: DagsterProject) -> None:
    """The value is stored, the check is an error with the line of the test, and the end names the key results."""
    project.write("okrs/sales.yaml", TESTED.replace("expect: 5", "expect: 6"))
    result = project.materialise()
    check = evaluations(result, "tests")["key_results/sales/revenue"]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert check.description == "okrs/sales.yaml:7: metric revenue, test 1: gives 5, expected 6"
    assert project.reports()["revenue"].value == 40
    text = summary(result)
    assert "Metric revenue fails its own tests, 1 of 1: test 1 gives 5, expected 6 (okrs/sales" in text
    assert "Key results that rest on it: revenue." in text
    assert "okr-sync test revenue" in text


@pytest.mark.parametrize(
    ("schedule", "deadline", "minutes"),
    [
        ("0 2 * * *", "0 4 * * *", 120),
        ("30 3 * * 1-5", "30 5 * * 1-5", 120),
        ("15 6 1 */3 *", "15 8 1 */3 *", 120),
        ("30 22 * * 1-5", "59 23 * * 1-5", 89),  # not past midnight: that is another weekday
        ("58 23 * * *", "59 23 * * *", 1),
    ],
)
def test_fresh_until_two_hours_after_the_schedule(schedule: str, deadline: str, minutes: int) -> None:
    """The deadline is on the schedule's day, in the project's zone; what came before the schedule's time is stale."""
    settings = Settings(schedule=schedule, timezone="Asia/Ho_Chi_Minh", cycles={"starts": ["jan"]})
    assert freshness_policy(settings) == dg.FreshnessPolicy.cron(
        deadline, timedelta(minutes=minutes), "Asia/Ho_Chi_Minh"
    )


@pytest.mark.parametrize("schedule", ["*/15 * * * *", "0 2,14 * * *", "0,30 2 * * *", "59 23 * * *"])
def test_schedule_without_a_deadline_has_no_policy(schedule: str) -> None:
    """Of a schedule for several times a day, or the day's last minute, no freshness is claimed."""
    assert freshness_policy(Settings(schedule=schedule, cycles={"starts": ["jan"]})) is None


def test_streams_and_key_results_have_the_policy(project: DagsterProject) -> None:
    """Each of them is judged by the project's schedule; the summary is no data, and has none."""
    expected = dg.FreshnessPolicy.cron("30 5 * * 1-5", timedelta(hours=2), "Asia/Ho_Chi_Minh")
    specs = project.definitions().resolve_all_asset_specs()
    found = {spec.key.to_user_string(): spec.freshness_policy for spec in specs}
    assert found.pop("night_summary") is None
    assert set(found.values()) == {expected}
    assert len(found) == 6
    assert SERVICE.count("metric:") + SALES.count("metric:") == 3


def test_option_that_looks_renamed_is_a_warning(project: DagsterProject) -> None:
    """Formulas find the field and no longer the text: the schema check warns, the summary says whom it touches."""
    assert project.materialise().success
    project.write("tickets.csv", "id,status\n1,resolved\n2,resolved\n3,open\n")
    result = project.materialise()
    assert result.success
    schema = evaluations(result, "schema")["desk/tickets"]
    assert (schema.passed, schema.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert (schema.description or "").startswith(
        "status 'solved' looks renamed: no record holds it now, 'resolved' is new"
    )
    (end,) = result.asset_materializations_for_node("night_summary")
    told = str(end.metadata["options renamed"].value)
    assert "desk.tickets: status 'solved' looks renamed" in told
    assert "read by metric solved; key results: solved" in told
