"""Commands about the project itself: check, test, doctor, backup, schema, init."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from okr_sync import pipeline, publishing
from okr_sync.commands import exit_codes
from okr_sync.commands.options import HERE, Json, LanguageOption, Project, Sources, print_json
from okr_sync.doctor import Examination
from okr_sync.installed import installed_connectors
from okr_sync.project.init import write_template
from okr_sync.project.schema import json_schema
from okr_sync.terminal import check as check_text
from okr_sync.terminal import console
from okr_sync.terminal import doctor as doctor_text
from okr_sync.terminal import rehearsal as rehearsal_text


def check(
    project: Project = HERE,
    language: LanguageOption = None,
    as_json: Json = False,
) -> None:
    """Check the project's files offline, run the metrics' tests, then give advice by the OKR method."""
    report = pipeline.check(project, language and language.value)
    if as_json:
        print_json(check_text.check_json(report))
    else:
        check_text.print_advice(report, console.answers())


def test(
    metric: Annotated[list[str] | None, typer.Argument(help="Only the tests of these metrics.")] = None,
    project: Project = HERE,
    as_json: Json = False,
) -> None:
    """Run the tests that the metrics have in their files; ask no source. Shows which rows made a wrong value."""
    report = pipeline.test(project, metric or ())
    if as_json:
        print_json(rehearsal_text.tests_json(report))
    else:
        rehearsal_text.print_tests(report, console.answers())
    raise typer.Exit(3 if report.failed else 0)


def doctor(
    project: Project = HERE,
    source: Sources = None,
    dagster: Annotated[
        bool, typer.Option("--dagster", help="Look at the Dagster of DAGSTER_HOME as well; its import takes a while.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Ask each source who we are to it and what we may see; look at store, warehouse and the addresses of destinations.

    Lands, sends and changes nothing.
    """
    with console.notes().status("asking the sources"):
        report = pipeline.doctor(project, source or ())
        destinations = [] if source else publishing.examine(project)
        installation = [*report.installation, *(_dagster() if dagster else ())]
    examinations = [*report.sources, *installation, *destinations]
    if as_json:
        print_json(doctor_text.doctor_json(report.sources, installation, None if source else destinations))
    else:
        doctor_text.print_examinations(examinations, console.answers())
    code = exit_codes.of_examinations(report.sources, installation)
    raise typer.Exit(code or (10 if any(not one.is_healthy for one in destinations) else 0))


def _dagster() -> list[Examination]:
    from okr_sync.orchestration.health import examine_dagster  # noqa: PLC0415 - Dagster takes seconds to import

    return [examine_dagster()]


def backup(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")], project: Project = HERE, as_json: Json = False
) -> None:
    """Copy the files of store and warehouse to a new folder, each in one state, whatever runs meanwhile."""
    report = pipeline.backup(project, folder)
    if as_json:
        print_json({"files": [str(one) for one in report.files], "in_postgresql": list(report.in_postgresql)})
        return
    for path in report.files:
        console.answers().print(f"wrote {path}", markup=False, soft_wrap=True)
    for name in report.in_postgresql:
        console.answers().print(f"the {name} is in PostgreSQL: pg_dump makes its backup, see docs/operations.md")


def schema() -> None:
    """Print the JSON Schema of the project's files, for editors."""
    print_json(json_schema(installed_connectors()))


def init(folder: Annotated[Path, typer.Argument(help="The folder to make; it may exist.")]) -> None:
    """Write a small commented project that runs."""
    for path in write_template(folder):
        console.answers().print(f"wrote {path}", markup=False, soft_wrap=True)
    console.answers().print(
        f"\nNext:\n  okr-sync run --project {folder}\n  okr-sync status --project {folder}",
        markup=False,
        soft_wrap=True,
    )
