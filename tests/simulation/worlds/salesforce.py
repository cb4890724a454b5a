"""Salesforce: opportunities by SOQL; transactions that end late, with an earlier stamp; bulk jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from okr_sync.sandbox.faults import Deed
from okr_sync.sandbox.systems.salesforce import faults
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id
from okr_sync.sandbox.systems.salesforce.org import SalesforceOptions
from tests.simulation.steps import Act
from tests.simulation.worlds.sales import SalesWorld
from tests.simulation.worlds.world import Columns

_LATEST = timedelta(minutes=5)
"""How long a transaction may take: the connector says that it goes back so far."""


class SalesforceWorld(SalesWorld):
    system = "salesforce"
    columns = Columns("name", "amount", "is_won", reads=("name", "amount", "is_won", "created_at"))

    def set_up(self, flavour: int) -> None:
        self.lag = timedelta()
        self.has_census = flavour % 2 == 1
        self.options = SalesforceOptions(batch_cap=2 + flavour % 4, part_cap=2 + flavour % 4)
        self.bulk_above = (2_000, 4)[flavour % 3 == 0]

    def key(self, deal_id: int) -> str:
        return salesforce_id("Opportunity", deal_id)

    def stamp(self) -> datetime:
        return self.now.replace(microsecond=0)

    def settings(self, variables: Mapping[str, str]) -> dict[str, Any]:
        streams = {"opportunities": {"census": self.has_census}}
        return {**self.case.settings(variables), "bulk_above": self.bulk_above, "streams": streams}

    def vendor_deeds(self) -> dict[str, Deed]:
        return {"repeated": faults.repeated_token(), "empty": faults.empty_batch(), "short": faults.nothing_next()}

    def special(self, act: Act, living: list[str]) -> bool:
        """A long transaction ends: its change can be seen now, and bears an earlier stamp."""
        key = living[act.pick % len(living)]
        last = self.agency.deals[self.deal_id(key)].updated_at
        earlier = max(last, self.stamp() - min(_LATEST, timedelta(seconds=act.value * 4)))
        self.agency.deals.edit(self.deal_id(key), name=f"v{act.value}", updated_at=earlier)
        self._note(key, replace(self.truth.present()[key], name=f"v{act.value}"), earlier)
        return True


WORLD = SalesforceWorld
