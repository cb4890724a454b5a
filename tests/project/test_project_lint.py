"""Each rule warns where it should, and is silent at its borders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from okr_sync.project.lint import lint

if TYPE_CHECKING:
    from tests.project.conftest import Load

MAIN = """\
cycles: {starts: [jan, apr, jul, oct]}
sources: {desk: {connector: wiki}}
"""
METRICS = """\
metrics:
  a: {value: count(*), stream: desk.tickets}
  b: {value: count(*), stream: desk.tickets}
"""
TWO = """\
key_results:
  - {id: a, name: A, metric: a, target: 1}
  - {id: b, name: B, metric: b, target: 1}
"""


Lint = Callable[[Mapping[str, str]], list[str]]


@pytest.fixture
def lint_files(load_files: Load) -> Lint:
    """What lint says of the files, one line for each warning."""

    def lint_project(files: Mapping[str, str]) -> list[str]:
        return [str(problem) for problem in lint(load_files({"okr-sync.yaml": MAIN} | dict(files)))]

    return lint_project


def _key_results(count: int) -> str:
    return "key_results: [" + ", ".join(f"{{id: k{n}, name: K, done: a = {n}}}" for n in range(count)) + "]\n"


@pytest.mark.parametrize("count", [2, 3, 4])
def test_two_to_four_key_results_are_well(count: int, lint_files: Lint) -> None:
    """No warning, and conditions count as uses of their metrics."""
    metric = "metrics: {a: {value: count(*), stream: desk.tickets}}\n"
    assert lint_files({"okrs/a.yaml": f"objective: A\nid: a\n{_key_results(count)}{metric}"}) == []


@pytest.mark.parametrize(("count", "text"), [(0, "0 key results"), (1, "1 key result"), (5, "5 key results")])
def test_fewer_or_more_key_results_get_a_warning(count: int, text: str, lint_files: Lint) -> None:
    """`kr-count`"""
    assert f"okrs/a.yaml:3: key_results: [kr-count] a has {text}; two to four serve best" in lint_files(
        {"okrs/a.yaml": f"objective: A\nid: a\n{_key_results(count)}", "okrs/m.yaml": METRICS}
    )


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("Win 30 clients", "30"),
        ("Raise NPS to 45.", "45"),
        ("Earn 1.5 billion in 2026", "1.5"),
        ("Be late in 0 projects", "0"),
        ("Be the best agency of 2026", None),
        ("Grow in 2026, and in 2027.", None),
        ("Win B2B clients in Q4", None),
        ("Grow", None),
    ],
)
def test_an_objective_holds_no_number(name: str, number: str | None, lint_files: Lint) -> None:
    """`number-in-objective`: a year, or a digit inside a word, is none."""
    said = lint_files({"okrs/a.yaml": f"objective: {name}\nid: a\n{TWO}{METRICS}"})
    warning = f"okrs/a.yaml:1: objective: [number-in-objective] the objective holds the number {number}"
    assert said == ([] if number is None else [f"{warning}; make it the target of a key result"])


@pytest.mark.parametrize(
    ("cycle", "names"),
    [
        ("2026-Q4", None),
        ("2026-H1", "2026-Q1, 2026-Q2, 2026-Q3, 2026-Q4"),
        ("Q4 2031", "2031-Q1, 2031-Q2, 2031-Q3, 2031-Q4"),
        ("autumn", "2026-Q1, 2026-Q2, 2026-Q3, 2026-Q4"),
    ],
)
def test_a_cycle_that_never_comes_gets_a_warning(cycle: str, names: str | None, lint_files: Lint) -> None:
    """`unknown-cycle`, with the names that cycles have"""
    said = lint_files({"okrs/a.yaml": f"objective: A\nid: a\ncycle: {cycle}\n{TWO}{METRICS}"})
    warning = f"okrs/a.yaml:3: cycle: [unknown-cycle] no cycle is named {cycle!r}, so a is never computed; names are"
    assert said == ([] if names is None else [f"{warning} {names}"])


def test_names_of_all_kinds_of_cycles(lint_files: Lint) -> None:
    """`unknown-cycle` tells the names of every kind that stands side by side, and takes each for good."""
    kinds = "[{starts: [jan]}, {starts: [jan, jul]}, {name: Tết, start: 2027-01-15, end: 2027-02-28}]"
    main = f"cycles: {kinds}\nsources: {{desk: {{connector: wiki}}}}\n"
    said = {
        cycle: lint_files(
            {"okr-sync.yaml": main, "okrs/a.yaml": f"objective: A\nid: a\ncycle: {cycle}\n{TWO}{METRICS}"}
        )
        for cycle in ("2026", "2026-H2", "Tết", "2026-Q4")
    }
    names = "2026, 2026-H1, 2026-H2, Tết"
    warning = f"[unknown-cycle] no cycle is named '2026-Q4', so a is never computed; names are {names}"
    assert [said.pop("2026-Q4"), *said.values()] == [[f"okrs/a.yaml:3: cycle: {warning}"], [], [], []]


def test_an_event_that_bounds_no_window_gets_a_warning(lint_files: Lint) -> None:
    """`unused-event`; an event is a use of its source."""
    main = MAIN.replace("}}", "}, wiki: {connector: wiki}}")
    events = """\
