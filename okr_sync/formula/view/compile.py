"""The views of a project -> compiled views, or every problem they have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from sqlglot import exp

from okr_sync.connector import Stream
from okr_sync.errors import Problem, ProjectError, nearest
from okr_sync.formula.order import sort_by_inputs
from okr_sync.formula.pipeline import Passage
from okr_sync.formula.refusal import Refused
from okr_sync.formula.view.parse import parse_select
from okr_sync.formula.view.query import Query, reads
from okr_sync.formula.view.read import Around, read_query
from okr_sync.formula.view.relation import SPAN, Relation, relation_of, versions_below
from okr_sync.formula.view.shape import check_shape
from okr_sync.formula.view.write import RelationOf, write_query
from okr_sync.project.metric import View

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class CompiledView:
    """A view whose select is allowed, resolved and typed."""

    name: str
    view: View
    relation: Relation
    """What it is to those who read it: a stream."""
    reads: Mapping[str, frozenset[str]]
    """By the name of each stream, versions or view that it reads itself: the fields."""
    unproven_key: tuple[str, ...]
    """The declared key, where the select does not show that it is one: the data must."""
    field_units: Mapping[str, str]
    """The units of the fields that it reads, of those that have one, as `crm.deals.amount`."""
    query: Query = field(repr=False)

    def select(self, as_of: exp.Expr, relation_of: RelationOf) -> exp.Query:
        """Its rows at the instant `as_of`, over relations as `relation_of` writes them."""
        return write_query(self.query, as_of, relation_of)


def compile_views(views: Mapping[str, View], streams: Mapping[str, Stream]) -> dict[str, CompiledView]:
    """Every view, those that others read first. `streams` is keyed as views name them, versions included.

    Raises:
        ProjectError: all the problems of all the views, in the order of `views`.
    """
    problems: dict[str, Problem] = {}
    trees: dict[str, exp.Query] = {}
    for name, view in views.items():
        tree = _caught(problems, name, view, partial(_parsed, view))
        if tree is not None:
            trees[name] = tree
    order, loops = sort_by_inputs({name: _views_in(tree, views) for name, tree in trees.items()})
    problems.update({loop[0]: _loop_problem(loop, views) for loop in loops})
    relations = {name: relation_of(name, stream) for name, stream in streams.items()}
    relations |= {name: Relation(name, (), key=(), is_open=True, is_view=True) for name in views}
    compiled: dict[str, CompiledView] = {}
    for name in order:
        one = _caught(problems, name, views[name], partial(_compile, name, views[name], trees[name], Around(relations)))
        unknown = None if one is None else _unknown_key(one)
        if unknown is not None:
            problems[name] = unknown
        elif one is not None:
            compiled[name] = one
            relations = {**relations, name: one.relation}
    if problems:
        raise ProjectError([problems[name] for name in views if name in problems])
    return compiled


def views_below(names: Iterable[str], views: Mapping[str, CompiledView]) -> tuple[CompiledView, ...]:
    """The views among `names` and those they read, each once, those that others read first."""
    found: dict[str, CompiledView] = {}

    def add(name: str) -> None:
        if name in views and name not in found:
            for lower in views[name].reads:
                add(lower)
            found[name] = views[name]

    for name in names:
        add(name)
    return tuple(found.values())


def streams_read(reads: Mapping[str, frozenset[str]], below: Iterable[CompiledView]) -> dict[str, frozenset[str]]:
    """By stream, the fields of it that are read: directly, as versions, or by the views `below`."""
    below = list(below)
    views = {view.name for view in below}
    found: dict[str, frozenset[str]] = {}
    for each in (reads, *(view.reads for view in below)):
        for name, fields in each.items():
            if name not in views:
                stream = versions_below(name)
                own = fields if stream is None else fields - set(SPAN)
                found[stream or name] = found.get(stream or name, frozenset()) | own
    return found


def _parsed(view: View) -> exp.Query:
    tree = parse_select(view.select)
    check_shape(tree)
    return tree


def _compile(name: str, view: View, tree: exp.Query, around: Around) -> CompiledView:
    query, relation = read_query(name, tree, around)
    relation = replace(relation, description=view.description)
    declared = view.key_fields
    unproven: tuple[str, ...] = ()
    if declared:
        unproven = () if any(key <= set(declared) for key in relation.keys) else declared
        keys = (frozenset(declared), *relation.keys)
        relation = replace(relation, key=declared, keys=keys, rows_repeat=None)
    read = {each: frozenset(fields) for each, fields in reads(query).items()}
    units = {
        f"{each}.{one.name}": one.unit
        for each, fields in sorted(read.items())
        for one in around.relations[each].fields
        if one.name in fields and one.unit is not None
    }
    return CompiledView(name, view, relation, read, unproven, units, query)


def _caught(problems: dict[str, Problem], name: str, view: View, make: Callable[[], T]) -> T | None:
    try:
        return make()
    except Refused as refused:
        passage = Passage(view.select, str(view.place("select")), f"views.{name}.select")
        problems[name] = passage.problem(refused)
        return None


def _views_in(tree: exp.Query, views: Mapping[str, View]) -> list[str]:
    return [table.name for table in tree.find_all(exp.Table) if not table.db and table.name in views]


def _loop_problem(loop: Sequence[str], views: Mapping[str, View]) -> Problem:
    message = f"views are made of each other: {' -> '.join(loop)}; one of them must read streams alone"
    return Problem(str(views[loop[0]].place("select")), f"views.{loop[0]}.select", message)


def _unknown_key(view: CompiledView) -> Problem | None:
    known = [field.name for field in view.relation.fields]
    for name in view.view.key_fields:
        if name not in known:
            message = f"the select gives no field {name!r}{nearest(name, known)}"
            return Problem(str(view.view.place("key")), f"views.{view.name}.key", message)
    return None
