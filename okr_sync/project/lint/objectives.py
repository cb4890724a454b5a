"""Rules about objectives."""

from __future__ import annotations

import re
from collections.abc import Iterator

from okr_sync.project.cycle import ANY_YEAR, Fixed, recurring_names
from okr_sync.project.lint.rule import Case, Finding
from okr_sync.project.model import Project

_NUMBER = re.compile(r"(?<!\w)\d[\d.,]*(?!\w)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_FEWEST, _MOST = 2, 4


def no_objective(case: Case) -> Iterator[Finding]:
    if not case.project.objectives:
        yield Finding("okrs/", "")


def kr_count(case: Case) -> Iterator[Finding]:
    for one in case.project.objectives:
        count = len(one.counted)
        if not _FEWEST <= count <= _MOST:
            values = {"objective": one.id, "count": count, "s": "" if count == 1 else "s"}
            yield Finding(one.place("key_results"), "key_results", (one,), values)


def number_in_objective(case: Case) -> Iterator[Finding]:
    """A year is no such number."""
    for one in case.project.objectives:
        texts = [text.rstrip(".,") for text in _NUMBER.findall(one.name)]
        numbers = [text for text in texts if not _YEAR.fullmatch(text)]
        if numbers:
            yield Finding(one.place("name"), "objective", (one,), {"number": numbers[0]})


def unknown_cycle(case: Case) -> Iterator[Finding]:
    project = case.project
    if project.settings.cycles is None:
        return
    for one in project.objectives:
        if one.cycle is not None and project.cycle_named(one.cycle) is None:
            year = _YEAR.search(one.cycle)
            names = ", ".join(_cycle_names(project, int(year[0] if year is not None else ANY_YEAR)))
            values = {"cycle": one.cycle, "objective": one.id, "names": names}
            yield Finding(one.place("cycle"), "cycle", (one,), values)


def _cycle_names(project: Project, year: int) -> Iterator[str]:
    for kind in project.settings.kinds:
        yield from [kind.cycle.name] if isinstance(kind, Fixed) else recurring_names(kind.starts, year)
