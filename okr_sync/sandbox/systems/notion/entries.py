"""What the agency has, as rows of Notion's data sources: not written yet, since most of them nobody asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.catalog import CLIENTS, Client
from okr_sync.sandbox.records import Deal, SurveyAnswer
from okr_sync.sandbox.shelf import Gone
from okr_sync.sandbox.systems.notion.schema import CLIENTS_ID, NEW_DEALS_ID, RENEWALS_ID, SURVEY_ID, notion_id

_CLIENTS_SINCE = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
"""When the pages of the clients were written. Nobody edits them: all that changes in them is worked out."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. Its times are as Notion keeps them: to the minute, whatever happened within it."""

    id: str
    source_id: str
    created_at: datetime
    edited_at: datetime
    record: Any
    is_trashed: bool = False


def to_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def client_id(client: Client) -> str:
    return notion_id(f"client {client.tag}")


class Book:
    """The rows of one agency at one revision, and what relations lead to."""

    def __init__(self, agency: Agency, *, is_trash_stamped: bool) -> None:
        self._is_trash_stamped = is_trash_stamped
        answers, gone_answers = agency.surveys.all, agency.surveys.gone.values()
        self.rows: dict[str, list[Entry]] = {SURVEY_ID: [], CLIENTS_ID: [], NEW_DEALS_ID: [], RENEWALS_ID: []}
        self.rows[SURVEY_ID] = [*map(_of_answer, answers), *self._trash(_of_answer, gone_answers)]
        self.rows[CLIENTS_ID] = [_of_client(one) for one in CLIENTS]
        for one in (*map(_of_deal, agency.deals.all), *self._trash(_of_deal, agency.deals.gone.values())):
            self.rows[one.source_id].append(one)
        self.by_id = {one.id: one for rows in self.rows.values() for one in rows}
        self.answers_of: dict[str, list[SurveyAnswer]] = defaultdict(list)
        for answer in answers:
            self.answers_of[answer.client].append(answer)
        self.revenue_of: dict[str, int] = defaultdict(int)
        for deal in agency.deals.all:
            if deal.stage == "won":
                self.revenue_of[deal.client] += deal.amount or 0

    def _trash(self, write: Any, gone: Iterable[Gone[Any]]) -> Iterator[Entry]:
        for one in gone:
            entry = write(one.record)
            edited_at = to_minute(one.at) if self._is_trash_stamped else entry.edited_at
            yield Entry(entry.id, entry.source_id, entry.created_at, edited_at, entry.record, is_trashed=True)


def _of_answer(one: SurveyAnswer) -> Entry:
    return Entry(answer_id(one), SURVEY_ID, to_minute(one.answered_at), to_minute(one.updated_at), one)


def answer_id(one: SurveyAnswer) -> str:
    return notion_id(f"answer {one.id}")


def _of_client(one: Client) -> Entry:
    return Entry(client_id(one), CLIENTS_ID, _CLIENTS_SINCE, _CLIENTS_SINCE, one)


def deal_id(one: Deal) -> str:
    return notion_id(f"deal {one.id}")


def _of_deal(one: Deal) -> Entry:
    source = RENEWALS_ID if one.pipeline == "renewal" else NEW_DEALS_ID
    return Entry(deal_id(one), source, to_minute(one.created_at), to_minute(one.updated_at), one)
