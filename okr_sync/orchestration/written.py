"""Code references: the lines of the project's files that an asset comes from, which Dagster's catalogue links to."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from okr_sync.orchestration.selected import Metadata
from okr_sync.project.located import Location

REFERENCES = "dagster/code_references"


def written_in(folder: Path, places: Iterable[tuple[str, Location]]) -> Metadata:
    """As metadata of an asset; `places` are what is written there and where, each place once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # a person who starts Dagster can do nothing about it
        references = {
            (place.file, place.line): dg.LocalFileCodeReference(
                file_path=str(folder / place.file), line_number=place.line, label=f"{label} ({place})"
            )
            for label, place in places
        }
        return {REFERENCES: dg.CodeReferencesMetadataValue(code_references=list(references.values()))}
