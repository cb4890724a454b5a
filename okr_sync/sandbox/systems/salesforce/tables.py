"""Every record of the agency's org by object. A row is made once for each state of the record it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.growth.past import past_of_deal
from okr_sync.sandbox.records import Deal
from okr_sync.sandbox.systems.salesforce import company, service, tracking
from okr_sync.sandbox.systems.salesforce.matching import Row
from okr_sync.sandbox.systems.salesforce.objects import ObjectType
from okr_sync.sandbox.systems.salesforce.sales import Sales, stages
from okr_sync.sandbox.systems.salesforce.soql import SoqlError

Maker = Callable[[Any, datetime | None], Iterable[Row]]
"""Makes the rows of one record of the agency; given when it was deleted, if it was."""


class OrgTables:
    """`types` are the objects that the account sees."""

    def __init__(self, agency: Agency, types: Mapping[str, ObjectType], *, is_multi_currency: bool) -> None:
        self.types = types
        self._agency = agency
        sales = Sales(is_multi_currency=is_multi_currency)
        self._of_deals: Mapping[str, Maker] = {
            "Opportunity": lambda deal, gone_at: [sales.opportunity(deal, gone_at)],
            "Lead": sales.lead,
            "OpportunityHistory": lambda deal, gone_at: sales.history(self._versions(deal), gone_at),
            "OpportunityFieldHistory": lambda deal, gone_at: sales.field_history(self._versions(deal), gone_at),
        }
        self._of_tickets: Mapping[str, Maker] = {
            "Case": lambda ticket, _: [service.case(ticket)],
            "CaseHistory": lambda ticket, _: service.case_history(agency.ticket_versions(ticket.id)),
            "CaseMilestone": lambda ticket, _: service.milestones(ticket),
        }
        self._set_up: Mapping[str, Callable[[], list[dict[str, Any]]]] = {
            "Account": company.accounts,
            "User": company.users,
            "MilestoneType": company.milestone_types,
            "OpportunityStage": stages,
            "CaseStatus": service.statuses,
            "FieldDefinition": tracking.definitions,
            "EntityDefinition": tracking.entities,
        }
        self._made: dict[tuple[str, int], tuple[object, list[Row]]] = {}
        self._listed: dict[str, tuple[int, list[Row]]] = {}

    def type_of(self, name: str) -> ObjectType:
        found = self.types.get(name.lower())
        if found is None:
            raise SoqlError(
                "INVALID_TYPE",
                f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to"
                " append the '__c' after the entity name. Please reference your WSDL or the describe call for the"
                " appropriate names.",
            )
        return found

    def rows(self, name: str) -> Sequence[Row]:
        revision, listed = self._listed.get(name, (-1, []))
        if revision != self._agency.revision:
            listed = list(self._list(name))
            self._listed[name] = self._agency.revision, listed
        return listed

    def parent(self, record_id: str | None) -> Row | None:
        """What a relationship leads to: one of the records that hardly change."""
        return None if record_id is None else self._parents.get(record_id)

    def now(self) -> datetime:
        return self._agency.clock.now()

    @cached_property
    def _parents(self) -> Mapping[str, Row]:
        lists = (company.accounts(), company.users(), company.queues(), company.milestone_types(), tracking.entities())
        return {row["Id"]: row for rows in lists for row in rows}

    def _versions(self, deal: Deal) -> tuple[Deal, ...]:
        """Every version of a deal, from its creation to the last one."""
        first, *later = (*self._agency.deals.earlier(deal.id), deal)
        return (*past_of_deal(first), *later)

    def _list(self, name: str) -> Iterator[Row]:
        if name in self._of_deals:
            make, deals = self._of_deals[name], self._agency.deals
            for deal in deals.all:
                yield from self._rows(name, make, deal)
            for gone in deals.gone.values():
                yield from make(gone.record, gone.at)
        elif name in self._of_tickets:
            for ticket in self._agency.tickets:
                yield from self._rows(name, self._of_tickets[name], ticket)
        elif name in self._set_up:
            yield from self._set_up[name]()

    def _rows(self, name: str, make: Maker, record: Any) -> list[Row]:
        """The rows of a record, made anew where it has changed since."""
        known, rows = self._made.get((name, record.id), (None, []))
        if known is not record:
            rows = list(make(record, None))
            self._made[name, record.id] = record, rows
        return rows
