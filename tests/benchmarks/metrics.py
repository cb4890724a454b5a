"""A thousand metrics over a million records, against a query per metric that a person would write by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from okr_sync.measure import measure
from okr_sync.project.metric import Metric
from okr_sync.project.window import Window
from okr_sync.warehouse import History
from tests.benchmarks.desk import DAY, NAME, STATUS_COUNT, TEAM_COUNT, compiled, filled_history
from tests.benchmarks.fresh import in_fresh_process, measured
from tests.benchmarks.report import show, times

RECORD_COUNT = 1_000_000
METRIC_COUNT = 1_000


@dataclass(frozen=True, slots=True)
class Pair:
    """A metric, and what a person would write for it: an aggregate and its conditions."""

    metric: Metric
    aggregate: str
    conditions: str

    @property
    def sql(self) -> str:
        return f"SELECT {self.aggregate} FROM {RELATION} AND {self.conditions}"


RELATION = f'"{NAME}" WHERE _valid_from < $2 AND _valid_to >= $2'
_IN_CYCLE = "created_at >= $4 AND created_at < $3"
_START, _END = DAY.bounds(Window())
PARAMETERS = {1: DAY.as_of, 2: DAY.held_until, 3: _END, 4: _START}
_HOURS = "date_diff('microsecond', created_at, solved_at) / 3600e6"


def alike(count: int) -> list[Pair]:
    """Metrics that differ only in the constants of equalities: one for each team and status."""
    both = [
        f"team = 'team {n // STATUS_COUNT % TEAM_COUNT}' AND status = 'status {n % STATUS_COUNT}'" for n in range(count)
    ]
    return [_pair("count(*)", "count(*)", where) for where in both]


def unlike(count: int) -> list[Pair]:
    """Metrics of which no two have the same shape: ranges, lists, several conditions, medians, distinct counts."""
    return [_unlike(n) for n in range(count)]


def _unlike(n: int) -> Pair:
    few_points, some_team, some_status = n % 50, n % TEAM_COUNT, n % STATUS_COUNT
    match n % 5:
        case 0:
            return _pair("count(*)", "count(*)", f"points >= {few_points} AND points < {few_points + 10 + n // 50}")
        case 1:
            where = f"status <> 'status {some_status}' AND points > {n // 10} AND team = 'team {some_team}'"
            return _pair("avg(hours(created_at, solved_at))", f"avg({_HOURS})", where)
        case 2:
            where = f"status IN ('status {some_status}', 'status 9') AND points <> {n // 10}"
            return _pair("sum(points)", "sum(points)", where)
        case 3:
            where = f"(team = 'team {some_team}' OR team = 'team {n // TEAM_COUNT}') AND points < {100 - few_points}"
            return _pair("median(hours(created_at, solved_at))", f"median({_HOURS})", where)
        case _:
            where = f"team <> 'team {some_team}' AND points = {n // 10}"
            return _pair("count(distinct client)", "count(DISTINCT client)", where)


def _pair(value: str, aggregate: str, where: str) -> Pair:
    metric = Metric.model_validate({"stream": NAME, "value": value, "where": where, "time": "created_at"})
    return Pair(metric, aggregate, f"{where} AND {_IN_CYCLE}")


def run() -> None:
    what = "metrics", "compiling, CPU s", "okr-sync, CPU s", "by hand, CPU s", "ratio"
    title = f"metrics: values over {RECORD_COUNT:,} records"
    show(title, what, in_fresh_process(_rows))


def _rows() -> list[tuple[str, ...]]:
    with filled_history(RECORD_COUNT) as history:
        return [
            _compare("differ in constants of equalities", alike(METRIC_COUNT), history),
            _compare("all of different shapes", unlike(METRIC_COUNT), history),
        ]


def _compare(what: str, pairs: list[Pair], history: History) -> tuple[str, ...]:
    metrics, compiling = measured(lambda: compiled({f"m{n}": pair.metric for n, pair in enumerate(pairs)}))
    (ours,), measuring = measured(lambda: measure(metrics, history, [DAY]))
    theirs, querying = measured(lambda: by_hand(pairs, history))
    require_alike([ours[f"m{n}"].value for n in range(len(pairs))], theirs)
    costs = (f"{cost.cpu_seconds:.1f}" for cost in (compiling, measuring, querying))
    return f"{len(pairs):,} {what}", *costs, times(measuring, querying)


def by_hand(pairs: Sequence[Pair], history: History) -> list[float | None]:
    return [history.query(pair.sql, PARAMETERS).rows[0][0] for pair in pairs]


def require_alike(ours: Sequence[float | None], theirs: Sequence[float | None]) -> None:
    """A comparison of speed says nothing when the answers differ."""
    for n, (our, their) in enumerate(zip(ours, theirs, strict=True)):
        if our != their and (our is None or their is None or abs(our - their) > 1e-9 * abs(their)):
            raise RuntimeError(f"metric {n}: okr-sync says {our}, the query written by hand {their}")
