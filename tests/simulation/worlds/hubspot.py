"""HubSpot: deals by a search that is late; archived, merged, deleted for good; stages that are renamed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from okr_sync.sandbox.faults import Deed
from okr_sync.sandbox.systems.hubspot import faults
from okr_sync.sandbox.systems.hubspot.records import HubSpotOptions
from tests.simulation.steps import Act
from tests.simulation.truth import State
from tests.simulation.worlds.sales import SalesWorld
from tests.simulation.worlds.world import Columns

_WON = "closedwon"


class HubSpotWorld(SalesWorld):
    system = "hubspot"
    hides_busy = True
    columns = Columns("name", "amount", "is_won", reads=("name", "amount", "is_won", "created_at"))

    def set_up(self, flavour: int) -> None:
        index_lag = (timedelta(), timedelta(seconds=30), timedelta(minutes=20))[flavour % 3]
        self.lag = index_lag + timedelta(seconds=1)  # HubSpot's clock is told to the second
        self.has_census = flavour % 2 == 1
        self.has_history = flavour % 5 > 0
        self._merged: dict[int, int] = {}
        self._purged: list[int] = []
        self._labels: dict[str, str] = {}
        self.options = HubSpotOptions(
            page_cap=2 + flavour % 4, index_lag=index_lag, merged=self._merged, purged=self._purged, labels=self._labels
        )

    def settings(self, variables: Mapping[str, str]) -> dict[str, Any]:
        return {
            **self.case.settings(variables),
            "streams": {"deals": {"census": self.has_census, "history": self.has_history}},
        }

    def vendor_deeds(self) -> dict[str, Deed]:
        return {"repeated": faults.repeated_page(), "empty": faults.empty_page(), "short": faults.out_of_order()}

    def _note(self, key: str, state: State | None, at: datetime | None = None) -> None:
        """What became of a record that was merged is told by the other one: while that is busy, by nobody."""
        super()._note(key, state, at)
        for loser, winner in self._merged.items():
            if self.key(winner) == key:
                super()._note(self.key(loser), None, at)

    def special(self, act: Act, living: list[str]) -> bool:
        """A stage is renamed; a deal is merged into another one; or it is deleted for good, which a census finds."""
        key = living[act.pick % len(living)]
        if act.value % 3 == 0:
            self._labels[_WON] = f"won {act.value}"
        elif act.value % 3 == 1 and len(living) > 1:
            winner = living[(act.pick + 1) % len(living)]
            self._merged[self.deal_id(key)] = self.deal_id(winner)
            self.agency.deals.delete(self.deal_id(key))
            self._note(key, None)
            self.agency.deals.edit(self.deal_id(winner), name=f"v{act.value}")
            self._note(winner, replace(self.truth.present()[winner], name=f"v{act.value}"))
        elif self.has_census and len(living) > 1:
            self._purged.append(self.deal_id(key))
            self.agency.deals.delete(self.deal_id(key))
            self._note(key, None)
        else:
            return False
        return True


WORLD = HubSpotWorld
