"""What every kind of record has in HubSpot: its properties, its cursor, and the agency's records it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.shelf import Shelf
from okr_sync.sandbox.systems.hubspot.wire import text_of

SET_UP_AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Definition:
    """A property: its internal name, the label that people see, and its type."""

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"

    def written(self) -> Json:
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": "",
            "groupName": "information",
            "options": [],
            "displayOrder": -1,
            "calculated": False,
            "externalOptions": False,
            "hasUniqueValue": self.name == "hs_object_id",
            "hidden": False,
            "hubspotDefined": True,
            "formField": False,
            "modificationMetadata": {"archivable": False, "readOnlyDefinition": True, "readOnlyValue": False},
        }


def text(name: str, label: str) -> Definition:
    return Definition(name, label)


def number(name: str, label: str) -> Definition:
    return Definition(name, label, "number", "number")


def moment(name: str, label: str) -> Definition:
    return Definition(name, label, "datetime", "date")


def day(name: str, label: str) -> Definition:
    return Definition(name, label, "date", "date")


def flag(name: str, label: str) -> Definition:
    return Definition(name, label, "bool", "booleancheckbox")


def choice(name: str, label: str) -> Definition:
    return Definition(name, label, "enumeration", "select")


def choices(name: str, label: str) -> Definition:
    return Definition(name, label, "enumeration", "checkbox")


LIFECYCLE = choice("lifecyclestage", "Lifecycle stage")
OWNER = choice("hubspot_owner_id", "Owner")
SOURCE = choice("hs_analytics_source", "Original traffic source")


@dataclass(frozen=True, slots=True)
class Row:
    """A record under the id it has in HubSpot. One that is archived says since when."""

    id: int
    created_at: datetime
    updated_at: datetime
    record: Any
    archived_at: datetime | None = None
    earlier: Sequence[Any] = ()
    """What the record was before its last change, as far as that is remembered."""


def no_past(record: Any) -> tuple[Any, ...]:
    """The record was never anything else."""
    return (record,)


@dataclass(frozen=True)
class Kind:
    name: str
    type_id: str
    own_properties: tuple[Definition, ...]
    values: Callable[[Any], Mapping[str, Any]]
    """The values of a record's own properties; those that are left out were never set."""
    rows: Callable[[Agency], Iterable[Row]]
    """The records that are there, and the archived ones."""
    cursor: str = "hs_lastmodifieddate"
    created: str = "createdate"
    past: Callable[[Any], Sequence[Any]] = no_past
    """Every version of a record from its creation to the first that is remembered, which is the last of them."""

    @cached_property
    def properties(self) -> dict[str, Definition]:
        common = (
            number("hs_object_id", "Record ID"),
            moment("createdate", "Create date"),
            moment("hs_createdate", "Object create date/time"),
            moment("hs_lastmodifieddate", "Object last modified date/time"),
            moment(self.cursor, "Last modified date"),
            choices("hs_merged_object_ids", "Merged record IDs"),
        )
        return {one.name: one for one in (*common, *self.own_properties)}

    def versions(self, row: Row) -> list[Row]:
        """The record as it was from its creation on; the last is what it is."""
        first, *later = (*row.earlier, row.record)
        *before, _ = (*self.past(first), *later)
        return [*(replace(row, record=one, updated_at=one.updated_at) for one in before), row]

    def all_values(self, row: Row) -> dict[str, str | None]:
        """Every property as HubSpot holds it. What was taken away is an empty text, what never was is null."""
        values = {name: text_of(value) for name, value in self.values(row.record).items()}
        times = {self.created: text_of(row.created_at), self.cursor: text_of(row.updated_at)}
        return dict.fromkeys(self.properties) | values | times | {"hs_object_id": str(row.id)}


def shelved(shelf: Shelf[Any], to_id: Callable[[Any], int] = lambda one: int(one.id)) -> Iterator[Row]:
    """What is on a shelf, and what was taken from it."""
    for one in shelf.all:
        yield Row(to_id(one), one.created_at, one.updated_at, one, earlier=shelf.earlier(one.id))
    for gone in shelf.gone.values():
        one = gone.record
        yield Row(to_id(one), one.created_at, one.updated_at, one, gone.at, shelf.earlier(one.id))
