"""The hash of a definition changes with what makes the number, and with nothing else."""

import hashlib
import json

import pytest

from okr_sync.project.each import Only
from okr_sync.project.key_result import KeyResult
from okr_sync.project.metric import Metric, View
from okr_sync.project.model import Kpi, Location
from okr_sync.store import Definition, Ground, definition_of, kpi_definition, roll_up_definition

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
    return definition_of(KeyResult.model_validate(key_result), Ground(made)).hash


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
        {"target": "+15pp"},
        {"target": "x1.375"},
        {"baseline": "at cycle start"},
        {"baseline": "previous cycle"},
        {"by": {"2026-11-15": "50%"}},
        {"by": {"2026-11-15": "51%"}},
    ],
)
def test_another_goal_is_another_definition(change: dict[str, object]) -> None:
    """The promise is part of the definition."""
    assert hash_of(KEY_RESULT | change, METRICS) != BEFORE


@pytest.mark.parametrize(
    ("goal", "known"),
    [
        (
            {"metric": "rate", "baseline": "40%", "target": "55%", "pace": {"2026-11-15": "50%"}},
            "bd6acbe59151349fa476ef70bbc806a0ae841e904aafc03eedc35df1a52d9824",
        ),
        (
            {"metric": "rate", "at_least": "95%", "strict": True},
            "9f6e5f4a400963517397fccb863d802f560e38ccbd68c2a637daaf5250402a24",
        ),
        ({"done": "rate > 1"}, "e4da9f65a9f4540b38af755aa0a4d5465aeeae93a03ff0e4fc741021de5bde82"),
    ],
)
def test_goals_that_were_known_before_keep_their_hash(goal: dict[str, object], known: str) -> None:
    """These hashes are those of the version that knew no changes, no parts and no milestones."""
    assert hash_of({"id": "renewals", "name": "Renewals", **goal}, METRICS) == known


STEPS: list[dict[str, object]] = [
    {"name": "A", "done": "rate > 0.1", "by": "2026-10-31"},
    {"name": "B", "done": "rate > 0.2", "weight": 2},
]
PARTS: list[dict[str, object]] = [
    {"metric": "rate", "at_least": "95%"},
    {"metric": "due", "baseline": 5, "target": "+5"},
]


@pytest.mark.parametrize(
    ("kind", "parts", "change", "is_same"),
    [
        ("milestones", STEPS, {"name": "C"}, True),
        ("milestones", STEPS, {"done": " rate > 0.1 "}, True),
        ("milestones", STEPS, {"done": "rate > 0.3"}, False),
        ("milestones", STEPS, {"by": "2026-11-01"}, False),
        ("milestones", STEPS, {"weight": 3}, False),
        ("all_of", PARTS, {"name": "SLA"}, True),
        ("all_of", PARTS, {"at_least": "96%"}, False),
        ("all_of", PARTS, {"strict": True}, False),
        ("all_of", PARTS, {"metric": "renewed"}, False),
    ],
)
def test_parts_are_part_of_the_definition(
    kind: str, parts: list[dict[str, object]], change: dict[str, object], is_same: bool
) -> None:
    """All that makes a number or a status of milestones and of several goals, and not their names."""
    goal: dict[str, object] = {"id": "a", "name": "A"}
    before = hash_of({**goal, kind: parts}, METRICS)
    assert (hash_of({**goal, kind: [parts[0] | change, *parts[1:]]}, METRICS) == before) is is_same
    assert hash_of({**goal, kind: parts[::-1]}, METRICS) != before


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
        definition_of(key_result, Ground(metrics, field_units={"due": {"spent": unit}})).hash
        for unit in ("seconds", "minutes")
    }
    assert len(hashes | {BEFORE}) == 3
    assert definition_of(key_result, Ground(metrics, field_units={"due": {}})).hash == BEFORE


def test_views_and_what_is_looked_up_are_part_of_the_definition() -> None:
    """The select and the key of a view, the units of the fields that it reads, and what a calendar holds."""
    metrics = {name: Metric.model_validate(fields) for name, fields in METRICS.items()}
    key_result = KeyResult.model_validate(KEY_RESULT)
    views = [View(select="select id from crm.deals", key=key) for key in (None, "id")]
    views.append(View(select="select id from crm.deals where is_won"))
    grounds = [
        *(Ground(metrics, views={"won": view}) for view in views),
        *(
            Ground(metrics, views={"won": views[0]}, field_units={"won": {"crm.deals.amount": unit}})
            for unit in ("VND", "USD")
        ),
        *(Ground(metrics, beside={"working time": [hours]}) for hours in ("mon 08:30-12:00", "mon 08:30-11:30")),
    ]
    assert len({definition_of(key_result, ground).hash for ground in grounds} | {BEFORE}) == 8


def test_the_order_of_metrics_does_not_matter() -> None:
    """Files may be sorted anew."""
    assert hash_of(KEY_RESULT, dict(reversed(METRICS.items()))) == BEFORE


def test_the_hash_is_that_of_the_text() -> None:
    """Anyone can check it: SHA-256 of JSON with sorted keys; people see the first 12 digits."""
    found = definition_of(KeyResult.model_validate({"id": "a", "name": "A", "done": "x > 1"}), Ground({}))
    assert found.hash == hashlib.sha256(found.text.encode()).hexdigest()
    assert json.loads(found.text)["goal"]["done"] == "x > 1"


def test_what_no_template_made_is_defined_as_ever() -> None:
    """Stores hold hashes of years: this text may change for nothing but what changes the number."""
    found = definition_of(
        KeyResult.model_validate({"id": "a", "name": "A", "metric": "m", "target": 8}),
        Ground({"m": Metric(stream="desk.tickets", time="opened_on", value="count(*)")}),
    )
    metric = json.loads(found.text)["metrics"]["m"]
    assert sorted(metric) == ["stream", "time", "unit", "value", "where", "window"]


def restricted(*values: str) -> Definition:
    only = Only("team", values, "late_web", Location("okrs/a.yaml", 3), "key_results.late.for_each")
    metric = Metric(stream="desk.tickets", value="count(*)").restricted("late", only)
    key_result = KeyResult.model_validate({"id": "late_web", "name": "A", "metric": "late__late_web", "target": 8})
    return definition_of(key_result, Ground({"late__late_web": metric}))


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
        return kpi_definition(Kpi.model_validate(kpi | change), Ground(other)).hash

    assert hash_of_kpi() == hash_of_kpi(name="Uptime", owner="An", description="why")
    assert len({hash_of_kpi(), hash_of_kpi(at_least="99%"), hash_of_kpi(strict=True), hash_of_kpi("count(id)")}) == 4
