"""Deals, which HubSpot, Salesforce and others show: what sales people do, whichever system they use."""

from __future__ import annotations

from datetime import datetime

from okr_sync.sandbox.catalog import CLIENTS, MEMBERS
from okr_sync.sandbox.records import Deal
from tests.simulation.truth import State
from tests.simulation.worlds.world import World

FIRST_ID = 7_000


class SalesWorld(World):
    def key(self, deal_id: int) -> str:
        return str(deal_id)

    def deal_id(self, key: str) -> int:
        return next(one for one in range(FIRST_ID, FIRST_ID + self._counter + 1) if self.key(one) == key)

    def stamp(self) -> datetime:
        return self.now.replace(microsecond=self.now.microsecond // 1000 * 1000)

    def create(self, number: int, state: State) -> str:
        stage = _stage(state)
        deal = Deal(
            id=FIRST_ID + number,
            name=state.name,
            client=CLIENTS[0].tag,
            service="seo",
            pipeline="new",
            stage=stage,
            amount=None if state.amount is None else int(state.amount),
            channel="ads",
            owner=MEMBERS[0].handle,
            created_at=self.stamp(),
            updated_at=self.stamp(),
            stages=((stage, self.stamp()),),
        )
        return self.key(self.agency.deals.add(deal).id)

    def change(self, key: str, before: State, after: State) -> None:
        if before.is_done != after.is_done:
            self.agency.move_deal(self.deal_id(key), _stage(after))
        amount = None if after.amount is None else int(after.amount)
        self.agency.deals.edit(self.deal_id(key), name=after.name, amount=amount)

    def delete(self, key: str) -> None:
        self.agency.deals.delete(self.deal_id(key))

    def restore(self, key: str) -> None:
        self.agency.deals.restore(self.deal_id(key))


def _stage(state: State) -> str:
    return "won" if state.is_done else "lead"
