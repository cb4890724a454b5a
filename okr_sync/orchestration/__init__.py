"""The project as Dagster sees it. `dagster dev -m okr_sync.orchestration` serves the project of the current folder."""

from okr_sync.orchestration.choose import chosen_definitions

defs = chosen_definitions()
