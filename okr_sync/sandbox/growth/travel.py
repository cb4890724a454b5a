"""The travel client's site: who visited it, who booked, and the tours on offer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from okr_sync.sandbox.catalog import CHANNELS, VISIT_STEPS
from okr_sync.sandbox.growth.chance import Deck, pick
from okr_sync.sandbox.growth.issues import BETTER_SINCE, SPAN
from okr_sync.sandbox.records import Booking, Listing, Visit

FIRST_ID = 900_001
# Of a thousand visits fifteen book, and ten drop off at the payment: 40 %. Then twenty-one, and eleven: 34 %.
REACHED_BEFORE = ["view"] * 560 + ["listing"] * 365 + ["checkout"] * 50 + ["payment"] * 10 + ["booked"] * 15
REACHED_SINCE = ["view"] * 550 + ["listing"] * 364 + ["checkout"] * 54 + ["payment"] * 11 + ["booked"] * 21
AMOUNTS = [1_200_000, 2_400_000, 3_600_000, 5_900_000, 8_500_000]
# One booking in ten is cancelled: half of those are refunded in full, half in part.
REFUND_SHARES = [0.0] * 18 + [1.0, 0.5]
PLACES = ("Hà Giang", "Mộc Châu", "Phong Nha", "Côn Đảo", "Đà Lạt", "Phú Yên")
# Which of a listing's parts is missing: nothing in three of five.
MISSING = ["nothing"] * 12 + ["photos"] * 3 + ["description"] * 2 + ["price", "availability", "policy"]


def grow_visits(random: Random, now: datetime, count: int) -> Iterator[Visit]:
    """Day and night, in the order of their start."""
    before, since = Deck(random, REACHED_BEFORE), Deck(random, REACHED_SINCE)
    for n in range(count):
        started_at = _moment(now, (n + random.random()) / count)
        reached = since if now - started_at <= BETTER_SINCE else before
        yield Visit(FIRST_ID + n, started_at, started_at, pick(random, CHANNELS), reached.draw())


def grow_bookings(random: Random, now: datetime, visits: tuple[Visit, ...]) -> Iterator[Booking]:
    """One for each visit that was booked, some minutes after it began; a cancellation follows within ten days."""
    amounts, refunds = Deck(random, AMOUNTS), Deck(random, REFUND_SHARES)
    for visit in visits:
        if visit.reached != VISIT_STEPS[-1]:
            continue
        booked_at = min(visit.started_at + timedelta(seconds=random.randrange(180, 1800)), now.replace(microsecond=0))
        amount, share = amounts.draw(), refunds.draw()
        cancelled_at = booked_at + timedelta(days=random.randrange(1, 10))
        if share == 0.0 or cancelled_at > now:
            yield Booking(visit.id, visit.id, booked_at, booked_at, amount)
        else:
            yield Booking(visit.id, visit.id, booked_at, cancelled_at, amount, int(amount * share), True)


def grow_listings(random: Random, now: datetime, count: int) -> Iterator[Listing]:
    missing = Deck(random, MISSING)
    for n in range(count):
        created_at = _moment(now, (n + random.random()) / count)
        lacks, place = missing.draw(), pick(random, PLACES)
        yield Listing(
            id=n + 1,
            title=f"{place} {random.randrange(2, 6)} ngày",
            created_at=created_at,
            updated_at=created_at,
            photo_count=0 if lacks == "photos" else random.randrange(3, 12),
            description=None if lacks == "description" else f"Khởi hành từ Hà Nội, thăm {place}.",
            price=None if lacks == "price" else random.randrange(12, 90) * 100_000,
            has_availability=lacks != "availability",
            policy=None if lacks == "policy" else "Huỷ trước 7 ngày hoàn 100 %.",
        )


def _moment(now: datetime, share: float) -> datetime:
    """The instant at `share` of the agency's past, to the second."""
    return (now - SPAN * (1 - share)).replace(microsecond=0)
