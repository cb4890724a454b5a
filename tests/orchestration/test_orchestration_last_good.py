"""A project that somebody broke before the night: the night goes by the last files that loaded well, and says so."""

from __future__ import annotations

import re

import dagster as dg
import pytest
from dagster._core.code_pointer import CodePointer
from dagster._core.definitions.definitions_load_context import DefinitionsLoadContext
from dagster._core.definitions.reconstruct import (
    initialize_repository_def_from_pointer,
    reconstruct_repository_def_from_pointer,
)
from dagster._core.definitions.repository_definition import RepositoryDefinition

from okr_sync import pipeline
from okr_sync.errors import ProjectError
from okr_sync.orchestration.last_good import KEPT, open_project
from okr_sync.report import KeyResultReport
from tests.orchestration.dagster_project import MAIN, SALES, DagsterProject

REVENUE = dg.AssetKey(["key_results", "sales", "revenue"])
BROKEN = {
    "no mapping": ("okrs/sales.yaml", "- objective: Sell\n", r"okrs/sales\.yaml:1: "),
    "a formula over a field that is not there": (
        "okrs/sales.yaml",
        SALES.replace("sum(amount)", "sum(amuont)"),
        r"okrs/sales\.yaml:7: .*amuont",
    ),
    "no schedule": (
        "okr-sync.yaml",
        MAIN.replace("30 3 * * 1-5", "99 3 * * 1-5"),
        r"okr-sync\.yaml:4: schedule: '99 3 \* \* 1-5' is not a schedule",
    ),
    "a cycle that has not begun": ("okr-sync.yaml", MAIN.replace("2020-01-01", "2090-01-01"), "begins on 2090-01-01"),
}


def failure(result: dg.ExecuteInProcessResult) -> str:
    """What the failed step says."""
    (event,) = result.get_step_failure_events()
    cause = event.step_failure_data.user_failure_data
    assert cause is not None and cause.description is not None
    return cause.description


@pytest.mark.parametrize("how", BROKEN)
def test_night_goes_by_the_last_good_files(project: DagsterProject, how: str) -> None:
    """Definitions are those of before, today's numbers are stored, and the run fails with file, line and remedy."""
    project.definitions()
    file, content, place = BROKEN[how]
    project.write(file, content)
    result = project.materialise()
    assert {name: one.value for name, one in project_values(project).items()} == {
        "solved": 2,
        "contacts": 1.5,
        "revenue": 40,
    }
    text = failure(result)
    assert text.startswith("The project's files are broken since 20")
    assert re.search(place, text)
    assert "The night goes by the definitions of 20" in text
    assert "To do: okr-sync check shows every problem" in text


def project_values(project: DagsterProject) -> dict[str, KeyResultReport]:
    """What is stored, by the project as it was."""
    workspace, days = pipeline.in_time(open_project(project.folder).workspace, None)
    objectives = pipeline.stored_status(workspace, days).objectives
    return {one.id: one for objective in objectives for one in objective.key_results}


def test_catalogue_and_materialisations_say_it(project: DagsterProject) -> None:
    """Without a summary, as in a backfill, each key result says what it was computed by; so does the catalogue."""
    project.sync(dg.AssetSelection.groups("source_desk", "source_shop"))
    project.write("okrs/sales.yaml", "- objective: Sell\n")
    result = project.materialise(dg.AssetSelection.assets(REVENUE))
    assert result.success
    (event,) = result.get_asset_materialization_events()
    assert "okrs/sales.yaml:1" in str(event.materialization.metadata["project is broken"].value)
    (summary,) = [one for one in project.definitions().resolve_all_asset_specs() if one.key.path == ["night_summary"]]
    assert "okrs/sales.yaml:1" in summary.metadata["broken"].value


def test_corrected_files_are_taken_again(project: DagsterProject) -> None:
    """The run after the correction goes by the new files and ends well."""
    project.definitions()
    project.write("okrs/sales.yaml", "- objective: Sell\n")
    assert not project.materialise().success
    project.write("okrs/sales.yaml", SALES.replace("sum(amount)", "sum(amount) + 1"))
    assert project.materialise().success
    assert project.reports()["revenue"].value == 41


