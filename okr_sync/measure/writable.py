"""Whether formulas can be computed where the records are kept, told before anything is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

from okr_sync.errors import Problem, ProjectError
from okr_sync.formula import CompiledMetric, CompiledView, NotInDialect, write_sql
from okr_sync.measure.instant import Given
from okr_sync.measure.shapes import parameters


def check_dialect(metrics: Iterable[CompiledMetric], views: Iterable[CompiledView], dialect: str) -> None:
    """Refuse what the warehouse's engine has no exact equal of. DuckDB computes everything: it says what formulas mean.

    Raises:
        ProjectError: all of it.
    """
    if dialect == "duckdb":
        return
    problems = dict.fromkeys([*_problems_of_metrics(metrics, dialect), *_problems_of_views(views, dialect)])
    if problems:
        raise ProjectError(list(problems))


def _problems_of_metrics(metrics: Iterable[CompiledMetric], dialect: str) -> Iterator[Problem]:
    for one in metrics:
        moment = parameters(one)
        for part, tree in (("value", one.value(moment)), ("where", one.condition(moment))):
            yield from _problem(
                tree, dialect, str(one.metric.place(part)), f"metrics.{one.metric.base or one.name}.{part}"
            )


def _problems_of_views(views: Iterable[CompiledView], dialect: str) -> Iterator[Problem]:
    for one in views:
        select = one.select(Given.AS_OF.tree, lambda name, _: exp.Table(this=exp.to_identifier(name, quoted=True)))
        yield from _problem(select, dialect, str(one.view.place("select")), f"views.{one.name}.select")


def _problem(tree: exp.Expr, dialect: str, place: str, path: str) -> Iterator[Problem]:
    try:
        write_sql(tree, dialect)
    except NotInDialect as error:
        yield Problem(place, path, str(error))
