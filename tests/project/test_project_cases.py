"""The tables of `cases/`: what people may write, and the exact words they see where it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypedDict

import pytest
import yaml

CASES = Path(__file__).with_name("cases")
METRICS = "metrics:\n  late: {value: 1 / 2}\n"
CYCLES = "cycles: {starts: [jan, apr, jul, oct]}\n"

Problems = Callable[[Mapping[str, str]], list[str]]


class Case(TypedDict, total=False):
    write: str
    see: str


class FilesCase(TypedDict):
    rule: str
    files: dict[str, str]
    see: list[str]


def _cases(name: str) -> list[Case]:
    return list(yaml.safe_load((CASES / name).read_text()))


def _expected(case: Case, before: str) -> list[str]:
    return [before + case["see"]] if "see" in case else []


@pytest.mark.parametrize("case", _cases("key_results.yaml"), ids=lambda case: case["write"])
def test_key_results(case: Case, problems: Problems) -> None:
    """A key result is good, or the message names its field, the value seen and what is allowed."""
    text = f"objective: A\nid: a\nkey_results:\n  - {case['write']}\n{METRICS}"
    assert problems({"okrs/a.yaml": text}) == _expected(case, "okrs/a.yaml:4: key_results.")


@pytest.mark.parametrize("case", _cases("metrics.yaml"), ids=lambda case: case["write"])
def test_metrics(case: Case, problems: Problems) -> None:
    """A metric is good, or the message names its field, the value seen and what is allowed."""
    text = f"metrics:\n  late: {case['write']}\n"
    assert problems({"okrs/a.yaml": text}) == _expected(case, "okrs/a.yaml:2: metrics.late")


@pytest.mark.parametrize("case", _cases("events.yaml"), ids=lambda case: case["write"])
def test_events(case: Case, problems: Problems) -> None:
    """An event is good, or the message says what was seen and how an event is written."""
    text = f"events:\n  launch: {case['write']}\n"
    assert problems({"okrs/a.yaml": text}) == _expected(case, "okrs/a.yaml:2: events.launch")


@pytest.mark.parametrize("case", _cases("destinations.yaml"), ids=lambda case: case["write"])
def test_destinations(case: Case, problems: Problems, monkeypatch: pytest.MonkeyPatch) -> None:
    """A destination is good, also before its address is set, or the message says what is wrong and no address."""
    monkeypatch.setenv("TEAM_URL", "slack://s3cret")
    main = f"{CYCLES}destinations:\n  {case['write']}\n"
    found = problems({"okr-sync.yaml": main, "okrs/a.yaml": "objective: A\nid: grow\nkey_results: []\n"})
    assert found == [f"okr-sync.yaml:{one}" for one in case.get("see", [])]
    assert "s3cret" not in str(found)


@pytest.mark.parametrize("case", _cases("sources.yaml"), ids=lambda case: case["write"])
def test_sources(case: Case, problems: Problems, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source is good, or the message says what its connector allows, without any secret."""
    monkeypatch.setenv("DESK_TOKEN", "s3cret")
    monkeypatch.delenv("GHOST", raising=False)
    text = f"{CYCLES}sources:\n  {case['write']}\n"
    assert problems({"okr-sync.yaml": text}) == _expected(case, "okr-sync.yaml:3: sources.")


@pytest.mark.parametrize("case", _cases("settings.yaml"), ids=lambda case: case["write"])
def test_settings(case: Case, problems: Problems) -> None:
    """The settings are good, or each message names line, field, the value seen and what is allowed."""
    assert problems({"okr-sync.yaml": case["write"]}) == [f"okr-sync.yaml:{line}" for line in case.get("see", [])]


@pytest.mark.parametrize("case", _cases("calendars.yaml"), ids=lambda case: case["write"])
def test_calendars(case: Case, problems: Problems) -> None:
    """A calendar is good, or the message says what is wrong with it and what is allowed; so is a named one."""
    own = {"okr-sync.yaml": f"{CYCLES}calendar: {case['write']}\n"}
    named = {"okr-sync.yaml": f"{CYCLES}calendars:\n  support: {case['write']}\n"}
    assert problems(own) == _expected(case, "okr-sync.yaml:2: calendar")
    assert problems(named) == _expected(case, "okr-sync.yaml:3: calendars.support")


@pytest.mark.parametrize("case", _cases("exchange_rates.yaml"), ids=lambda case: case["write"])
def test_exchange_rates(case: Case, problems: Problems) -> None:
    """Exchange rates are good, or the message says what is wrong with them and what is allowed."""
    text = f"{CYCLES}exchange_rates: {case['write']}\n"
    assert problems({"okr-sync.yaml": text}) == _expected(case, "okr-sync.yaml:2: exchange_rates")


@pytest.mark.parametrize("case", yaml.safe_load((CASES / "files.yaml").read_text()), ids=lambda case: case["rule"])
def test_files(case: FilesCase, problems: Problems) -> None:
    """Rules between files hold, and all problems of all files are told at once, in order."""
    assert problems(case["files"]) == case["see"]
