"""The hash of a definition changes with what makes the number, and with nothing else."""

import hashlib
import json

import pytest

from okr_sync.project.each import Only
from okr_sync.project.model import KeyResult, Kpi, Location, Metric
from okr_sync.store import Definition, definition_of, kpi_definition, roll_up_definition

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


def test_the_order_of_metrics_does_not_matter() -> None:
    """Files may be sorted anew."""
    assert hash_of(KEY_RESULT, dict(reversed(METRICS.items()))) == BEFORE


def test_the_hash_is_that_of_the_text() -> None:
    """Anyone can check it: SHA-256 of JSON with sorted keys; people see the first 12 digits."""
    found = definition_of(KeyResult.model_validate({"id": "a", "name": "A", "done": "x > 1"}), {})
    assert found.hash == hashlib.sha256(found.text.encode()).hexdigest()
    assert json.loads(found.text)["goal"]["done"] == "x > 1"


def test_what_no_template_made_is_defined_as_ever() -> None:
    """Stores hold hashes of years: this text may change for nothing but what changes the number."""
    found = definition_of(
        KeyResult.model_validate({"id": "a", "name": "A", "metric": "m", "target": 8}),
        {"m": Metric(stream="desk.tickets", time="opened_on", value="count(*)")},
    )
    metric = json.loads(found.text)["metrics"]["m"]
    assert sorted(metric) == ["stream", "time", "unit", "value", "where", "window"]


def restricted(*values: str) -> Definition:
    only = Only("team", values, "late_web", Location("okrs/a.yaml", 3), "key_results.late.for_each")
    metric = Metric(stream="desk.tickets", value="count(*)").restricted("late", only)
    key_result = KeyResult.model_validate({"id": "late_web", "name": "A", "metric": "late__late_web", "target": 8})
    return definition_of(key_result, {"late__late_web": metric})


def test_another_value_of_a_template_is_another_definition() -> None:
    """The records that count are part of what the number rests on; where the template is written is not."""
    assert json.loads(restricted("WEB").text)["metrics"]["late__late_web"]["only"] == {"team": ["WEB"]}
    assert len({restricted("WEB").hash, restricted("SEO").hash, restricted("WEB", "SEO").hash}) == 3


def test_a_roll_up_rests_on_its_members() -> None:
    """Another member, another definition of one, another weight or another way of rolling up is another definition."""
    template = {"id": "late", "name": "{team}", "metric": "late", "for_each": {"team": ["WEB"]}, "roll_up": "mean"}
    one, other = Definition("{}", "a" * 64), Definition("{}", "b" * 64)

    def hash_of_roll_up(members: dict[str, tuple[float, Definition]], **change: object) -> str:
        return roll_up_definition(KeyResult.model_validate(template | change), members).hash

    before = hash_of_roll_up({"late_web": (1.0, one)})
    assert before == hash_of_roll_up({"late_web": (1.0, one)}, name="Trễ {team}", owner="An", weight=3)
    assert before not in (
        hash_of_roll_up({"late_web": (1.0, other)}),
        hash_of_roll_up({"late_web": (2.0, one)}),
        hash_of_roll_up({"late_web": (1.0, one), "late_seo": (1.0, one)}),
        hash_of_roll_up({"late_web": (1.0, one)}, roll_up="worst"),
    )


def test_a_kpi_is_defined_by_its_range_and_its_metrics() -> None:
    """Names, owners and descriptions are words; a bound and a formula are not."""
    metrics = {"up": Metric(stream="desk.tickets", value="count(*)")}
    kpi = {"name": "Up", "metric": "up", "at_least": "99.5%"}

    def hash_of_kpi(value: str = "count(*)", **change: object) -> str:
        other = {"up": metrics["up"].model_copy(update={"value": value})}
        return kpi_definition(Kpi.model_validate(kpi | change), other).hash

    assert hash_of_kpi() == hash_of_kpi(name="Uptime", owner="An", description="why")
    assert len({hash_of_kpi(), hash_of_kpi(at_least="99%"), hash_of_kpi(strict=True), hash_of_kpi("count(id)")}) == 4
