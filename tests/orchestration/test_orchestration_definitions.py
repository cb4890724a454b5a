"""A project as Dagster's catalogue shows it."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from okr_sync.errors import ProjectError
from okr_sync.orchestration import defs
from tests.orchestration.dagster_project import DagsterProject

TICKETS = dg.AssetKey(["desk", "tickets"])
AGENTS = dg.AssetKey(["desk", "agents"])
ORDERS = dg.AssetKey(["shop", "orders"])
SOLVED = dg.AssetKey(["key_results", "service", "solved"])
CONTACTS = dg.AssetKey(["key_results", "service", "contacts"])
REVENUE = dg.AssetKey(["key_results", "sales", "revenue"])
SUMMARY = dg.AssetKey("night_summary")


def specs(definitions: dg.Definitions) -> dict[dg.AssetKey, dg.AssetSpec]:
    return {spec.key: spec for spec in definitions.resolve_all_asset_specs()}


def test_assets_are_loadable(project: DagsterProject) -> None:
    """Dagster itself finds nothing wrong in the definitions."""
    dg.Definitions.validate_loadable(project.definitions())


def test_key_results_depend_on_the_streams_they_read(project: DagsterProject) -> None:
    """A key result hangs on exactly the streams below its formula, the summary on all that nothing else reads."""
    found = {
        key: {dependency.asset_key for dependency in spec.deps} for key, spec in specs(project.definitions()).items()
    }
    assert found == {
        TICKETS: set(),
        AGENTS: set(),
        ORDERS: set(),
        SOLVED: {TICKETS},
        CONTACTS: {TICKETS, ORDERS},
        REVENUE: {ORDERS},
        SUMMARY: {SOLVED, CONTACTS, REVENUE, AGENTS},
    }


def test_assets_are_grouped_by_source_and_objective(project: DagsterProject) -> None:
    """Streams stand in the group of their source, key results in that of their objective, told apart by a prefix."""
    assert {key: spec.group_name for key, spec in specs(project.definitions()).items()} == {
        TICKETS: "source_desk",
        AGENTS: "source_desk",
        ORDERS: "source_shop",
        SOLVED: "objective_service",
        CONTACTS: "objective_service",
        REVENUE: "objective_sales",
        SUMMARY: "summary",
    }


def test_owners_are_mail_addresses_or_teams(project: DagsterProject) -> None:
    """An owner that is no e-mail address is a team; a key result without an owner has its objective's."""
    found = specs(project.definitions())
    assert list(found[SOLVED].owners) == ["team:Service desk"]
    assert list(found[REVENUE].owners) == ["sales@shop.example"]


def test_key_result_says_what_it_is_computed_from(project: DagsterProject) -> None:
    """The catalogue shows the goal, the formulas as written, and the line of the file."""
    metadata = specs(project.definitions())[CONTACTS].metadata
    assert metadata["goal"] == "from 3 to 1"
    assert metadata["written in"] == "okrs/service.yaml:7"
    formulas = metadata["formulas"].value
    assert "value: tickets / orders" in formulas
    assert "stream: shop.orders" in formulas


def test_fields_of_a_stream_are_columns(project: DagsterProject) -> None:
    """Before the first sync a stream shows the fields that its project declares."""
    schema = specs(project.definitions())[ORDERS].metadata["dagster/column_schema"].value
    assert {column.name: column.type for column in schema.columns}["amount"] == "integer"


def test_schedule_is_the_projects(project: DagsterProject) -> None:
    """The nightly job runs when the project says, in the project's zone, and is switched on."""
    schedule = project.definitions().resolve_schedule_def("nightly_schedule")
    assert schedule.cron_schedule == "30 3 * * 1-5"
    assert schedule.execution_timezone == "Asia/Ho_Chi_Minh"
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING


def test_wrong_schedule_is_refused(project: DagsterProject) -> None:
    """A schedule that cron does not know is a problem of the project's file, with its line."""
    main = (project.folder / "okr-sync.yaml").read_text("utf-8")
    project.write("okr-sync.yaml", main.replace("30 3 * * 1-5", "99 3 * * 1-5"))
    with pytest.raises(ProjectError, match=r"okr-sync\.yaml:4: schedule: '99 3 \* \* 1-5' is not a schedule"):
        project.definitions()


def test_many_key_results_are_several_steps(project: DagsterProject) -> None:
    """401 key results beside the 3 of the project are steps of 200, 200 and 4: none is larger, none is lost."""
    rows = "".join(f"  - {{id: k{n}, name: K, metric: solved, target: {n + 1}}}\n" for n in range(401))
    project.write("okrs/many.yaml", f"objective: Many\nid: many\nkey_results:\n{rows}")
    steps = [one for one in project.definitions().assets or [] if isinstance(one, dg.AssetsDefinition)]
    sizes = {step.op.name: len(list(step.keys)) for step in steps}
    assert sizes == {
        "sync_desk": 2,
        "sync_shop": 1,
        "compute_1": 200,
        "compute_2": 200,
        "compute_3": 4,
        "night_summary": 1,
    }


