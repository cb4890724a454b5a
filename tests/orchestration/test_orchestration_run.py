"""Runs of a small project by Dagster itself: what is stored, what is checked, how a run ends."""

from __future__ import annotations

import dagster as dg
import pytest

from okr_sync import pipeline
from tests.orchestration.dagster_project import MAIN, SALES, DagsterProject

STREAMS = dg.AssetSelection.groups("source_desk", "source_shop")
KEY_RESULTS = dg.AssetSelection.groups("objective_service", "objective_sales")


def checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    """By asset, whether its stream was complete or its value trusted."""
    found = [one for one in result.get_asset_check_evaluations() if one.check_name in ("complete", "trusted")]
    return {one.asset_key.to_user_string(): one.passed for one in found}


def materialised(result: dg.ExecuteInProcessResult) -> set[str]:
    return {event.asset_key.to_user_string() for event in result.get_asset_materialization_events() if event.asset_key}


def failure(result: dg.ExecuteInProcessResult) -> str:
    """What the failed step says."""
    (event,) = result.get_step_failure_events()
    cause = event.step_failure_data.user_failure_data
    assert cause is not None and cause.description is not None
    return cause.description


def test_everything_is_synced_computed_and_stored(project: DagsterProject) -> None:
    """One run leaves every value in the store: 2 solved, 3 tickets / 2 orders, 10 + 30."""
    result = project.materialise()
    assert result.success
    reports = project.reports()
    assert {name: one.value for name, one in reports.items()} == {"solved": 2, "contacts": 1.5, "revenue": 40}
    # solved 2 / 4; contacts (1.5 - 3) / (1 - 3); revenue 40 / 80
    assert {name: one.progress for name, one in reports.items()} == {"solved": 0.5, "contacts": 0.75, "revenue": 0.5}
    assert len(checks(result)) == 6
    assert all(checks(result).values())


def test_numbers_are_charted_and_read_in_words(project: DagsterProject) -> None:
    """A key result's metadata has its numbers as numbers, and its value with its unit."""
    result = project.materialise()
    events = {event.asset_key: event.materialization.metadata for event in result.get_asset_materialization_events()}
    metadata = {name: one.value for name, one in events[dg.AssetKey(["key_results", "service", "contacts"])].items()}
    assert metadata["value"] == 1.5
    assert metadata["value in words"] == "1.5"
    assert metadata["progress"] == 0.75
    assert metadata["records"] == 5  # 3 tickets and 2 orders
    orders = events[dg.AssetKey(["shop", "orders"])]
    assert orders["dagster/row_count"].value == 2


def test_source_that_fails_touches_only_what_reads_it(project: DagsterProject) -> None:
    """Its checks and those of its key results fail, the others go on, and the run fails at its end and says why."""
    project.materialise()
    (project.folder / "orders.csv").unlink()
    project.write("tickets.csv", "id,status\n1,solved\n2,solved\n3,solved\n")
    result = project.materialise()
    assert not result.success
    assert checks(result) == {
        "desk/tickets": True,
        "desk/agents": True,
        "shop/orders": False,
        "key_results/service/solved": True,
        "key_results/service/contacts": False,
        "key_results/sales/revenue": False,
    }
    reports = project.reports()
    assert (reports["solved"].value, reports["solved"].status) == (3, "on track")
    assert (reports["revenue"].value, reports["revenue"].status) == (40, "withheld")
    assert (reports["contacts"].value, reports["contacts"].status) == (1.5, "withheld")
    text = failure(result)
    assert text.startswith("1 of 3 streams are not complete, 2 of 3 key results are kept back.\nSource shop, ")
    assert "orders.csv" in text
    assert "Key results that read it: revenue, contacts." in text
    assert "To do: repair source shop" in text


