"""The agency's sales: leads that become contracts or do not, and contracts that are renewed or are not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from okr_sync.sandbox.catalog import CHANNELS, CLIENTS, MEMBERS, SERVICES, Client
from okr_sync.sandbox.growth.chance import Deck, WorkTime, pick
from okr_sync.sandbox.growth.issues import BETTER_SINCE, SPAN
from okr_sync.sandbox.records import Contact, Deal

FIRST_DEAL_ID = 70_001
FIRST_CONTACT_ID = 80_001
NAMES = {"seo": "Gói SEO tổng thể", "web": "Thiết kế website", "content": "Nội dung hằng tháng"}
MILLIONS = {"seo": (60, 80, 120, 180), "web": (90, 150, 240), "content": (24, 36, 48)}
ROLES = ("Giám đốc", "Phụ trách marketing", "Kế toán")
STEP_DAYS = [1, 2, 2, 3, 4, 5, 6, 8, 10, 12]
"""Working days from one stage to the next."""

WON = ("lead", "qualified", "proposal", "contract", "won")
LOST_LATE, LOST, OPEN = (*WON[:3], "lost"), (*WON[:2], "lost"), WON[:3]
# How far a lead goes: of twenty, three do not qualify and two stay open; of the others, three in fifteen sign. Then
# four in sixteen: 25 %.
ROADS_BEFORE = [WON] * 3 + [LOST_LATE] * 8 + [LOST] * 4 + [("lead", "lost")] * 3 + [OPEN] * 2
ROADS_SINCE = [WON] * 4 + [LOST_LATE] * 8 + [LOST] * 4 + [("lead", "lost")] * 3 + [OPEN]
# Of twenty contracts that end, eleven are renewed: 55 %.
RENEWAL_ROADS = [("proposal", "contract", "won")] * 11 + [("proposal", "lost")] * 9
RENEWAL_STARTS_BEFORE = timedelta(days=30)


def grow_deals(random: Random, now: datetime, count: int) -> Iterator[Deal]:
    """Three in five are new business, the others renewals; ids follow the time of creation."""
    growth = _Growth(random, now)
    return (growth.deal(n, count) for n in range(count))


def grow_contacts(now: datetime) -> Iterator[Contact]:
    """Three people at each client's, known since the agency began."""
    began_at = (now - SPAN).replace(microsecond=0)
    for number, (client, role) in enumerate((client, role) for client in CLIENTS for role in ROLES):
        email = f"{ROLES.index(role) + 1}@{client.tag.replace('_', '-')}.example"
        name = f"{role} – {client.name}"
        yield Contact(FIRST_CONTACT_ID + number, name, email, client.tag, True, began_at, began_at)


class _Growth:
    def __init__(self, random: Random, now: datetime) -> None:
        self._random = random
        self._time = WorkTime((now - SPAN).date())
        self._last = self._time.position(now)
        self._kinds = Deck(random, ["new"] * 3 + ["renewal"] * 2)
        self._better_since = self._time.position(now - BETTER_SINCE)
        self._roads_before = Deck(random, ROADS_BEFORE)
        self._roads_since = Deck(random, ROADS_SINCE)
        self._renewal_roads = Deck(random, RENEWAL_ROADS)
        self._days = Deck(random, STEP_DAYS)
        self._upsells = Deck(random, [True] * 3 + [False] * 7)

    def deal(self, n: int, count: int) -> Deal:
        random, pipeline = self._random, self._kinds.draw()
        client: Client = pick(random, CLIENTS)
        service = pick(random, SERVICES)
        start = (n + random.random()) / count * self._last
        new_roads = self._roads_since if start >= self._better_since else self._roads_before
        road = (new_roads if pipeline == "new" else self._renewal_roads).draw()
        stages = self._stages(road, start)
        stage, entered_at = stages[-1]
        has_offer = any(name in ("proposal", "contract", "won") for name, _ in stages)
        return Deal(
            id=FIRST_DEAL_ID + n,
            name=f"{NAMES[service]} – {client.name}",
            client=client.tag,
            service=service,
            pipeline=pipeline,
            stage=stage,
            amount=pick(random, MILLIONS[service]) * 1_000_000 if has_offer else None,
            channel=pick(random, CHANNELS),
            owner=pick(random, MEMBERS[:2]).handle,
            created_at=stages[0][1],
            updated_at=entered_at,
            stages=stages,
            contract_ends_on=self._contract_end(start) if pipeline == "renewal" else None,
            is_upsell=pipeline == "renewal" and stage == "won" and self._upsells.draw(),
        )

    def _stages(self, road: tuple[str, ...], start: float) -> tuple[tuple[str, datetime], ...]:
        """As much of the road as lies before now; the first stage always does."""
        position, stages = start, [(road[0], self._time.at(start))]
        for stage in road[1:]:
            position += self._days.draw() * self._random.uniform(0.7, 1.3)
            if position > self._last:
                break
            stages.append((stage, self._time.at(position)))
        return tuple(stages)

    def _contract_end(self, start: float) -> date:
        return (self._time.at(start) + RENEWAL_STARTS_BEFORE).date()
