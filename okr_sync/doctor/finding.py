"""What an examination finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    GOOD = "good"
    NOTE = "note"
    """Works, and a person may want to know."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    """What was looked at: sign-in, permissions, clock, requests, or the name of a stream."""
    health: Health
    text: str
    """What was seen; where it is not good, what to do."""


@dataclass(frozen=True, slots=True)
class Examination:
    """One part of an installation and what was found, in the order of looking."""

    subject: str
    """What was examined: the name of a source, or the store, the warehouse, Dagster."""
    kind: str
    """Of a source, its connector; of a database, its engine."""
    findings: tuple[Finding, ...]

    @property
    def is_healthy(self) -> bool:
        return all(one.health is not Health.BAD for one in self.findings)


def findings_of(examinations: Sequence[Examination], health: Health) -> int:
    return sum(one.health is health for examination in examinations for one in examination.findings)
