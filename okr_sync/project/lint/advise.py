"""Runs the rules, leaves out what the project silences, and reports a silence that is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from okr_sync.project.lint.rule import Case, Facts, Finding, Rule
from okr_sync.project.lint.table import IDLE_SILENCE, RULES, UNKNOWN_SILENCE
from okr_sync.project.located import Location, Silencing
from okr_sync.project.model import Project

_BY_CODE: Mapping[str, Rule] = {rule.code: rule for rule in RULES}
_Mark = tuple[str, Location]
"""A code, and the object that silences it, by its place."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What one rule has to say, in the reader's language."""

    code: str
    place: str
    field: str
    message: str
    why: str

    def __str__(self) -> str:
        where = f"{self.place}: {self.field}" if self.field else self.place
        return f"{where}: [{self.code}] {self.message}"


def lint(project: Project, facts: Facts | None = None, language: str = "en") -> list[Advice]:
    """All advice that nobody silenced, by rule and in the order of the files."""
    case = Case(project, facts or Facts())
    used: set[_Mark] = set()
    found: dict[tuple[str, str], Advice] = {}
    for rule in RULES:
        for finding in rule.find(case):
            silencer = _silencer(rule.code, (*finding.owners, project.settings))
            if silencer is None:
                advice = _say(rule, finding, language)
                found.setdefault((str(advice), advice.field), advice)
            else:
                used.add((rule.code, silencer.place()))
    return [*found.values(), *(_say(*one, language) for one in _wrong_silences(project, used))]


def _say(rule: Rule, finding: Finding, language: str) -> Advice:
    message = rule.says.in_(language).format_map(finding.values)
    return Advice(rule.code, str(finding.place), finding.field, message, rule.why.in_(language))


def _silencer(code: str, owners: tuple[Silencing, ...]) -> Silencing | None:
    return next((one for one in owners if code in one.silence), None)


def _wrong_silences(project: Project, used: set[_Mark]) -> Iterator[tuple[Rule, Finding]]:
    """Silences of rules that do not exist, and of rules that have nothing to say there."""
    for path, owner in _owners(project):
        for code in owner.silence:
            finding = Finding(owner.place("silence"), f"{path}.{code}", values={"code": code, "known": _known()})
            if code not in _BY_CODE:
                yield UNKNOWN_SILENCE, finding
            elif not _BY_CODE[code].needs_data and (code, owner.place()) not in used:
                yield IDLE_SILENCE, finding


def _owners(project: Project) -> Iterator[tuple[str, Silencing]]:
    yield "silence", project.settings
    for objective in project.objectives:
        yield "silence", objective
        for one in objective.counted:
            yield f"key_results.{one.id}.silence", one
    for name, metric in project.metrics.items():
        if metric.base is None:
            yield f"metrics.{name}.silence", metric
    for name, kpi in project.kpis.items():
        yield f"kpis.{name}.silence", kpi


def _known() -> str:
    return ", ".join(sorted(_BY_CODE))
