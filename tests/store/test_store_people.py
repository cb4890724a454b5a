"""What people say of key results: added to, never changed, found by day, refused once the cycle is closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from okr_sync.store import Acceptance, CheckIn, ClosedCycleError, Closing, Override, Store
from tests.store.samples import AT, CYCLE, key_result, objective

CLOSING = Closing(cycle=CYCLE.name, closed_at=AT, closed_by="An", snapshot="{}", digest="d" * 64, signature=None)


def day(number: int) -> date:
    return date(2026, 11, number)


ACCEPTED = Acceptance(
    cycle=CYCLE.name,
    key_result="nps",
    as_of=day(14),
    value=0.0,
    gates={"max_move": "moved"},
    reason="the survey was sent anew",
    accepted_by="Lan",
    accepted_at=AT,
)
CHECK_IN = CheckIn(
    cycle=CYCLE.name, key_result="nps", as_of=day(14), confidence=0.0, note="khó", said_by="Lan", said_at=AT
)
OVERRIDE = Override(
    cycle=CYCLE.name,
    key_result="nps",
    starts_on=day(14),
    until=day(20),
    value=0.0,
    unit=None,
    reason="counted by hand",
    said_by="Lan",
    said_at=AT,
)


@pytest.fixture
def open_store(store: Store) -> Store:
    store.save_objectives(CYCLE, [objective("delivery", key_result("nps"))], AT)
    return store


def test_the_last_acceptance_of_a_day_counts_for_that_day_alone(open_store: Store) -> None:
    """A value of 0 was accepted as such."""
    later = replace(ACCEPTED, value=5.0)
    open_store.accept([ACCEPTED])
    assert open_store.acceptances(CYCLE.name, day(14)) == {"nps": ACCEPTED}
    open_store.accept([later])
    assert open_store.acceptances(CYCLE.name, day(14)) == {"nps": later}
    assert open_store.acceptances(CYCLE.name, day(13)) == open_store.acceptances(CYCLE.name, day(15)) == {}


def test_check_ins_are_those_up_to_the_day_the_latest_first(open_store: Store) -> None:
    """Of two on one day, the one that was said last; a confidence of 0 is one."""
    second, older = replace(CHECK_IN, confidence=None), replace(CHECK_IN, as_of=day(12))
    for one in (CHECK_IN, second, older, replace(CHECK_IN, as_of=day(16))):
        open_store.check_in(one)
    assert open_store.check_ins(CYCLE.name, day(15)) == {"nps": [second, CHECK_IN, older]}
    assert open_store.check_ins(CYCLE.name, day(11)) == {}


def test_an_override_is_in_force_from_its_first_day_to_its_last(open_store: Store) -> None:
    """Both days are inside; the value 0 is one."""
    open_store.override(OVERRIDE)
    in_force = [number for number in range(12, 23) if open_store.overrides(CYCLE.name, day(number))]
    assert in_force == [14, 15, 16, 17, 18, 19, 20]


def test_the_last_override_takes_the_place_of_the_one_before(open_store: Store) -> None:
    """Also where it ends earlier or withdraws it; days before it keep the old one."""
    open_store.override(OVERRIDE)
    shorter = replace(OVERRIDE, starts_on=day(16), until=day(17), value=3.0)
    open_store.override(shorter)
    assert [open_store.overrides(CYCLE.name, day(number)) for number in (15, 17, 18)] == [
        {"nps": OVERRIDE},
        {"nps": shorter},
        {},
    ]
    open_store.override(replace(OVERRIDE, starts_on=day(17), value=None))
    assert open_store.overrides(CYCLE.name, day(17)) == {}


@pytest.mark.parametrize(
    "say",
    [
        lambda store: store.accept([ACCEPTED]),
        lambda store: store.check_in(CHECK_IN),
        lambda store: store.override(OVERRIDE),
    ],
)
def test_nothing_is_said_of_a_closed_cycle(open_store: Store, say: Callable[[Store], None]) -> None:
    """Not before it is open again, which is never."""
    open_store.close_cycle(CLOSING, open_store.mark())
    with pytest.raises(ClosedCycleError):
        say(open_store)