events:
  first: 2026-10-05
  last: {stream: wiki.pages, value: min(made_at)}
  spare: 2026-10-07
"""
    metrics = METRICS.replace("a: {", "a: {time: at, window: from first to last, ")
    files = {"okr-sync.yaml": main, "okrs/a.yaml": f"objective: A\nid: a\n{TWO}{metrics}", "okrs/e.yaml": events}
    assert lint_files(files) == ["okrs/e.yaml:4: events.spare: [unused-event] no window begins or ends with spare"]


def test_one_metric_by_the_year_and_by_the_quarter(lint_files: Lint) -> None:
    """Cycles of two kinds may look at one metric; an objective without a cycle is of the first kind alone."""
    main = "cycles: [{starts: [jan, apr, jul, oct]}, {starts: [jan]}]\nsources: {desk: {connector: wiki}}\n"
    other = "objective: B\nid: b\ncycle: 2026\n" + TWO.replace("id: a", "id: c").replace("id: b", "id: d")
    assert (
        lint_files({"okr-sync.yaml": main, "okrs/a.yaml": f"objective: A\nid: a\n{TWO}{METRICS}", "okrs/b.yaml": other})
        == []
    )


def test_any_cycle_may_lie_beside_a_fixed_one(lint_files: Lint) -> None:
    """Files of earlier cycles stay where they are."""
    main = "cycle: {name: autumn, start: 2026-10-01, end: 2026-12-31}\nsources: {desk: {connector: wiki}}\n"
    objective = f"objective: A\nid: a\ncycle: summer\n{TWO}{METRICS}"
    assert lint_files({"okr-sync.yaml": main, "okrs/a.yaml": objective}) == []


@pytest.mark.parametrize(
    ("first", "second", "is_twin"),
    [
        ("2026-Q3", "2026-Q4", False),
        ("2026-Q4", "2026-Q4", True),
        ("2026-Q4", "", True),
        ("", "2026-Q4", True),
        ("", "", True),
    ],
)
def test_one_metric_for_two_key_results_of_a_cycle(first: str, second: str, is_twin: bool, lint_files: Lint) -> None:
    """`duplicate-metric`: in different cycles a metric is used again and again."""
    other = "key_results:\n  - {id: c, name: C, metric: a, target: 2}\n  - {id: d, name: D, done: a = 1}\n"
    said = lint_files(
        {
            "okrs/a.yaml": f"objective: A\nid: a\ncycle: {first}\n{TWO}{METRICS}",
            "okrs/b.yaml": f"objective: B\nid: b\ncycle: {second}\n{other}",
        }
    )
    warning = "okrs/b.yaml:5: key_results.c.metric: [duplicate-metric] a is the metric of a too, at okrs/a.yaml:5"
    assert said == ([warning] if is_twin else [])


@pytest.mark.parametrize(
    ("goal", "seen"),
    [
        ("baseline: 1%, target: 25", "25 is 2500%, since a is in percent; write 25%, or 2500%"),
        ("baseline: 0, target: -2", "-2 is -200%, since a is in percent; write -2%, or -200%"),
        ("at_least: 60", "60 is 6000%, since a is in percent; write 60%, or 6000%"),
        ("between: [0, 1.5]", "1.5 is 150%, since a is in percent; write 1.5%, or 150%"),
        ("baseline: 40%, target: +5", "+5 is +500pp, since a is in percent; write +5pp, or +500pp"),
        ("baseline: previous cycle, target: -5", "-5 is -500pp, since a is in percent; write -5pp, or -500pp"),
        ("baseline: at cycle start, target: +5pp", None),
        ("baseline: 20%, target: x2", None),
        ("baseline: 0, target: 1", None),
        ("baseline: 0.4, target: 0.55", None),
        ("baseline: 0, target: 250%", None),
        ("at_most: 0", None),
    ],
)
def test_a_bare_number_for_a_percent_metric(goal: str, seen: str | None, lint_files: Lint) -> None:
    """`bare-percent`: a fraction is well, and so is what is written with its sign."""
    text = f"""\
