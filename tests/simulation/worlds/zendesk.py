"""Zendesk: tickets by an export whose order is a time of its own, and which keeps back the last minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from okr_sync.sandbox.faults import Deed
from okr_sync.sandbox.records import Ticket, TicketChanges
from okr_sync.sandbox.systems.zendesk import faults
from okr_sync.sandbox.systems.zendesk.account import ZendeskOptions
from tests.simulation.steps import Act
from tests.simulation.truth import State
from tests.simulation.worlds.world import Columns, World


class ZendeskWorld(World):
    system = "zendesk"
    hides_busy = True
    columns = Columns(
        "subject",
        "first_reply_hours",
        "status IN ('solved', 'closed')",
        reads=("subject", "first_reply_hours", "status", "created_at"),
    )
    lag = timedelta(seconds=62)

    def set_up(self, flavour: int) -> None:
        self.options = ZendeskOptions(page_cap=2 + flavour % 4)
        self._kept: dict[str, Ticket] = {}
        self.is_rebuilt = flavour % 2 == 1

    def stamp(self) -> datetime:
        return self.now.replace(microsecond=0)

    def settings(self, variables: Mapping[str, str]) -> dict[str, Any]:
        return {**self.case.settings(variables), "streams": {"tickets": {"history": self.is_rebuilt}}}

    def vendor_deeds(self) -> dict[str, Deed]:
        return {"repeated": faults.repeated_token()}

    def create(self, number: int, state: State) -> str:
        return str(self.agency.create_ticket(state.name, **self._written(state)).id)

    def change(self, key: str, before: State, after: State) -> None:
        self.agency.edit_ticket(int(key), subject=after.name, **self._written(after))

    def delete(self, key: str) -> None:
        self._kept[key] = self.agency.ticket(int(key))
        self.agency.delete_ticket(int(key))

    def restore(self, key: str) -> None:
        now = self.stamp()
        self.agency._keep_ticket(replace(self._kept.pop(key), updated_at=now, generated_at=now))

    def special(self, act: Act, living: list[str]) -> bool:
        """A job of the system touches a ticket, or a ticket is merged into another one."""
        key = living[act.pick % len(living)]
        if act.value % 2:
            self.agency.touch_ticket(int(key))
            self._note(key, self.truth.present()[key], self.agency.ticket(int(key)).updated_at)
        else:
            self.agency.merge_ticket(int(key))
            self._note(key, replace(self.truth.present()[key], is_done=True))
        return True

    def _written(self, state: State) -> TicketChanges:
        reply = None if state.amount is None else int(state.amount) * 3600
        status, solved_at = ("solved", self.stamp()) if state.is_done else ("open", None)
        return {"status": status, "solved_at": solved_at, "first_reply_seconds": reply}


WORLD = ZendeskWorld
