"""Compares what okr-sync says with the truth. Nothing in here asks the stand-in, or uses a formula of the engine."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from okr_sync.connector import Stream
from okr_sync.warehouse import SourceLog, Warehouse
from okr_sync.warehouse.spans import held_at
from tests.simulation.truth import State, States, Truth
from tests.simulation.worlds.world import World

SOURCE = "mine"
_WINDOW_DAYS = 2


class ViolationError(AssertionError):
    """Somebody would have seen a wrong number, or a right one too many times."""


def require(holds: object, what: str, *facts: object) -> None:
    if not holds:
        raise ViolationError(": ".join([what, *map(str, facts)]))


@dataclass
class Landed:
    """The warehouse of one world, looked into."""

    warehouse: Warehouse
    world: World
    _stream: Stream | None = None

    @property
    def stream(self) -> Stream | None:
        """As it was described when it first landed; `None` before."""
        if self._stream is None:
            streams = {one.name: one for one in SourceLog(self.warehouse, SOURCE).streams()}
            self._stream = streams.get(self.world.case.stream)
        return self._stream

    def at(self, moments: Sequence[datetime]) -> list[States]:
        """What it says that each record was right before each moment."""
        stream = self.stream
        if stream is None:
            return [{} for _ in moments]
        name = f"{SOURCE}.{stream.name}"
        columns = self.world.columns
        parts = ", ".join((columns.name, columns.amount, columns.is_done, columns.created_at))
        sql = f'SELECT _key, {parts} FROM "{name}" WHERE {held_at("$1")}'
        found: list[States] = []
        with self.warehouse.history({name: stream}, {name: columns.reads}) as history:
            for moment in moments:
                rows = history.query(sql, {1: moment}).rows
                states = {key: State(text, amount, bool(done), at) for key, text, amount, done, at in rows}
                require(len(states) == len(rows), "a record counts twice", sorted(key for key, *_ in rows))
                found.append(states)
        return found

    def versions(self) -> list[tuple[str, datetime, bool, str]]:
        """Key, time, whether deleted and hash of every version, in their order."""
        name = self.world.case.stream
        if self.stream is None:
            return []
        with self.warehouse.look(SOURCE) as looking:
            assert looking is not None
            return looking.rows(
                f"SELECT _key, _version_at, _deleted, _hash FROM {looking.table(name)}"
                " ORDER BY _key, _version_at, _sequence"
            )


def require_nothing_invented(landed: States, truth: Truth) -> None:
    """Whatever happened to a sync, what has landed was true once."""
    for key, state in landed.items():
        require(state in truth.ever(key), "the warehouse has what never was", key, state, truth.ever(key))


def require_nothing_twice(versions: Sequence[tuple[str, datetime, bool, str]]) -> None:
    """No version repeats the one before it."""
    for before, after in pairwise(versions):
        is_repeated = before[0] == after[0] and before[3] == after[3]
        require(not is_repeated, "a version has landed twice", before, after)


@dataclass(frozen=True, slots=True)
class Beginning:
    """When a sync began: nothing after it need be known, and of what is younger than the lag neither."""

    at: datetime
    number: int
    """How many things had happened in the source."""


def require_fresh(landed: States, world: World, begun: Beginning) -> None:
    """After a sync that is complete each record is as it was when the sync began, or became after it."""
    settled = begun.at - world.lag
    for key in {*world.truth.keys(), *landed}:
        possible = world.truth.since(key, settled, begun.number, hides_busy=world.hides_busy)
        require(landed.get(key) in possible, "the warehouse is behind", key, landed.get(key), possible)


def require_same(landed: States, expected: States, when: str) -> None:
    for key in {*expected, *landed}:
        found, wanted = landed.get(key), expected.get(key)
        require(found == wanted, f"the warehouse is wrong {when}", key, f"it has {found}", f"true is {wanted}")


def require_values(found: Mapping[str, float | None], expected: Mapping[str, float | None], when: str) -> None:
    for name, wanted in expected.items():
        value = found[name]
        is_same = value == wanted or (value is not None and wanted is not None and math.isclose(value, wanted))
        require(is_same, f"key result {name} is wrong {when}", f"it says {value}", f"true is {wanted}")


def metrics(world: World) -> dict[str, dict[str, str]]:
    """A count, a sum, a mean, and a ratio with a window: what `values_of` computes in Python."""
    amount, is_done, created = world.columns.amount, world.columns.is_done, world.columns.created_at
    stream = {"stream": f"{SOURCE}.{world.case.stream}"}
    return {
        "n": {**stream, "value": "count(*)"},
        "total": {**stream, "value": f"sum({amount})"},
        "mean": {**stream, "value": f"avg({amount})"},
        "won": {**stream, "value": f"sum({amount})", "where": is_done},
        "ratio": {
            **stream,
            "value": f"count_if({is_done}) / count(*)",
            "time": created,
            "window": f"trailing {_WINDOW_DAYS} days",
        },
    }


def values_of(states: States, day: date, instant: datetime, zone: ZoneInfo) -> dict[str, float | None]:
    """Those metrics over these records, for a day that is seen at `instant`."""
    everything = list(states.values())
    start = datetime.combine(day - timedelta(days=_WINDOW_DAYS - 1), time.min, tzinfo=zone)
    recent = [one for one in everything if start <= one.created_at < instant]
    amounts = _known(one.amount for one in everything)
    won = _known(one.amount for one in everything if one.is_done)
    return {
        "n": float(len(everything)),
        "total": sum(amounts) if amounts else None,
        "mean": sum(amounts) / len(amounts) if amounts else None,
        "won": sum(won) if won else None,
        "ratio": sum(one.is_done for one in recent) / len(recent) if recent else None,
    }


def _known(amounts: Iterator[float | None]) -> list[float]:
    return [one for one in amounts if one is not None]
