"""What happened to single records between two days, as far as one metric goes.

Three looks at the records: the earlier day as it was known then, the earlier day as it is known now, and the later day.
From the first to the second there is only what came late, or another exchange rate; from the second to the third only
what happened. So each record has at most one cause of each kind, and what it gave before plus both steps is what it
gives now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from okr_sync.explaining.words import reason_in_words
from okr_sync.measure import Given, Key, Sight, State, counted_before, given, states


class Cause(StrEnum):
    """Why a value changed, in the order in which people read it."""

    DEFINITION = "definition"
    """The formula, its condition, its window or what it rests on was written anew."""
    CALENDAR = "calendar"
    """The working time by which it counts is another."""
    RECOMPUTED = "computed anew"
    """What is stored is not what the same day gives now, from what was known then, by the same definition."""
    LATE = "late"
    """True before the earlier day had ended, and landed after its number was stored."""
    RATES = "rates"
    """The record is as it was; the exchange rate of its day is another."""
    ENTERED = "entered"
    """It is new, or has come into the filter or the window."""
    REOPENED = "re-opened"
    """It had counted, did not on the earlier day, and counts again."""
    CHANGED = "changed"
    """It counts on both days, with other values."""
    AGED = "aged"
    """It is as it was and gives another amount, because the formula counts up to the day itself."""
    LEFT = "left"
    """It does not fulfil the filter any more, or the window has moved on."""
    DELETED = "deleted"
    """It has ended."""
    MOVED = "moved"
    """A metric below has another value, which is not split by records."""
    ROUNDING = "rounding"
    """What is left by the last digits of floats, or by a rounding in a formula."""


@dataclass(frozen=True, slots=True)
class Change:
    """One record that gives something else than before, and why."""

    cause: Cause
    key: Key
    before: Given | None
    after: Given | None
    """What it gives; `None` where it does not count."""
    detail: str
    state: State | None
    """As it is where it was seen last."""


@dataclass(frozen=True, slots=True)
class Looks:
    """One metric: the earlier day as known then, the same day as known now, and the later day."""

    then: Sight
    earlier: Sight
    later: Sight


@dataclass(frozen=True, slots=True)
class Found:
    """What all records that count give in each of the looks, and what changed."""

    then: Mapping[Key, Given]
    later: Mapping[Key, Given]
    changes: tuple[Change, ...]


def changes_of(looks: Looks, shown: Callable[[object], str]) -> Found:
    """Every record that gives something else; `shown` writes a value of a record."""
    earlier, later = given(looks.earlier), given(looks.later)
    then = earlier if looks.then is looks.earlier else given(looks.then)
    late = _late(looks, then, earlier, shown) if looks.then is not looks.earlier else ()
    return Found(then, later, (*late, *_happened(looks, earlier, later, shown)))


def _differing(before: Mapping[Key, Given], after: Mapping[Key, Given]) -> list[Key]:
    return sorted((key for key in {*before, *after} if before.get(key) != after.get(key)), key=str)


def _late(
    looks: Looks, then: Mapping[Key, Given], earlier: Mapping[Key, Given], shown: Callable[[object], str]
) -> Iterator[Change]:
    keys = _differing(then, earlier)
    was, known = states(looks.then, set(keys)), states(looks.earlier, set(keys))
    day = _day(looks)
    for key in keys:
        old, new = was.get(key), known.get(key)
        is_same = old is not None and new is not None and old.fields == new.fields
        detail = _difference(old, new, day, shown)
        yield Change(Cause.RATES if is_same else Cause.LATE, key, then.get(key), earlier.get(key), detail, new or old)


def _happened(
    looks: Looks, earlier: Mapping[Key, Given], later: Mapping[Key, Given], shown: Callable[[object], str]
) -> Iterator[Change]:
    keys = _differing(earlier, later)
    was, now = states(looks.earlier, set(keys)), states(looks.later, set(keys))
    counted_once = counted_before(looks.later, {key for key in keys if key not in earlier}, looks.earlier.day)
    day = _day(looks)
    for key in keys:
        old, new = was.get(key), now.get(key)
        cause = _cause(key in earlier, key in later, old, new)
        if cause is Cause.ENTERED and key in counted_once:
            cause = Cause.REOPENED
        yield Change(cause, key, earlier.get(key), later.get(key), _difference(old, new, day, shown), new or old)


def _cause(counted: bool, counts: bool, old: State | None, new: State | None) -> Cause:
    if not counted:
        return Cause.ENTERED
    if not counts:
        return Cause.DELETED if new is None else Cause.LEFT
    is_same = old is not None and new is not None and old.fields == new.fields
    return Cause.AGED if is_same else Cause.CHANGED


def _day(looks: Looks) -> str:
    return f"{looks.earlier.day.day.day} {looks.earlier.day.day:%b}"


def _difference(old: State | None, new: State | None, day: str, shown: Callable[[object], str]) -> str:
    """What is to be said of a record that stood like `old` and stands like `new`."""
    if new is None:
        return "gone" if old is not None else ""
    if old is None:
        return "new" if new.group is None else ""
    if new.group is not None:
        return reason_in_words(new.group, new.fields, shown)
    if old.group is not None:
        return f"on {day}: {reason_in_words(old.group, old.fields, shown)}"
    changed = [name for name, value in new.fields.items() if old.fields.get(name) != value]
    return ", ".join(f"{name} {shown(old.fields[name])} → {shown(new.fields[name])}" for name in changed)
