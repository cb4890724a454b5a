"""What is true in the source, in plain Python: written down as it is done, never asked of the stand-in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class State:
    """What the simulation knows of a record: enough for a count, a sum, a mean, a ratio and a window."""

    name: str
    amount: float | None
    is_done: bool
    created_at: datetime


States = Mapping[str, State]
"""By the record's key, as the warehouse has it."""


@dataclass(frozen=True, slots=True)
class Happened:
    """A record is `state` from then on; `None`: it is gone."""

    at: datetime
    """Since when, by the system's own stamp: a late commit brings one that lies before."""
    done_at: datetime
    """When whoever looked could see it."""
    number: int
    """How many things had happened before it, to any record."""
    state: State | None


class Truth:
    """Every record's whole life."""

    def __init__(self) -> None:
        self._lives: dict[str, list[Happened]] = {}
        self.count = 0
        """How many things have happened so far."""
        self.hidden: set[str] = set()
        """Records that were gone at some time: a system without history tells nothing of when that was."""

    def note(self, key: str, state: State | None, at: datetime, done_at: datetime) -> None:
        self._lives.setdefault(key, []).append(Happened(at, done_at, self.count, state))
        self.count += 1
        if state is None:
            self.hidden.add(key)

    def present(self) -> dict[str, State]:
        last = {key: life[-1].state for key, life in self._lives.items()}
        return {key: state for key, state in last.items() if state is not None}

    def at(self, moment: datetime) -> dict[str, State]:
        """Right before `moment`, by the system's stamps."""
        found = {}
        for key, life in self._lives.items():
            known = sorted((one for one in life if one.at < moment), key=lambda one: one.at)  # stable: the last wins
            state = known[-1].state if known else None
            if state is not None:
                found[key] = state
        return found

    def keys(self) -> Iterator[str]:
        return iter(self._lives)

    def version_count(self, key: str) -> int:
        return sum(one.state is not None for one in self._lives[key])

    def ever(self, key: str) -> list[State]:
        return [one.state for one in self._lives.get(key, ()) if one.state is not None]

    def since(self, key: str, moment: datetime, number: int, *, hides_busy: bool) -> list[State | None]:
        """What a reader may have been told that began after `number` things and knows all until `moment`.

        `hides_busy`: the system shows nothing at all of a record to which something has just happened.
        """
        life = self._lives.get(key, [])
        settled = [one for one in life if one.done_at <= moment and one.number < number]
        if hides_busy and len(settled) < len(life):
            return [None, *(one.state for one in life)]
        return [settled[-1].state if settled else None, *(one.state for one in life if one not in settled)]
