"""What all worlds have: a stand-in, the truth beside it, and the acts that change both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, ClassVar

from okr_sync.sandbox import Agency
from okr_sync.sandbox.clock import Clock
from okr_sync.sandbox.faults import Deed
from tests.contract.case import Case
from tests.contract.cases import CASES
from tests.simulation.steps import Act
from tests.simulation.truth import State, Truth

BEGINS = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
"""Eight o'clock on a Monday in Hanoi."""


@dataclass(frozen=True, slots=True)
class Columns:
    """SQL over the stream's fields for each part of a `State`."""

    name: str
    amount: str
    is_done: str
    reads: tuple[str, ...]
    """The fields that these read."""
    created_at: str = "created_at"


class World(ABC):
    """One account of one system. Its subclasses do in the stand-in what `act` says, and this writes down the truth."""

    system: ClassVar[str]
    columns: ClassVar[Columns]
    lag: timedelta
    """How long a change may stay unseen by a sync that is complete."""
    has_history: bool = False
    """Whether the past is rebuilt, so that evenings without a sync are known as well."""
    hides_busy: ClassVar[bool] = False
    """Whether a record that is changed again and again is not shown at all until it has been left alone for `lag`."""
    can_restore: ClassVar[bool] = True
    tells_deletions: bool = True
    """Whether okr-sync learns of the deletion of a record that it had never seen. Otherwise one that is restored then
    would be taken to have been there since its creation, which the evidence says: it is not restored here."""
    can_hide: ClassVar[bool] = False
    """Whether the account may lose sight of all records without a word of the source."""
    options: Any

    def __init__(self, flavour: int) -> None:
        self.agency = Agency(Clock(BEGINS))
        self.truth = Truth()
        self.landed_keys: set[str] = set()
        """What okr-sync knew to be there after its last sync."""
        self._gone: dict[str, State] = {}
        self._counter = 0
        self.set_up(flavour)

    @property
    def case(self) -> Case:
        return CASES[self.system]

    @property
    def now(self) -> datetime:
        return self.agency.clock.now()

    def stamp(self) -> datetime:
        """Now, as the system writes it down."""
        return self.now

    def settings(self, variables: Mapping[str, str]) -> dict[str, Any]:
        return self.case.settings(variables)

    def vendor_deeds(self) -> dict[str, Deed]:
        """Repeated, empty and short pages, as the vendor sends them; made anew for each sync, since some remember."""
        return {}

    def act(self, act: Act) -> bool:
        """Do it, and wait; False where it is not possible now."""
        is_done = self._do(act)
        self.agency.clock.advance(timedelta(seconds=act.wait))
        return is_done

    def _do(self, act: Act) -> bool:
        living, gone = sorted(self.truth.present()), sorted(self._gone)
        if act.kind == "create":
            self._counter += 1
            self.before_create()
            state = self.shaped(State(f"v{act.value}", _amount(act.value), act.value % 3 == 0, self.stamp()))
            self._note(self.create(self._counter, state), state)
        elif act.kind in ("change", "toggle") and living:
            key = living[act.pick % len(living)]
            before = self.truth.present()[key]
            if act.kind == "toggle":
                after = replace(before, is_done=not before.is_done)
            else:
                after = replace(before, name=f"v{act.value}", amount=_amount(act.value))
            after = self.shaped(after)
            self.change(key, before, after)
            self._note(key, after)
        elif act.kind == "delete" and len(living) > 1:
            key = living[act.pick % len(living)]
            if self.tells_deletions or key in self.landed_keys:
                self._gone[key] = self.truth.present()[key]
            self.delete(key)
            self._note(key, None)
        elif act.kind == "restore" and gone and self.can_restore:
            key = gone[act.pick % len(gone)]
            self.restore(key)
            self._note(key, self._gone.pop(key))
        elif act.kind == "special" and living:
            return self.special(act, living)
        else:
            return False
        return True

    def _note(self, key: str, state: State | None, at: datetime | None = None) -> None:
        self.truth.note(key, state, at or self.stamp(), self.now)

    def before_create(self) -> None:  # noqa: B027 - most systems need nothing
        """What the system needs to take a new record."""

    def shaped(self, state: State) -> State:
        """The state as the system can hold it."""
        return state

    def special(self, act: Act, living: list[str]) -> bool:
        """Something that only people of this system do."""
        return False

    def hide_all(self) -> None:
        raise NotImplementedError

    def show_all(self) -> None:
        raise NotImplementedError

    @abstractmethod
    def set_up(self, flavour: int) -> None:
        """Choose the options of the stand-in, small pages above all."""

    @abstractmethod
    def create(self, number: int, state: State) -> str: ...

    @abstractmethod
    def change(self, key: str, before: State, after: State) -> None: ...

    @abstractmethod
    def delete(self, key: str) -> None: ...

    def restore(self, key: str) -> None:
        raise NotImplementedError


def make_world(system: str, flavour: int) -> World:
    made: World = import_module(f"tests.simulation.worlds.{system}").WORLD(flavour)
    return made


def _amount(value: int) -> float | None:
    return None if value % 5 == 0 else float(value % 11)
