"""The JSON Schema accepts what okr-sync accepts, and refuses what an editor should mark."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from okr_sync.connector import Connector
from okr_sync.project.init import TEMPLATE
from okr_sync.project.schema import json_schema
from okr_sync.project.yaml import Data, parse

CASES = Path(__file__).with_name("cases")
FULL = """\
timezone: Asia/Ho_Chi_Minh
cycle: {name: 2026-Q4, start: 2026-10-01, end: 2026-12-31}
schedule: "0 2 * * *"
calendar: {country: VN, hours: {mon-fri: ["08:30-12:00", "13:30-18:00"]}}
status: {on_track: 0.8}
sources:
  desk: {connector: helpdesk, url: "https://a", token: a, streams: {t: {fields: {a: b, c: {field: d}}}}}
  wiki: {connector: wiki}
"""
OBJECTIVE = """\
objective: A
id: a
key_results:
  - {id: a, name: A, metric: m, baseline: 25%, target: 0}
  - {id: b, name: B, metric: m, between: [1, 2h], strict: true, pace: {2026-10-31: 0.5}}
  - {id: c, name: C, done: m = 1, ambition: aspirational, weight: 2}
"""
STRUCTURE = """\
objective: A
id: a
parent: b
weight: 2
key_results:
  - {id: a, name: "{team}", metric: m, for_each: {team: [WEB, 1, true]}, target: 0, roll_up: worst}
  - {id: b, name: "{team}", metric: m, for_each: {team: {WEB: {target: 3}, SEO: }}}
initiatives:
  - {name: X, stream: desk.t, where: a = 1, done: b = 1}
"""
KPIS = """\
kpis:
  up: {name: Up, metric: m, at_least: 99.5%, owner: An}
"""
METRICS = """\
metrics:
  m: {stream: desk.t, time: at, window: trailing 28 days, value: count(*), trust: {max_age: 36h, max_move: 30%}}
"""
SIDE_BY_SIDE = """\
cycles: [{starts: [jan, apr, jul, oct]}, {starts: [apr]}, {name: Tết 2027, start: 2027-01-15, end: 2027-02-28}]
"""
EVENTS = """\
events:
  launch: 2026-11-05
  freeze: 2026-11-20 18:00
  accepted: {stream: desk.t, where: id = 'X-1', value: min(at)}
"""


@pytest.fixture(scope="module")
def validator(connectors: dict[str, type[Connector]]) -> Draft202012Validator:
    schema = json_schema(connectors)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(json.loads(json.dumps(schema)))


def _as_json(text: str) -> Data:
    """The file as an editor sees it: days are texts."""
    return _plain(parse(text.encode(), "a.yaml").data)


def _plain(data: Data) -> Data:
    if isinstance(data, dict):
        return {name: _plain(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return data.isoformat() if isinstance(data, date) else data


@pytest.mark.parametrize(
    "text",
    [
        FULL,
        "cycles: {starts: [jan, apr, jul, oct]}",
        SIDE_BY_SIDE,
        OBJECTIVE,
        OBJECTIVE + "cycle: 2026\ncarry_over: 2025\n",
        EVENTS,
        OBJECTIVE + METRICS + EVENTS,
        METRICS,
        OBJECTIVE + METRICS,
        STRUCTURE,
        STRUCTURE + METRICS + KPIS,
        KPIS,
        (TEMPLATE / "okrs/example.yaml").read_text(),
    ],
)
def test_good_files_pass(text: str, validator: Draft202012Validator) -> None:
    """Settings with sources, objectives, metrics, or both."""
    assert [error.message for error in validator.iter_errors(_as_json(text))] == []


@pytest.mark.parametrize(
    "text",
    [
        FULL.replace("timezone", "timezon"),
        FULL.replace("connector: wiki", "connector: wki"),
        FULL.replace("wiki: {connector: wiki}", "Wiki: {connector: wiki}"),
        FULL.replace("wiki: {connector: wiki}", "wiki: {connector: helpdesk}"),
        FULL.replace("token: a", "tokn: a"),
        FULL + "cycles: {starts: [jan]}\n",
        "timezone: UTC",
        "cycles: {starts: [january]}",
        OBJECTIVE.replace("id: a\n", "", 1),
        OBJECTIVE.replace("baseline", "basline"),
        OBJECTIVE.replace("aspirational", "high"),
        OBJECTIVE.replace("baseline: 25%, target: 0", "target: 0, at_least: 1"),
        OBJECTIVE.replace("baseline: 25%, target: 0", "baseline: 25%"),
        OBJECTIVE.replace("target: 0", "target: true"),
        OBJECTIVE.replace("[1, 2h]", "[1]"),
        OBJECTIVE.replace("strict: true", "strict: yes"),
        METRICS.replace("28 days", "0 days"),
        METRICS.replace("trailing 28 days", "from Launch"),
        METRICS.replace("trailing 28 days", "from launch until stop"),
        SIDE_BY_SIDE.replace("starts: [apr]", "start: [apr]"),
        SIDE_BY_SIDE.replace(", end: 2027-02-28", ""),
        "cycles: []",
        EVENTS.replace("stream: desk.t, ", ""),
        EVENTS.replace("where", "were"),
        EVENTS.replace("2026-11-05", "[2026-11-05]"),
        EVENTS.replace("2026-11-05", "{at: 2026-11-05}"),
        METRICS.replace("value: count(*)", "value: 5"),
        METRICS.replace("m:", "M:"),
        METRICS.replace("36h", "[36]"),
        OBJECTIVE + FULL,
    ],
)
def test_bad_files_fail(text: str, validator: Draft202012Validator) -> None:
    """Unknown and missing fields, other types, goals that are none, connectors that do not exist."""
    assert not validator.is_valid(_as_json(text))


@pytest.mark.parametrize(
    "case", [case for case in yaml.safe_load((CASES / "key_results.yaml").read_text()) if "see" not in case]
)
def test_good_key_results_pass(case: dict[str, str], validator: Draft202012Validator) -> None:
    """The schema is never stricter than okr-sync."""
    assert validator.is_valid(_as_json(f"objective: A\nid: a\nkey_results:\n  - {case['write']}\n"))


@pytest.mark.parametrize(
    "case", [case for case in yaml.safe_load((CASES / "events.yaml").read_text()) if "see" not in case]
)
def test_good_events_pass(case: dict[str, str], validator: Draft202012Validator) -> None:
    """The schema is never stricter than okr-sync."""
    assert validator.is_valid(_as_json(f"events:\n  launch: {case['write']}\n"))


@pytest.mark.parametrize(
    "case", [case for case in yaml.safe_load((CASES / "metrics.yaml").read_text()) if "see" not in case]
)
def test_good_metrics_pass(case: dict[str, str], validator: Draft202012Validator) -> None:
    """The schema is never stricter than okr-sync."""
    assert validator.is_valid(_as_json(f"metrics:\n  late: {case['write']}\n"))