def test_commands_refuse_a_broken_project(project: DagsterProject) -> None:
    """Only the night falls back: a person at the command line sees the problem and gets no numbers."""
    project.definitions()
    project.write("okrs/sales.yaml", "- objective: Sell\n")
    for command in (pipeline.run, pipeline.check, pipeline.status):
        with pytest.raises(ProjectError, match=r"okrs/sales\.yaml:1"):
            command(project.folder)


def test_night_runs_where_nothing_can_be_kept(project: DagsterProject, caplog: pytest.LogCaptureFixture) -> None:
    """A folder that cannot be written holds up no night: it is told, and only the falling back is not there."""
    (project.folder / KEPT).mkdir(parents=True)
    assert open_project(project.folder).broken is None
    assert "last-good.json cannot be written" in caplog.text
    assert list((project.folder / KEPT).parent.glob("last-good-*")) == []
    project.write("okrs/sales.yaml", "- objective: Sell\n")
    with pytest.raises(ProjectError, match=r"okrs/sales\.yaml:1"):
        project.definitions()


def test_kept_file_that_is_damaged_is_none(project: DagsterProject) -> None:
    """Half a file, as a full disk leaves it, is not taken for a project."""
    project.definitions()
    project.write(KEPT, (project.folder / KEPT).read_text("utf-8")[:100])
    project.write("okrs/sales.yaml", "- objective: Sell\n")
    with pytest.raises(ProjectError, match=r"okrs/sales\.yaml:1"):
        project.definitions()


def keys(repository: RepositoryDefinition) -> set[dg.AssetKey]:
    return set(repository.asset_graph.materializable_asset_keys)


def test_processes_of_a_run_load_what_the_code_location_loaded(
    project: DagsterProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Key results that come or go in the middle of a run change nothing in its steps; a reload takes them up."""
    monkeypatch.setenv("OKR_SYNC_PROJECT", str(project.folder))
    pointer = CodePointer.from_module("okr_sync.orchestration", "defs", None)
    with DefinitionsLoadContext.scoped(DefinitionsLoadContext.get()):
        loaded = initialize_repository_def_from_pointer(pointer)
        project.write("okrs/sales.yaml", SALES.replace("id: revenue", "id: turnover"))
        assert keys(reconstruct_repository_def_from_pointer(pointer, loaded.repository_load_data)) == keys(loaded)
        reloaded = initialize_repository_def_from_pointer(pointer)
    assert REVENUE in keys(loaded)
    assert keys(reloaded) == keys(loaded) - {REVENUE} | {dg.AssetKey(["key_results", "sales", "turnover"])}


def test_code_location_of_a_broken_project_reloads(project: DagsterProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dagster restarted over a broken project serves what it served before."""
    monkeypatch.setenv("OKR_SYNC_PROJECT", str(project.folder))
    pointer = CodePointer.from_module("okr_sync.orchestration", "defs", None)
    with DefinitionsLoadContext.scoped(DefinitionsLoadContext.get()):
        loaded = initialize_repository_def_from_pointer(pointer)
        project.write("okrs/sales.yaml", "- objective: Sell\n")
        reloaded = initialize_repository_def_from_pointer(pointer)
    assert keys(reloaded) == keys(loaded)


def test_a_file_that_was_saved_since_the_load_counts(project: DagsterProject) -> None:
    """A step computes by the files as they are when it runs: 40 of a target that is now 160 is 0.25."""
    project.sync(dg.AssetSelection.groups("source_desk", "source_shop"))
    assets = [one for one in project.definitions().assets or [] if isinstance(one, dg.AssetsDefinition)]
    project.write("okrs/sales.yaml", SALES.replace("target: 80", "target: 160"))
    chosen = dg.AssetSelection.assets(REVENUE)
    dg.materialize(assets, selection=chosen, instance=project.instance, partition_key=str(project.today()))
    assert project.reports()["revenue"].progress == 0.25