objective: A
id: a
key_results:
  - {{id: a, name: A, metric: a, {goal}}}
  - {{id: b, name: B, metric: b, target: 25}}
metrics:
  a: {{value: count(*), stream: desk.tickets, unit: percent}}
  b: {{value: count(*), stream: desk.tickets}}
"""
    said = lint_files({"okrs/a.yaml": text})
    field = goal.partition(":")[0] if "target" not in goal else "target"
    assert said == ([] if seen is None else [f"okrs/a.yaml:4: key_results.a.{field}: [bare-percent] {seen}"])


def test_a_bare_number_for_a_percent_metric_anywhere_in_a_goal(lint_files: Lint) -> None:
    """`bare-percent`: values planned by day and the parts of several goals count too."""
    text = """\
objective: A
id: a
key_results:
  - {id: a, name: A, metric: a, baseline: 25%, target: 10%, by: {2026-10-31: 18}}
  - id: b
    name: B
    all_of:
      - {metric: b, at_least: 95}
      - {metric: a, name: A, at_least: 95}
metrics:
  a: {value: count(*), stream: desk.tickets, unit: percent}
  b: {value: count(*), stream: desk.tickets}
"""
    assert lint_files({"okrs/a.yaml": text}) == [
        "okrs/a.yaml:4: key_results.a.by: [bare-percent] 18 is 1800%, since a is in percent; write 18%, or 1800%",
        "okrs/a.yaml:9: key_results.b.all_of.#2.at_least: [bare-percent]"
        " 95 is 9500%, since a is in percent; write 95%, or 9500%",
    ]


@pytest.mark.parametrize(
    ("goal", "is_asked"),
    [
        ("baseline: 30, target: -5", True),
        ("baseline: 0, target: -5", False),  # the same either way
        ("baseline: -20, target: -5", False),
        ("baseline: at cycle start, target: -5", False),
        ("baseline: 30, target: 25", False),
    ],
)
def test_a_value_below_zero_that_may_be_meant_as_a_change(goal: str, is_asked: bool, lint_files: Lint) -> None:
    """`negative-target`"""
    text = f"""\
objective: A
id: a
key_results:
  - {{id: a, name: A, metric: a, {goal}}}
  - {{id: b, name: B, metric: b, target: 25}}
"""
    warning = (
        "okrs/a.yaml:4: key_results.a.target: [negative-target]"
        " -5 is a value below zero; for a change, write the value it leads to from 30"
    )
    assert lint_files({"okrs/a.yaml": text, "okrs/m.yaml": METRICS}) == ([warning] if is_asked else [])


@pytest.mark.parametrize(
    ("main", "cycle", "is_known"),
    [
        ("cycles: {starts: [jan, apr, jul, oct]}", "2026-Q4", True),
        ("cycles: {starts: [jan, apr, jul, oct]}", "2027-Q4", False),
        ("cycles: {starts: [jan, apr, jul, oct]}", None, False),
        ("cycle: {name: autumn, start: 2026-10-01, end: 2026-12-31}", None, True),
    ],
)
def test_days_outside_of_the_cycle(main: str, cycle: str | None, is_known: bool, lint_files: Lint) -> None:
    """`day-outside-cycle`: they would not count; the first and the last day do."""
    text = f"""\