def test_project_named_by_the_environment_is_served(
    project: DagsterProject, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OKR_SYNC_PROJECT wins over the current folder."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    monkeypatch.setenv("OKR_SYNC_PROJECT", str(project.folder))
    assert TICKETS in specs(defs())


def test_project_of_the_current_folder_is_served(project: DagsterProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without OKR_SYNC_PROJECT, the current folder's project is served, and no demo is written."""
    monkeypatch.chdir(project.folder)
    monkeypatch.delenv("OKR_SYNC_PROJECT", raising=False)
    assert TICKETS in specs(defs())
    assert not (project.folder / "okr-sync-demo").exists()


def test_folder_without_a_project_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OKR_SYNC_PROJECT that names no project is an error that names the folder, never the demo."""
    monkeypatch.setenv("OKR_SYNC_PROJECT", str(tmp_path))
    with pytest.raises(ProjectError, match=f"{tmp_path}: has no okr-sync.yaml"):
        defs()


def test_problems_of_the_project_reach_dagster(project: DagsterProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong in the files is what Dagster shows as the code location's error: file, line, nearest name."""
    monkeypatch.setenv("OKR_SYNC_PROJECT", str(project.folder))
    project.write(
        "okrs/sales.yaml", (project.folder / "okrs/sales.yaml").read_text("utf-8").replace("(amount)", "(amuont)")
    )
    with pytest.raises(ProjectError, match=r"okrs/sales\.yaml:7: .*amuont"):
        defs()


LINED = """
objective: Serve well
id: service
owner: Service desk
key_results:
  - {id: solved, name: Solve, metric: solved, target: 4}
  - {id: rate, name: Rate, metric: rate, target: 4}
kpis:
  orders: {name: Orders, metric: orders, at_least: 1, owner: an@shop.example}
metrics:
  solved:
    stream: desk.tickets
    where: priority = 'high'
    time: closed_at
    window: from first
    value: count_if(status = 'solved')
  orders: {stream: big, value: sum(worth), unit: VND}
  rate: {value: solved / orders}
events:
  first: {stream: desk.agents, value: min(joined_at)}
views:
  big: {select: "SELECT amount AS worth FROM shop.orders WHERE kind = 'web'"}
"""
LINED_STREAMS = """
  desk:
    connector: files
    streams:
      tickets: {path: tickets.csv, key: id, fields: {status: text, priority: text, closed_at: timestamp, note: text}}
      agents: {path: agents.csv, key: id, fields: {joined_at: timestamp, name: text}}
  shop:
    connector: files
    streams:
      orders: {path: orders.csv, key: id, fields: {amount: integer, kind: text, note: text}, units: {amount: VND}}
"""


def test_numbers_depend_on_exactly_the_fields_they_read(project: DagsterProject) -> None:
    """Those of value, where, time, the events of windows, views and the metrics below, and no other field."""
    main = (project.folder / "okr-sync.yaml").read_text("utf-8")
    project.write("okr-sync.yaml", main.partition("sources:")[0] + "sources:" + LINED_STREAMS)
    project.write("okrs/service.yaml", LINED)
    (project.folder / "okrs/sales.yaml").unlink()
    found = specs(project.definitions())

    def lineage(key: dg.AssetKey) -> set[str]:
        (deps,) = found[key].metadata["dagster/column_lineage"].value.deps_by_column.values()
        return {f"{dep.asset_key.to_user_string()}.{dep.column_name}" for dep in deps}

    rate = dg.AssetKey(["key_results", "service", "rate"])
    orders = dg.AssetKey(["kpis", "orders"])
    solved = {"desk/tickets.status", "desk/tickets.priority", "desk/tickets.closed_at", "desk/agents.joined_at"}
    assert lineage(SOLVED) == solved
    assert lineage(orders) == {"shop/orders.amount", "shop/orders.kind"}
    assert lineage(rate) == lineage(SOLVED) | lineage(orders)
    assert list(found[orders].owners) == ["an@shop.example"]
    (amount,) = [one for one in found[ORDERS].metadata["dagster/column_schema"].value.columns if one.name == "amount"]
    assert (amount.type, amount.description) == ("integer", "(in VND)")


def test_key_results_are_filtered_by_tags(project: DagsterProject) -> None:
    """Ambition, kind of goal, and the cycle where the project names it."""
    project.write("okrs/sales.yaml", (project.folder / "okrs/sales.yaml").read_text("utf-8") + "cycle: long\n")
    tags = specs(project.definitions())[REVENUE].tags
    assert {name: tags[name] for name in ("ambition", "goal", "cycle")} == {
        "ambition": "aspirational",
        "goal": "reach",
        "cycle": "long",
    }
