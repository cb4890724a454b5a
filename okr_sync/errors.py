"""The root of every error that a person is meant to read.

Anything else that escapes is a defect of okr-sync. The command line turns an error's class into an exit code
(`okr_sync.cli`); the message says what happened, where, the value seen, what is allowed and the next step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


class OkrSyncError(Exception):
    """An error with a message written for the person who runs okr-sync."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a project's files."""

    place: str
    """File and line: `okrs/delivery.yaml:12`."""
    field: str
    """The path of the field inside the file: `metrics.late.value`."""
    message: str
    """What is wrong, the value seen, what is allowed, the nearest known name."""
    excerpt: str = ""
    """The offending text, underlined, where the place alone is too coarse."""

    def __str__(self) -> str:
        text = f"{self.place}: {self.field}: {self.message}" if self.field else f"{self.place}: {self.message}"
        return f"{text}\n{self.excerpt}" if self.excerpt else text


class ProjectError(OkrSyncError):
    """The project's files are wrong: all the problems found, in the order of the files."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint to add to a message about an unknown name: `; did you mean 'x'?`, or the known names, or nothing."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(names)}" if names else ""
