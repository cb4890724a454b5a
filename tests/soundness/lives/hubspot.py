"""Deals of HubSpot: grown ones of which some have ended, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from okr_sync.sandbox import Agency
from okr_sync.sandbox.catalog import MEMBERS
from tests.soundness.lives import Life, Source

_STAGES = ("lead", "qualified", "proposal", "contract", "won", "lost")


def _source(named: Mapping[str, str], has_history: bool) -> Source:
    deals = {"history": has_history, "fields": {"service": "service", "contract_ends_on": "contract_ends_on"}}
    account = {"url": named["HUBSPOT_URL"], "token": named["HUBSPOT_TOKEN"]}
    return {"connector": "hubspot", **account, "streams": {"deals": deals}}


def _live(agency: Agency, random: Random) -> set[str]:
    """Deals are made, moved on and back, priced, handed over, renamed, archived, and some of them restored."""
    restored: set[str] = set()
    for _ in range(random.randrange(3, 9)):
        agency.clock.advance(timedelta(minutes=random.randrange(5, 90)))
        now = agency.clock.now()
        deal = random.choice(agency.deals.all)
        match random.randrange(8):
            case 0 | 1 | 2:
                agency.move_deal(deal.id, random.choice([one for one in _STAGES if one != deal.stage]))
            case 3:
                agency.deals.edit(deal.id, amount=random.choice((None, 0, 24_000_000, 90_000_000)))
            case 4:
                owner = random.choice(MEMBERS).handle
                agency.deals.edit(deal.id, owner=owner, name=f"Hợp đồng {random.randrange(99)}")
            case 5:
                agency.deals.edit(deal.id, contract_ends_on=random.choice((None, now.date())), service="seo")
            case 6:
                new = replace(deal, id=max(one.id for one in agency.deals.all) + 500, stage="lead", amount=None)
                agency.deals.add(replace(new, created_at=now, updated_at=now, stages=(("lead", now),)))
            case 7 if agency.deals.gone:
                back = random.choice(list(agency.deals.gone))
                agency.deals.restore(back)
                restored.add(str(back))
            case 7:
                agency.deals.delete(deal.id)
    return restored


def _grow(now: datetime) -> Agency:
    grown = Agency.grow(1, now, 0, 0, 0)
    return grown.grow_business(1, deal_count=25, visit_count=0, listing_count=0, outage_count=0)


LIFE = Life(
    system="hubspot",
    stream="deals",
    source=_source,
    grow=_grow,
    live=_live,
    remaining=lambda agency: {str(one.id) for one in agency.deals.all},
    never_rebuilt={"updated_at"},  # a change of what is not read moves it as well
)
