"""Which metrics share a query, and that sharing changes no answer."""

from __future__ import annotations

import pytest

from okr_sync.measure.shapes import shapes
from okr_sync.project.metric import Metric
from okr_sync.project.window import Window
from okr_sync.warehouse import Warehouse
from tests.measure.answers import Answers, issue, metrics


def over(value: str = "count(*)", where: str | None = None, **parts: str) -> Metric:
    return Metric.model_validate({"stream": "jira.issues", "value": value, "where": where, **parts})


def shared(*given: Metric) -> list[list[int]]:
    """The metrics, by number, that each query answers."""
    names = {f"m{number}": one for number, one in enumerate(given)}
    return [[int(member.name[1:]) for member in shape.members] for shape in shapes(metrics(names).values(), "duckdb")]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([over(where="team = 'A'"), over(where="team = 'B'")], [[0, 1]]),
        ([over("count(*)"), over("sum(points)")], [[0, 1]]),
        ([over(where="team = 'A'"), over("sum(points)", "team = 'B'")], [[0, 1]]),
        ([over(where="team = 'A'"), over(where="'B' = team")], [[0, 1]]),
        ([over(where="team = 'A' and points > 1"), over(where="points > 1 and team = 'B'")], [[0, 1]]),
        ([over(where="team = 'A' and status = 'x'"), over(where="status = 'y' and team = 'B'")], [[0, 1]]),
        ([over(where="team = 'A'"), over(where="status = 'A'")], [[0], [1]]),
        ([over(where="team = 'A'"), over()], [[0], [1]]),
        ([over(where="team = 'A' and points > 1"), over(where="team = 'A' and points > 2")], [[0], [1]]),
        ([over(where="team = 'A' or points > 1"), over(where="team = 'B' or points > 1")], [[0], [1]]),
        ([over(where="not team = 'A'"), over(where="not team = 'B'")], [[0], [1]]),
        ([over(where="lower(team) = 'a'"), over(where="lower(team) = 'b'")], [[0], [1]]),
        ([over(time="created_at"), over(time="updated_at")], [[0], [1]]),
        ([over(time="created_at"), over(time="created_at", window="all")], [[0], [1]]),
        ([over(time="created_at", window="trailing 7 days"), over(time="created_at", window="trailing 8 days")],
         [[0], [1]]),
    ],
)  # fmt: skip
def test_what_shares_a_query(given: list[Metric], expected: list[list[int]]) -> None:
    """Only metrics over the same records, or records told apart by the constants of equalities, share a query."""
    assert shared(*given) == expected


def test_no_metrics() -> None:
    """Nothing asked is no query."""
    assert shapes([], "duckdb") == []


def test_window_of_a_shape() -> None:
    """A metric that names no window has the cycle's."""
    (shape,) = shapes(metrics({"m": over(time="created_at")}).values(), "duckdb")
    assert shape.window == Window(kind="cycle")


TEAMS = [
    "A",
    "O'Reilly",
    "Nhóm thiết kế",
    'Say "hi"',
    "100 %",
    "a\\b",
    "?",
    "$as_of",
    "$1",
    "-- x",
    "A'; DROP TABLE x; --",
    "",
]


def test_grouped_answers_are_those_of_one_query_each(warehouse: Warehouse) -> None:
    """Odd texts, texts that no record has and records without the field: together or alone, the same numbers."""
    records = [
        *(issue(f"{number}", team=team, points=float(number)) for number, team in enumerate(TEAMS)),
        issue("more", team="A", points=10.0),
        issue("none", points=100.0),
    ]
    answers = Answers(warehouse, records)
    quoted = {name: name.replace("'", "''") for name in [*TEAMS, "nobody", "a", "A "]}
    wheres = {f"t{number}": f"team = '{text}'" for number, text in enumerate(quoted.values())}
    together = answers.values(
        {
            **{f"{name}_n": over("count(*)", where) for name, where in wheres.items()},
            **{f"{name}_p": over("sum(points)", where) for name, where in wheres.items()},
        }
    )
    for number, (name, where) in enumerate(wheres.items()):
        known = number < len(TEAMS)
        count = 2 if number == 0 else int(known)
        points = 0 + 10 if number == 0 else number if known else None
        assert (together[f"{name}_n"], together[f"{name}_p"]) == (count, points), where
        assert answers.values({"n": over("count(*)", where)}) == {"n": count}, where
        assert answers.values({"p": over("sum(points)", where)}) == {"p": points}, where


def test_texts_in_other_conditions(warehouse: Warehouse) -> None:
    """A text that looks like a parameter is a text, also where it is no constant of an equality."""
    answers = Answers(warehouse, [issue("1", team="$1"), issue("2", team="$3"), issue("3", team="B")])
    assert answers.values(
        {
            "unlike": over(where="team <> '$1'"),
            "either": over(where="team in ('$4', '$3')"),
            "counted": over("count_if(team = '$2')"),
        }
    ) == {"unlike": 2, "either": 1, "counted": 0}


def test_two_constants_for_one_field(warehouse: Warehouse) -> None:
    """No team is A and B at once."""
    answers = Answers(warehouse, [issue("1", team="A"), issue("2", team="B")])
    assert answers.values(
        {
            "both": over(where="team = 'A' and team = 'B'"),
            "twice": over(where="team = 'A' and team = 'A'"),
            "other": over(where="team = 'B' and team = 'B'"),
        }
    ) == {"both": 0, "twice": 1, "other": 1}


def test_two_fields_of_constants(warehouse: Warehouse) -> None:
    """Groups by two fields take the constants of each metric together, not any of them."""
    answers = Answers(
        warehouse,
        [issue("1", team="A", status="x"), issue("2", team="A", status="y"), issue("3", team="B", status="x")],
    )
    wheres = {"ax": ("A", "x"), "ay": ("A", "y"), "bx": ("B", "x"), "by": ("B", "y")}
    assert answers.values(
        {name: over(where=f"status = '{status}' and team = '{team}'") for name, (team, status) in wheres.items()}
    ) == {"ax": 1, "ay": 1, "bx": 1, "by": 0}
