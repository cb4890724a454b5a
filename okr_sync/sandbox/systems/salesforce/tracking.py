"""What changed in the fields that the org tracks: each version of a record compared with the one before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from okr_sync.sandbox.systems.salesforce.company import queues, users
from okr_sync.sandbox.systems.salesforce.ids import salesforce_id

Row = dict[str, Any]
TRACKED: Mapping[str, Collection[str]] = {
    "Opportunity": ("Name", "OwnerId", "StageName", "Contract_Ends_On__c", "Service__c"),
    "Case": ("OwnerId", "Priority", "Status", "Subject"),
}
"""By object; of the amount of an opportunity, its stage and its close date there are snapshots besides."""
MOST_CHANGES = 1024
"""How many changes a record may have: so many ids of its history are its own."""


@dataclass(frozen=True, slots=True)
class Tracking:
    """`of` is the object, `history` where its changes are, `number` the record's own."""

    of: str
    history: str
    number: int

    def rows(self, versions: Sequence[Row], *, is_deleted: bool) -> Iterator[Row]:
        """A row for the beginning, and one for each change; of an owner one with ids and one with names."""
        found = [(versions[0], ("created", None, None, "Text"))]
        for before, after in pairwise(versions):
            found += [(after, change) for name in TRACKED[self.of] for change in _changes(name, before, after)]
        for place, (version, (name, old, new, kind)) in enumerate(found):
            yield {
                "Id": salesforce_id(self.history, self.number * MOST_CHANGES + place),
                f"{self.of}Id": versions[0]["Id"],
                "Field": name,
                "OldValue": old,
                "NewValue": new,
                "DataType": kind,
                "CreatedDate": version["LastModifiedDate"] if place else versions[0]["CreatedDate"],
                "IsDeleted": is_deleted,
            }


def definitions() -> list[Row]:
    """Which fields are tracked: a row for each field of an object that is."""
    return [
        {
            "Id": salesforce_id("FieldDefinition", number * 100 + place),
            "QualifiedApiName": name,
            "IsFieldHistoryTracked": name != "Amount",
            "EntityDefinitionId": salesforce_id("EntityDefinition", number),
        }
        for number, (_, names) in enumerate(TRACKED.items())
        for place, name in enumerate([*names, "Amount"])
    ]


def entities() -> list[Row]:
    return [
        {"Id": salesforce_id("EntityDefinition", number), "QualifiedApiName": name}
        for number, name in enumerate(TRACKED)
    ]


def _changes(name: str, before: Row, after: Row) -> Iterator[tuple[str, Any, Any, str]]:
    old, new = before[name], after[name]
    if old == new:
        return
    if name == "OwnerId":
        names = {row["Id"]: row["Name"] for row in (*users(), *queues())}
        yield "Owner", old, new, "EntityId"
        yield "Owner", names.get(old), names.get(new), "Text"
    else:
        yield (
            name,
            _written(old),
            _written(new),
            "DynamicEnum" if name in ("StageName", "Status", "Priority") else "Text",
        )


def _written(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float) else str(value)
