"""Notion: rows by the minute of their last edit, and the trash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from okr_sync.sandbox.catalog import CLIENTS
from okr_sync.sandbox.faults import Deed
from okr_sync.sandbox.records import SurveyAnswer
from okr_sync.sandbox.systems.notion import faults
from okr_sync.sandbox.systems.notion.entries import answer_id
from okr_sync.sandbox.systems.notion.schema import SURVEY_ID
from okr_sync.sandbox.systems.notion.workspace import NotionOptions
from tests.simulation.truth import State
from tests.simulation.worlds.world import Columns, World

_DONE, _OPEN = CLIENTS[0].name, CLIENTS[1].name


class NotionWorld(World):
    """Whom an answer is from stands for whether it is done; its score is never missing."""

    system = "notion"
    hides_busy = True
    columns = Columns("note", "score", f"client = '{_DONE}'", reads=("note", "score", "client", "created_at"))

    def set_up(self, flavour: int) -> None:
        self.lag = timedelta(minutes=(0, 1, 2)[flavour % 3])
        self.is_trash_stamped = flavour % 7 > 2
        self.options = NotionOptions(
            page_cap=2 + flavour % 4,
            lag=self.lag,
            row_cap=(10_000, 7)[flavour % 5 == 0],
            is_trash_stamped=self.is_trash_stamped,
        )
        self.read = ("changes", "everything")[flavour % 4 == 3]
        self.tells_deletions = self.read == "changes"

    def stamp(self) -> datetime:
        return self.now.replace(second=0, microsecond=0)

    def settings(self, variables: Mapping[str, str]) -> dict[str, Any]:
        fields = {"score": "Điểm NPS", "client": "Khách hàng", "note": "Nhận xét"}
        nps = {"data_source": SURVEY_ID, "fields": fields, "only_fields": True, "read": self.read}
        return {**self.case.settings(variables), "streams": {"nps": nps}}

    def vendor_deeds(self) -> dict[str, Deed]:
        return {"repeated": faults.repeated_cursor(), "short": faults.cut_short()}

    def shaped(self, state: State) -> State:
        return replace(state, amount=state.amount or 0.0)

    def before_create(self) -> None:
        """More rows of one minute than a query may find cannot be read at all, which the connector says."""
        if self.options.row_cap < 100:
            self.agency.clock.advance(timedelta(minutes=1))

    def create(self, number: int, state: State) -> str:
        now = self.now
        one = SurveyAnswer(f"nps-{number}", now, _client(state), int(state.amount or 0), now, state.name)
        return answer_id(self.agency.surveys.add(one))

    def change(self, key: str, before: State, after: State) -> None:
        changed = {"score": int(after.amount or 0), "client": _client(after), "comment": after.name}
        self.agency.surveys.edit(self._id(key), **changed)

    def delete(self, key: str) -> None:
        self.agency.surveys.delete(self._id(key))

    def restore(self, key: str) -> None:
        self.agency.surveys.restore(self._id(key))

    def _id(self, key: str) -> str:
        records = [*self.agency.surveys.all, *(one.record for one in self.agency.surveys.gone.values())]
        return next(one.id for one in records if answer_id(one) == key)


def _client(state: State) -> str:
    return _DONE if state.is_done else _OPEN


WORLD = NotionWorld
