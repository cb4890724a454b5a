"""Chance that behaves: shares that hold in every short stretch, and days on which people work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Generic, TypeVar

from okr_sync.sandbox.catalog import ZONE

Card = TypeVar("Card")

# From 08:30 to 18:00 in Ho Chi Minh City, which has no summer time.
_DAY_STARTS_AT = time(1, 30, tzinfo=UTC)
_DAY_LENGTH = timedelta(hours=9, minutes=30)
_DAY_MILLISECONDS = _DAY_LENGTH // timedelta(milliseconds=1)


class Deck(Generic[Card]):
    """Cards drawn without putting them back, shuffled anew when none is left.

    One late project in five stays close to one in five in every month, which independent draws would not.
    """

    def __init__(self, random: Random, cards: Sequence[Card]) -> None:
        self._random = random
        self._cards = tuple(cards)
        self._left: list[Card] = []

    def draw(self) -> Card:
        if not self._left:
            self._left = sorted(self._cards, key=lambda _: self._random.random())
        return self._left.pop()


def pick(random: Random, cards: Sequence[Card]) -> Card:
    """One of them, whichever: `Random.choice` in a third of its time, since an agency makes millions of choices."""
    return cards[int(random.random() * len(cards))]


class WorkTime:
    """Time counted in working days, Monday to Friday, from the Monday of the week of `first_day`.

    Position 7.5 is the middle of the eighth working day. Adding to a position never lands on a night or a weekend.
    """

    def __init__(self, first_day: date) -> None:
        self._monday = first_day - timedelta(days=first_day.weekday())
        self._origin = datetime.combine(self._monday, _DAY_STARTS_AT)

    def day(self, position: float) -> date:
        weeks, days = divmod(int(position), 5)
        return self._monday + timedelta(days=weeks * 7 + days)

    def at(self, position: float) -> datetime:
        """The instant, in UTC and to the millisecond."""
        day = int(position)
        calendar_day = day // 5 * 7 + day % 5
        return self._origin + timedelta(days=calendar_day, milliseconds=int((position - day) * _DAY_MILLISECONDS))

    def position(self, moment: datetime) -> float:
        """Where `moment` falls; nights and weekends count as the end of the last working day."""
        day = moment.astimezone(ZONE).date()
        weeks, weekday = divmod((day - self._monday).days, 7)
        if weekday >= 5:
            return weeks * 5 + 5
        worked = (moment - datetime.combine(day, _DAY_STARTS_AT)) / _DAY_LENGTH
        return weeks * 5 + weekday + min(max(worked, 0.0), 1.0)