def test_source_without_its_variables_fails_alone(project: DagsterProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing variable fails the streams of its source, is written down, and stops nothing else."""
    monkeypatch.setenv("SHOP_FILE", "orders.csv")
    main = (project.folder / "okr-sync.yaml").read_text("utf-8")
    project.write("okr-sync.yaml", main.replace("path: orders.csv", 'path: "${SHOP_FILE}"'))
    project.materialise()
    monkeypatch.delenv("SHOP_FILE")
    result = project.materialise()
    assert "SHOP_FILE is not set" in failure(result)
    assert checks(result)["shop/orders"] is False
    assert project.reports()["revenue"].status == "withheld"
    assert project.reports()["solved"].status == "on track"


def test_value_that_jumps_fails_the_run(project: DagsterProject) -> None:
    """A value withheld by a gate fails its check and is named at the end, though every source was complete."""
    project.materialise()
    project.write("orders.csv", "id,amount\n1,10\n2,71\n")  # 81 is 41 more than 40, allowed are 100 % of 40
    result = project.materialise()
    assert checks(result)["shop/orders"] is True
    assert checks(result)["key_results/sales/revenue"] is False
    text = failure(result)
    assert "Key result revenue is withheld: the value moved by 41" in text
    assert "okr-sync explain revenue" in text


def test_no_data_at_first_is_no_failure(project: DagsterProject) -> None:
    """An empty denominator is no data with its reason, not a failed check: nobody has to repair anything."""
    project.write("orders.csv", "id,amount\n")
    result = project.materialise()
    assert result.success
    assert checks(result)["key_results/service/contacts"] is True
    assert project.reports()["contacts"].status == "no data"
    events = {event.asset_key: event.materialization.metadata for event in result.get_asset_materialization_events()}
    assert "value" not in events[dg.AssetKey(["key_results", "service", "contacts"])]


def test_key_results_alone_ask_no_source(project: DagsterProject) -> None:
    """Materialising key results reads what has landed: the sources may be gone."""
    project.sync(STREAMS)
    before = project.sync_count()
    for name in ("orders.csv", "tickets.csv", "agents.csv"):
        (project.folder / name).unlink()
    result = project.materialise(KEY_RESULTS)
    assert result.success
    assert len(materialised(result)) == 3
    assert project.sync_count() == before


def test_key_result_before_any_sync_is_not_trusted(project: DagsterProject) -> None:
    """Computed alone before its stream was ever synced, a key result has no data and a failed check."""
    result = project.materialise(KEY_RESULTS)
    assert set(checks(result).values()) == {False}
    assert project.reports()["solved"].status == "no data"


def test_one_key_result_of_a_step(project: DagsterProject) -> None:
    """Of a step's key results, only the one asked for is computed, checked and stored."""
    project.sync(STREAMS)
    result = project.materialise(dg.AssetSelection.assets("key_results/service/solved"))
    assert materialised(result) == {"key_results/service/solved"}
    assert checks(result) == {"key_results/service/solved": True}
    assert {name: one.value for name, one in project.reports().items()} == {
        "solved": 2,
        "contacts": None,
        "revenue": None,
    }


def test_one_stream_of_a_source(project: DagsterProject) -> None:
    """Of a source's streams, the one asked for is materialised and checked."""
    result = project.sync(dg.AssetSelection.assets("desk/tickets"))
    assert result.success
    assert materialised(result) == {"desk/tickets"}
    assert checks(result) == {"desk/tickets": True}


def test_assets_without_their_checks(project: DagsterProject) -> None:
    """A selection may leave the checks out."""
    project.sync(STREAMS)
    result = project.materialise(KEY_RESULTS.without_checks())
    assert result.success
    assert len(materialised(result)) == 3
    assert checks(result) == {}


def test_checks_without_their_assets(project: DagsterProject) -> None:
    """A selection may be checks alone, which have no days: they are those of today."""
    project.sync(STREAMS)
    agents = dg.AssetCheckKey(dg.AssetKey(["desk", "agents"]), "complete")
    revenue = dg.AssetCheckKey(dg.AssetKey(["key_results", "sales", "revenue"]), "trusted")
    result = project.sync(dg.AssetSelection.checks(agents, revenue))
    assert result.success
    assert materialised(result) == set()
    assert checks(result) == {"desk/agents": True, "key_results/sales/revenue": True}


def test_cycles_side_by_side(project: DagsterProject) -> None:
    """The key results of every cycle that runs are assets of one graph, and each is stored in its own cycle."""
    fixed = MAIN.replace("2099-12-31}", "2099-12-31}]")
    project.write("okr-sync.yaml", fixed.replace("cycle: {", "cycles: [{starts: [jan]}, {"))
    project.write("okrs/sales.yaml", SALES.replace("id: sales\n", "id: sales\ncycle: long\n"))
    assert project.materialise().success
    cycles = {one.id: (one.cycle, one.progress) for one in pipeline.status(project.folder).objectives}
    assert (cycles["sales"], cycles["service"][0] != "long") == (("long", 0.5), True)
    reports = project.reports()
    assert {name: one.value for name, one in reports.items()} == {"solved": 2, "contacts": 1.5, "revenue": 40}


def test_stream_of_an_event(project: DagsterProject) -> None:
    """A key result depends on the stream that the event of its window comes from."""
    events = "events: {first: {stream: desk.agents, value: \"'2026-01-01'\"}}\n"
    window = "shop.orders, time: \"'2026-02-01'\", window: from first, "
    project.write("okrs/sales.yaml", SALES.replace("shop.orders, ", window) + events)
    (spec,) = [one for asset in project.definitions().assets or [] if isinstance(asset, dg.AssetsDefinition)
               for one in asset.specs if one.key == dg.AssetKey(["key_results", "sales", "revenue"])]  # fmt: skip
    assert {one.asset_key for one in spec.deps} == {dg.AssetKey(["shop", "orders"]), dg.AssetKey(["desk", "agents"])}