objective: A
id: a
{"" if cycle is None else f"cycle: {cycle}"}
key_results:
  - {{id: a, name: A, metric: a, target: 8, by: {{2026-10-01: 1, 2026-12-31: 2, 2027-01-01: 3}}}}
  - {{id: b, name: B, milestones: [{{name: C, done: b = 1, by: 2026-09-30}}]}}
"""
    name = cycle or "autumn"
    advice = f"is outside of {name} (2026-10-01 to 2026-12-31); write a day of the cycle"
    warnings = [
        f"okrs/a.yaml:5: key_results.a.by: [day-outside-cycle] 2027-01-01 {advice}",
        f"okrs/a.yaml:6: key_results.b.milestones.#1.by: [day-outside-cycle] 2026-09-30 {advice}",
    ]
    settings = f"{main}\nsources: {{desk: {{connector: wiki}}}}\n"
    found = lint_files({"okr-sync.yaml": settings, "okrs/a.yaml": text, "okrs/m.yaml": METRICS})
    if is_known:
        assert found == warnings
    else:
        assert not set(found) & set(warnings)


def test_a_metric_that_nothing_uses_gets_a_warning(lint_files: Lint) -> None:
    """`unused-metric`: key results, conditions and metrics over metrics count; formulas over records do not."""
    metrics = """\
metrics:
  a: {value: c / d}
  c: {value: count(*), stream: desk.tickets}
  d: {value: count(*), stream: desk.tickets}
  e: {value: sum(f), stream: desk.tickets}
  f: {value: count(*), stream: desk.tickets}
"""
    objective = """\
objective: A
id: a
key_results:
  - {id: a, name: A, metric: a, target: 1}
  - {id: b, name: B, done: e > 1}
"""
    assert lint_files({"okrs/a.yaml": objective, "okrs/m.yaml": metrics}) == [
        "okrs/m.yaml:6: metrics.f: [unused-metric] no key result and no other metric uses f"
    ]


def test_a_view_that_no_metric_reads_gets_a_warning(lint_files: Lint) -> None:
    """`unused-view`: a view that a view in use reads is in use, and what a view reads is a use of its source."""
    main = MAIN.replace("}}", "}, wiki: {connector: wiki}}")
    views = """\
views:
  top: {select: select id from below}
  below: {select: select p.id from wiki.pages p}
  spare: {select: select id from also_spare}
  also_spare: {select: select id from wiki.pages}
"""
    metrics = METRICS.replace("stream: desk.tickets}", "stream: top}", 1)
    files = {"okr-sync.yaml": main, "okrs/a.yaml": f"objective: A\nid: a\n{TWO}{metrics}", "okrs/v.yaml": views}
    assert lint_files(files) == [
        "okrs/v.yaml:4: views.spare: [unused-view] no metric reads spare",
        "okrs/v.yaml:5: views.also_spare: [unused-view] no metric reads also_spare",
    ]


def test_a_source_that_nothing_reads_gets_a_warning(lint_files: Lint) -> None:
    """`unused-source`: metrics and initiatives read streams."""
    main = MAIN.replace("}}", "}, wiki: {connector: wiki}, crm: {connector: wiki}}")
    initiative = "initiatives: [{name: I, stream: crm.deals}]\n"
    said = lint_files({"okr-sync.yaml": main, "okrs/a.yaml": f"objective: A\nid: a\n{TWO}{initiative}{METRICS}"})
    assert said == [
        "okr-sync.yaml:2: sources.wiki: [unused-source] no metric, view, event or initiative reads a stream of wiki"
    ]


def test_a_project_without_objectives_computes_nothing(lint_files: Lint) -> None:
    """`no-objective`"""
    assert "okrs/: [no-objective] no YAML file below it has an objective: nothing is computed" in lint_files({})
