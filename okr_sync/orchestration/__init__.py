"""The project as Dagster sees it. `dagster dev -m okr_sync.orchestration` serves the project of the current folder."""

import dagster as dg

from okr_sync.orchestration.choose import chosen_definitions


@dg.definitions
def defs() -> dg.Definitions:
    """Called by Dagster as it loads, so that importing this package reads no project and writes no demo."""
    return chosen_definitions()
