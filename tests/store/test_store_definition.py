"""The hash of a definition changes with what makes the number, and with nothing else."""

import hashlib
import json

import pytest

from okr_sync.project.model import KeyResult, Metric
from okr_sync.store import definition_of

KEY_RESULT: dict[str, object] = {
    "id": "renewals",
    "name": "Renewals",
    "metric": "rate",
    "baseline": "40%",
    "target": "55%",
}
METRICS: dict[str, dict[str, object]] = {
    "rate": {"value": "renewed / due", "unit": "percent"},
    "renewed": {"stream": "crm.deals", "where": "is_won", "time": "ends_at", "value": "count(*)"},
    "due": {"stream": "crm.deals", "time": "ends_at", "value": "count(*)"},
}


def hash_of(key_result: dict[str, object], metrics: dict[str, dict[str, object]]) -> str:
    made = {name: Metric.model_validate(fields) for name, fields in metrics.items()}
    return definition_of(KeyResult.model_validate(key_result), made).hash


BEFORE = hash_of(KEY_RESULT, METRICS)


@pytest.mark.parametrize(
    "change",
    [
        {"target": "56%"},
        {"baseline": 40},
        {"ambition": "aspirational"},
        {"pace": {"2026-11-15": "50%"}},
        {"target": 1_234_567.0},
        {"target": 1_234_568.0},
    ],
)
def test_another_goal_is_another_definition(change: dict[str, object]) -> None:
    """The promise is part of the definition."""
    assert hash_of(KEY_RESULT | change, METRICS) != BEFORE


def test_numbers_that_print_alike_differ() -> None:
    """Two targets of seven digits are two definitions."""
    assert hash_of(KEY_RESULT | {"target": 1_234_567}, METRICS) != hash_of(KEY_RESULT | {"target": 1_234_568}, METRICS)


@pytest.mark.parametrize(
    ("metric", "change"),
    [
        ("rate", {"value": "due / renewed"}),
        ("rate", {"unit": None}),
        ("renewed", {"where": "is_won = false"}),
        ("renewed", {"where": None}),
        ("due", {"time": "started_at"}),
        ("due", {"window": "all"}),
        ("due", {"stream": "crm.quotes"}),
    ],
)
def test_another_formula_anywhere_below_is_another_definition(metric: str, change: dict[str, object]) -> None:
    """A metric that the key result rests on only through others counts too."""
    assert hash_of(KEY_RESULT, METRICS | {metric: METRICS[metric] | change}) != BEFORE


@pytest.mark.parametrize(
    ("key_result", "metric"),
    [
        ({"name": "Gia hạn", "id": "gia_han", "owner": "someone", "weight": 3}, {}),
        ({"baseline": "40.0%"}, {}),
        ({}, {"description": "why", "trust": {"min_count": 3}, "tests": [{"rows": [], "expect": None}]}),
        ({}, {"window": "cycle"}),  # what it is without being written
        ({}, {"value": "count(*)\n"}),  # how a block of YAML ends
    ],
)
def test_words_do_not_change_the_definition(key_result: dict[str, object], metric: dict[str, object]) -> None:
    """Names, owners, weights, gates, tests, descriptions and ways of writing change no number."""
    assert hash_of(KEY_RESULT | key_result, METRICS | {"due": METRICS["due"] | metric}) == BEFORE


def test_units_of_fields_are_part_of_the_definition() -> None:
    """Seconds read as minutes are another number; where no field has a unit, nothing is written of them."""
    metrics = {name: Metric.model_validate(fields) for name, fields in METRICS.items()}
    key_result = KeyResult.model_validate(KEY_RESULT)
    hashes = {
        definition_of(key_result, metrics, field_units={"due": {"spent": unit}}).hash for unit in ("seconds", "minutes")
    }
    assert len(hashes | {BEFORE}) == 3
    assert definition_of(key_result, metrics, field_units={"due": {}}).hash == BEFORE


def test_the_order_of_metrics_does_not_matter() -> None:
    """Files may be sorted anew."""
    assert hash_of(KEY_RESULT, dict(reversed(METRICS.items()))) == BEFORE


def test_the_hash_is_that_of_the_text() -> None:
    """Anyone can check it: SHA-256 of JSON with sorted keys; people see the first 12 digits."""
    found = definition_of(KeyResult.model_validate({"id": "a", "name": "A", "done": "x > 1"}), {})
    assert found.hash == hashlib.sha256(found.text.encode()).hexdigest()
    assert json.loads(found.text)["goal"]["done"] == "x > 1"
