"""The sensor that computes anew what is defined otherwise, evaluated by Dagster itself."""

from __future__ import annotations

import dagster as dg
import pytest

from okr_sync.orchestration.changed import JOB, SENSOR
from tests.orchestration.dagster_project import MAIN, SALES, SERVICE, DagsterProject

KPI = "kpis:\n  orders: {name: Orders, metric: orders, at_least: 2}\n"
SOLVED = dg.AssetKey(["key_results", "service", "solved"])
CONTACTS = dg.AssetKey(["key_results", "service", "contacts"])
REVENUE = dg.AssetKey(["key_results", "sales", "revenue"])
ORDERS = dg.AssetKey(["kpis", "orders"])


class Watch:
    """The sensor of a code location that is loaded once, with its cursor."""

    def __init__(self, project: DagsterProject) -> None:
        self.project = project
        self.definitions = project.definitions()
        self.cursor: str | None = None

    def tick(self) -> dg.RunRequest | str:
        """The run it asks for, or why it asks for none."""
        context = dg.build_sensor_context(
            instance=self.project.instance, cursor=self.cursor, definitions=self.definitions, sensor_name=SENSOR
        )
        found = self.definitions.resolve_sensor_def(SENSOR).evaluate_tick(context)
        self.cursor = found.cursor
        if found.run_requests:
            (request,) = found.run_requests
            return request
        return found.skip_message or ""

    def run(self, request: dg.RunRequest | str) -> dg.ExecuteInProcessResult:
        """The run that was asked for."""
        assert isinstance(request, dg.RunRequest)
        return self.definitions.resolve_job_def(JOB).execute_in_process(
            instance=self.project.instance,
            partition_key=request.partition_key,
            asset_selection=request.asset_selection,
            raise_on_error=False,
        )


@pytest.fixture
def watch(project: DagsterProject) -> Watch:
    """After a night, in which the sensor has looked once."""
    project.write("okrs/sales.yaml", SALES + KPI)
    project.materialise()
    found = Watch(project)
    assert found.tick() == "The project's files are as they were."
    return found


def keys(request: dg.RunRequest | str) -> set[dg.AssetKey]:
    assert isinstance(request, dg.RunRequest), request
    return set(request.asset_selection or ())


def test_what_is_defined_otherwise_is_computed_for_today(watch: Watch) -> None:
    """A metric's new formula computes the key results above it and the KPI, with their checks; no source is asked."""
    project = watch.project
    syncs = project.sync_count()
    project.write("orders.csv", "id,amount\n1,1000\n")
    formula = "shop.orders, value: count(*)"
    project.write("okrs/service.yaml", SERVICE.replace(formula, f"{formula} + 1"))
    request = watch.tick()
    assert keys(request) == {CONTACTS, ORDERS}
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == str(project.today())
    result = watch.run(request)
    assert result.success
    assert {one.asset_key for one in result.get_asset_materialization_events()} == {CONTACTS, ORDERS}
    assert {one.asset_key for one in result.get_asset_check_evaluations()} == {CONTACTS}
    assert project.reports()["contacts"].value == 1  # 3 tickets / (2 + 1)
    assert project.sync_count() == syncs
    assert "as they were" in str(watch.tick())


def test_before_the_first_night_nothing_is_computed(project: DagsterProject) -> None:
    """A project that is new has nothing to compare with: its key results are not shown as failing before they ran."""
    assert Watch(project).tick() == "Nothing was computed yet; the first night does it."


def test_other_words_are_no_change(watch: Watch) -> None:
    """A comment, a name or an owner changes no definition, and so computes nothing."""
    watch.project.write("okrs/sales.yaml", "# new\n" + SALES.replace("Sell for 80", "Sell much") + KPI)
    assert watch.tick() == "The project's files are as they were."


def test_broken_file_skips_and_says_so(watch: Watch) -> None:
    """Tick after tick says file and line, none fails; once it is corrected, what changed is computed."""
    watch.project.write("okrs/sales.yaml", "- objective: Sell\n")
    for _ in range(2):
        assert "okrs/sales.yaml:1: " in str(watch.tick())
    watch.project.write("okrs/sales.yaml", SALES.replace("target: 80", "target: 100") + KPI)
    assert keys(watch.tick()) == {REVENUE}


def test_saving_twice_is_one_run(watch: Watch) -> None:
    """Two looks at one definition before its run ask for it under one key, which Dagster runs once."""
    changed = SALES.replace("target: 80", "target: 100") + KPI
    watch.project.write("okrs/sales.yaml", changed)
    first = watch.tick()
    watch.project.write("okrs/sales.yaml", changed + "# saved again\n")
    second = watch.tick()
    assert isinstance(first, dg.RunRequest) and isinstance(second, dg.RunRequest)
    assert first.run_key == second.run_key


def test_there_and_back_again_are_several_runs(watch: Watch) -> None:
    """To another definition, back, and there once more on one day: each is computed."""
    changed = SALES.replace("target: 80", "target: 100") + KPI
    seen = []
    for content in (changed, SALES + KPI, changed):
        watch.project.write("okrs/sales.yaml", content)
        request = watch.tick()
        assert watch.run(request).success
        assert isinstance(request, dg.RunRequest)
        seen.append(request.run_key)
    assert len(set(seen)) == 3
    assert watch.project.reports()["revenue"].progress == 0.4  # 40 / 100


def test_key_results_that_come_and_go_need_a_reload(watch: Watch) -> None:
    """What is no asset yet cannot be computed: the tick names it; what else changed is computed."""
    watch.project.write("okrs/sales.yaml", SALES.replace("id: revenue", "id: turnover") + KPI)
    assert watch.tick() == "Reload the code location: turnover came; revenue went."
    assert "turnover came" in str(watch.tick())
    watch.project.write("okrs/service.yaml", SERVICE.replace("target: 4", "target: 5"))
    assert keys(watch.tick()) == {SOLVED}
    reloaded = Watch(watch.project)
    assert dg.AssetKey(["key_results", "sales", "turnover"]) in keys(reloaded.tick())


def test_project_without_key_results_has_no_sensor(project: DagsterProject) -> None:
    """There is nothing to compute, so there is nothing to look for."""
    for name in ("sales", "service"):
        (project.folder / f"okrs/{name}.yaml").unlink()
    project.write("okr-sync.yaml", MAIN)
    assert not project.definitions().sensors
