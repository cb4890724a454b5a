"""Random views over random records: DuckDB gives the rows that a naive reading of the same view in Python gives.

A view joins tickets to clients or the other way round, picks rows and makes groups. Whatever is accepted must count
nothing twice: the naive reading adds up every record once, whatever stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.errors import ProjectError
from okr_sync.formula import KEY_COLUMN, KNOWN_COLUMN, compile_views, write_sql
from okr_sync.project.metric import View
from tests.formula.relations import create_relation, instant

Row = dict[str, Any]
CLIENT = {"id": FieldType.TEXT, "tier": FieldType.TEXT, "value": FieldType.INTEGER}
TICKET = {"id": FieldType.TEXT, "client": FieldType.TEXT, "hours": FieldType.INTEGER}
STREAMS = {
    "crm.clients": Stream("clients", tuple(Field(*one) for one in CLIENT.items()), key=("id",)),
    "help.tickets": Stream("tickets", tuple(Field(*one) for one in TICKET.items()), key=("id",)),
}
AS_OF = "2026-10-05 09:00+07:00"

clients = st.lists(
    st.tuples(st.sampled_from("abc"), st.none() | st.sampled_from("xy"), st.none() | st.integers(0, 3)),
    max_size=3,
    unique_by=lambda row: row[0],
)
tickets = st.lists(st.tuples(st.none() | st.sampled_from("abcd"), st.none() | st.integers(0, 3)), max_size=6)

AGGREGATES: dict[str, tuple[str, str, Callable[[list[Any]], Any]]] = {
    "sum(t.hours)": ("t", "hours", lambda values: sum(values) if values else None),
    "sum(c.value)": ("c", "value", lambda values: sum(values) if values else None),
    "avg(c.value)": ("c", "value", lambda values: sum(values) / len(values) if values else None),
    "max(c.value)": ("c", "value", lambda values: max(values, default=None)),
    "min(t.hours)": ("t", "hours", lambda values: min(values, default=None)),
    "count(t.id)": ("t", "id", len),
    "count(c.id)": ("c", "id", len),
    "count(t.hours)": ("t", "hours", len),
    "count(distinct c.id)": ("c", "id", lambda values: len(set(values))),
}
"""By text: the relation, the field, and what it means for the known values of its own records, each once."""


def prepare(database: duckdb.DuckDBPyConnection, name: str, fields: dict[str, FieldType], rows: Sequence[Any]) -> None:
    columns = {KEY_COLUMN: FieldType.TEXT, KNOWN_COLUMN: FieldType.TIMESTAMP, **fields}
    create_relation(database, columns, [[row[0], AS_OF, *row] for row in rows], name)


def join(left: list[Row], right: list[Row], on: tuple[str, str], keeps: bool) -> list[tuple[Row, Row | None]]:
    """Each row with every row of the other side that it meets; unknown meets nothing."""
    pairs: list[tuple[Row, Row | None]] = []
    for one in left:
        met: list[Row | None] = [other for other in right if one[on[0]] is not None and one[on[0]] == other[on[1]]]
        pairs += [(one, other) for other in met or ([None] if keeps else [])]
    return pairs


def known_once(records: Sequence[Row | None], field: str) -> list[Any]:
    """The known values of a field, of each record once, however often it stands there."""
    once = {record["id"]: record for record in records if record is not None}
    return [record[field] for record in once.values() if record[field] is not None]


@dataclass(frozen=True)
class Question:
    """What a view asks of clients and tickets."""

    clients_first: bool
    keeps: bool
    """Whether the join is a left one."""
    group: str | None
    picks: str | None
    aggregates: list[str]

    @property
    def select(self) -> str:
        sides = ["crm.clients c", "help.tickets t"]
        first, second = sides if self.clients_first else sides[::-1]
        fields = [f"{self.group} as g"] if self.group else []
        fields += [f"{one} as a{number}" for number, one in enumerate(self.aggregates)]
        join_ = "left join" if self.keeps else "join"
        where = f" where {self.picks}" if self.picks else ""
        group = f" group by {self.group}" if self.group else ""
        return f"select {', '.join(fields)} from {first} {join_} {second} on t.client = c.id{where}{group}"


questions = st.builds(
    Question,
    clients_first=st.booleans(),
    keeps=st.booleans(),
    group=st.sampled_from(["c.id", "c.tier", "t.client", None]),
    picks=st.sampled_from([None, "t.hours > 1", "c.tier = 'x'"]),
    aggregates=st.lists(st.sampled_from([*AGGREGATES]), min_size=1, max_size=3, unique=True),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(client_rows=clients, ticket_rows=tickets, question=questions)
def test_naive_reading(
    database: duckdb.DuckDBPyConnection, client_rows: list[Any], ticket_rows: list[Any], question: Question
) -> None:
    """A view gives each group of the naive reading, with aggregates over each record once, or is refused."""
    keyed = [(f"t{number}", *row) for number, row in enumerate(ticket_rows)]
    prepare(database, "crm.clients", CLIENT, client_rows)
    prepare(database, "help.tickets", TICKET, keyed)
    try:
        view = compile_views({"it": View(select=question.select)}, STREAMS)["it"]
    except ProjectError as error:
        assert "more than once" in str(error), question.select
        assert {"sum(c.value)", "avg(c.value)", "count(c.id)"} & set(question.aggregates), question.select
        return
    query = write_sql(view.select(instant(AS_OF), table), "duckdb")
    found = sorted((row[:-2] for row in database.execute(query).fetchall()), key=repr)
    expected = naive(client_rows, keyed, question)
    assert found == [pytest.approx(row) for row in sorted(expected, key=repr)], question.select


def table(name: str, _: frozenset[str]) -> exp.Expr:
    return exp.Table(this=exp.to_identifier(name, quoted=True))


def naive(client_rows: list[Any], ticket_rows: list[Any], question: Question) -> list[tuple[Any, ...]]:
    all_clients = [dict(zip(CLIENT, row, strict=True)) for row in client_rows]
    all_tickets = [dict(zip(TICKET, row, strict=True)) for row in ticket_rows]
    if question.clients_first:
        joined = join(all_clients, all_tickets, ("id", "client"), question.keeps)
        pairs = [{"c": one, "t": other} for one, other in joined]
    else:
        joined = join(all_tickets, all_clients, ("client", "id"), question.keeps)
        pairs = [{"t": one, "c": other} for one, other in joined]
    pairs = [pair for pair in pairs if is_picked(pair, question.picks)]
    groups: dict[Any, list[dict[str, Row | None]]] = {} if question.group else {None: []}
    for pair in pairs:
        alias, _, field = (question.group or "").partition(".")
        record = pair[alias] if question.group else None
        groups.setdefault(None if record is None else record[field], []).append(pair)
    return [
        (*([value] if question.group else []), *(answer(one, members) for one in question.aggregates))
        for value, members in groups.items()
    ]


def is_picked(pair: dict[str, Row | None], picks: str | None) -> bool:
    ticket, client = pair["t"], pair["c"]
    if picks == "t.hours > 1":
        return ticket is not None and (ticket["hours"] or 0) > 1
    return picks is None or (client is not None and client["tier"] == "x")


def answer(aggregate: str, members: list[dict[str, Row | None]]) -> Any:
    alias, field, meaning = AGGREGATES[aggregate]
    return meaning(known_once([pair[alias] for pair in members], field))
