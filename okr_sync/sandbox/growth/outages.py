"""The times during which clients' sites did not answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from okr_sync.sandbox.catalog import CLIENTS
from okr_sync.sandbox.growth.chance import Deck, pick
from okr_sync.sandbox.growth.issues import SPAN
from okr_sync.sandbox.records import Outage

FIRST_ID = 60_001
MINUTES = [1, 2, 3, 5, 8, 12, 20, 45, 180]


def grow_outages(random: Random, now: datetime, count: int) -> Iterator[Outage]:
    """In the order of their start; one that began too recently to be over has no end yet."""
    minutes = Deck(random, MINUTES)
    for n in range(count):
        started_at = (now - SPAN * (1 - (n + random.random()) / count)).replace(microsecond=0)
        ended_at = started_at + timedelta(minutes=minutes.draw())
        client = pick(random, CLIENTS).tag
        if ended_at > now:
            yield Outage(FIRST_ID + n, client, started_at, started_at)
        else:
            yield Outage(FIRST_ID + n, client, started_at, ended_at, ended_at)
