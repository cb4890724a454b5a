"""Commands to try okr-sync without any account: demo, sandbox."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from okr_sync import pipeline
from okr_sync.commands import exit_codes
from okr_sync.errors import OkrSyncError, nearest
from okr_sync.terminal import console
from okr_sync.terminal import run as run_text
from okr_sync.terminal import status as status_text
from okr_sync.terminal.interrupt import interruptible
from okr_sync.terminal.progress import watched


def demo(
    folder: Annotated[Path, typer.Argument(help="Where to write the demo project.")] = Path("okr-sync-demo"),
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Another seed grows another agency.")] = 1,
) -> None:
    """Sync stand-ins for the systems of a made-up agency, show its key results."""
    # The sandbox brings a web server; no other command should pay for its import.
    from okr_sync.sandbox.demo import serve_demo  # noqa: PLC0415

    notes = console.notes()
    with serve_demo(folder, seed), interruptible(notes), watched(notes) as watch:
        report = pipeline.run(folder, pipeline.SyncOptions(watch=watch))
    run_text.print_syncs(report.syncs, console.answers())
    console.answers().print()
    status_text.print_status(pipeline.status(folder), console.answers())
    console.answers().print(_next_steps(folder), markup=False, soft_wrap=True)
    raise typer.Exit(exit_codes.of_run(report))


def sandbox(
    system: Annotated[
        list[str] | None, typer.Option("--system", metavar="NAME", help="Only this one; may be given several times.")
    ] = None,
    port: Annotated[
        int,
        typer.Option(
            "--port", metavar="NUMBER", min=0, max=65000, help="Where the first listens, the others after it; 0 is any."
        ),
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="The same seed grows the same agency.")] = 1,
    size: Annotated[
        float, typer.Option("--size", metavar="FACTOR", min=0, help="1 is 600 issues, 900 tickets, 480 deals.")
    ] = 1.0,
    now: Annotated[
        datetime | None,
        typer.Option("--now", metavar="TIME", help="The agency's time, in UTC; this machine's if left out."),
    ] = None,
    frozen: Annotated[bool, typer.Option("--frozen", help="Let the agency's clock stand still.")] = False,
    project: Annotated[
        Path | None, typer.Option("--project", metavar="DIR", help="Write a project there that reads all of them.")
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="FAULT",
            help="What goes wrong: 503@jira, 429@hubspot/crm/v3#2,3, cut, silent, page, slow; several times.",
        ),
    ] = None,
) -> None:
    """Serve stand-ins for the source systems, all of one made-up agency, until Ctrl-C."""
    from okr_sync.sandbox.serve import Wishes, serve, write_tour  # noqa: PLC0415 - as above
    from okr_sync.sandbox.systems import SYSTEMS  # noqa: PLC0415
    from okr_sync.sandbox.troubles import fault_of  # noqa: PLC0415

    for name in system or ():
        if name not in SYSTEMS:
            raise OkrSyncError(f"there is no stand-in for {name!r}{nearest(name, SYSTEMS)}")
    faults = [fault_of(one) for one in fault or ()]
    moment = None if now is None else now.replace(tzinfo=UTC)
    if project is not None:
        write_tour(project)
    try:
        serve(Wishes(system or SYSTEMS, port, seed, size, moment, frozen, faults), typer.echo)
    except OSError as error:
        raise typer.BadParameter(f"port {port} cannot be used: {error.strerror}; choose another with --port") from None


def _next_steps(folder: Path) -> str:
    return f"""
Next:
  okr-sync explain late --project {folder}
      why a number is what it is, down to the records
  okr-sync streams --project {folder}
      what the sources offer
  okr-sync plan --project {folder}
      what would change, after you have changed a key result in {folder / "okrs"}
  okr-sync init my-okrs
      a project of your own"""
