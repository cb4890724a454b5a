"""`python -m okr_sync.sandbox`: the sandbox on its own, for a look around with curl."""

from __future__ import annotations

from typing import Annotated

import typer

from okr_sync.sandbox.agency import ISSUE_COUNT, TICKET_COUNT
from okr_sync.sandbox.serve import grow_now, serve


def main(
    port: Annotated[int, typer.Option(help="Where to listen; 0 is any free port.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed grows the same agency.")] = 1,
    issues: Annotated[int, typer.Option(help="How many Jira issues it has.", min=0)] = ISSUE_COUNT,
    tickets: Annotated[int, typer.Option(help="How many Zendesk tickets it has.", min=0)] = TICKET_COUNT,
) -> None:
    """Serve stand-ins for Jira and Zendesk until Ctrl-C."""
    serve(grow_now(seed, issues, tickets), port, typer.echo)


if __name__ == "__main__":
    typer.run(main)
