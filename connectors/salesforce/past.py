"""What records were before they became what they are: rebuilt from the histories that Salesforce keeps.

Of opportunities it keeps every stage, amount, probability and close date; of all objects what changed in the fields
that the org tracks, for 18 to 24 months. What a field held that it does not track is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from connectors.salesforce.fields import Raw
from connectors.salesforce.querying import Desk, batches
from connectors.salesforce.resolving import Plan
from connectors.salesforce.soql import among, select
from okr_sync.connector import AccessError, IncompleteError, Record, SettingsError
from okr_sync.http import RefusedError
from okr_sync.http.changes import UNKNOWN, Change, held
from okr_sync.http.columns import Reading, forgiving
from okr_sync.http.values import member, to_timestamp

_AT_A_TIME = 200
"""How many ids go into one query: an address may hold 16,384 bytes."""
_SNAPSHOTS = ("StageName", "Amount", "ExpectedRevenue", "Probability", "CloseDate", "ForecastCategory")
_OF_STATES = {
    "Opportunity": ("OpportunityStage", "StageName", ("IsClosed", "IsWon", "ForecastCategoryName")),
    "Case": ("CaseStatus", "Status", ("IsClosed",)),
}
"""By object: where the org says what its states mean, the field with the state, and what follows from it."""
_NEVER_CHANGES = frozenset({"Id", "IsDeleted", "CreatedDate", "CaseNumber", "CurrencyIsoCode"})

Changes = Mapping[str, Sequence[Change]]
"""By path, oldest first."""


@dataclass
class Pasts:
    """The pasts of the records of one read, as far as they began after `after`: older ones have landed."""

    desk: Desk
    plan: Plan
    after: datetime | None
    _reading: Reading[Raw] = field(init=False)

    def __post_init__(self) -> None:
        self._reading = Reading(forgiving(self.plan.reading.columns), self.plan.reading.name_of)

    def records(self, raws: Sequence[Raw]) -> list[Record]:
        """The versions before the present one of those that are not deleted."""
        found: list[Record] = []
        for start in range(0, len(raws), _AT_A_TIME):
            some = raws[start : start + _AT_A_TIME]
            changes = self._changes([str(one["Id"]) for one in some])
            versions = (version for one in some for version in self._versions(one, changes.get(str(one["Id"]), {})))
            found += self._reading.records(versions)[0]
        return found

    def _versions(self, raw: Raw, changes: Changes) -> list[Raw]:
        created_at, present_since = (to_timestamp(raw[name]) for name in ("CreatedDate", self.plan.declared.cursor))
        told = {one.at for path, ones in changes.items() if path in self._read for one in ones}
        moments = sorted({created_at, *(one for one in told if one > created_at)})
        return [
            self._at(raw, changes, one)
            for one in moments
            if one < present_since and (self.after is None or one > self.after)
        ]

    def _at(self, raw: Raw, changes: Changes, moment: datetime) -> Raw:
        version: Raw = {"Id": raw["Id"], "CreatedDate": raw["CreatedDate"]}
        for path in self.plan.paths:
            _put(version, path, self._held(raw, changes, path, moment))
        version[self.plan.declared.cursor] = moment.isoformat()
        return self._with_states(version, raw, changes, moment)

    def _held(self, raw: Raw, changes: Changes, path: str, moment: datetime) -> Any:
        present = member(raw, path)
        if path in changes:
            return held(changes[path], moment, present)
        return present if path in _NEVER_CHANGES or _tracked_name(path) in self._tracked else None

    def _with_states(self, version: Raw, raw: Raw, changes: Changes, moment: datetime) -> Raw:
        """What follows from the stage or status, and when that last changed."""
        if self.plan.declared.object not in _OF_STATES:
            return version
        _, name, following = _OF_STATES[self.plan.declared.object]
        state = self._states.get(str(held(changes.get(name, ()), moment, raw.get(name))), {})
        version |= {one: state.get(one) for one in following if one in self.plan.paths}
        if "ForecastCategory" in changes and "ForecastCategoryName" in version:
            told = changes["ForecastCategory"]
            category = str(held(told, moment, told[-1].after))
            version["ForecastCategoryName"] = self._categories.get(category)
        if "LastStageChangeDate" in version:
            version["LastStageChangeDate"] = _last_change(changes.get(name, ()), moment)
        closed_at = raw.get("ClosedDate")
        if "ClosedDate" in version:
            is_known = version.get("IsClosed") and closed_at and to_timestamp(closed_at) <= moment
            version["ClosedDate"] = closed_at if is_known else None
        return version

    def _changes(self, ids: Sequence[str]) -> dict[str, dict[str, list[Change]]]:
        try:
            return self._told(ids)
        except (KeyError, ValueError) as error:
            raise IncompleteError(
                f"{self.desk.where}: a row of the history of {self.plan.declared.object} cannot be read: {error};"
                " history: false reads the stream without its past"
            ) from error

    def _told(self, ids: Sequence[str]) -> dict[str, dict[str, list[Change]]]:
        found: dict[str, dict[str, list[Change]]] = {}
        for row in self._rows(*self._of_fields, ids, ("Field", "OldValue", "NewValue", "DataType")):
            path = self._path(row)
            one = Change(to_timestamp(row["CreatedDate"]), path, row.get("OldValue"), row.get("NewValue"))
            found.setdefault(str(row[self._of_fields[1]]), {}).setdefault(path, []).append(one)
        if self.plan.snapshots is not None:
            rows = self._rows(self.plan.snapshots, "OpportunityId", ids, _SNAPSHOTS)
            for key, known in _snapshots(rows).items():
                found[key] = {**found.get(key, {}), **known}  # which know more than the changes of the same fields
        return found

    def _rows(self, history: str, parent: str, ids: Sequence[str], fields: Sequence[str]) -> Iterable[Raw]:
        query = select((parent, "CreatedDate", *fields), history, [among(ids, parent)], ("CreatedDate", "Id"))
        for batch in batches(self.desk, "query", query):
            yield from batch.raws

    def _path(self, row: Raw) -> str:
        """A change of a reference comes twice: with the id, and as a text with the name."""
        name, found = str(row.get("Field")), self.plan.object
        relationship = f"{name[:-1]}r" if name.endswith("__c") else name
        if found is None or found.parent(relationship) is None:
            return name
        if row.get("DataType") == "EntityId":
            return name if found.field(name) is not None else f"{name}Id"
        return f"{relationship}.Name"

    @property
    def _of_fields(self) -> tuple[str, str]:
        assert self.plan.history is not None  # noqa: S101 - of plans without one there are no pasts
        return self.plan.history

    @cached_property
    def _read(self) -> Collection[str]:
        """The paths whose changes make versions: what is read, and the state that other fields follow from."""
        return {*self.plan.paths, *(name for _, name, _ in _OF_STATES.values())}

    @cached_property
    def _tracked(self) -> Collection[str]:
        """The fields whose changes the org keeps now; none where the account may not know."""
        conditions = [
            f"EntityDefinition.QualifiedApiName = '{self.plan.declared.object}'",
            "IsFieldHistoryTracked = true",
        ]
        return {
            str(one["QualifiedApiName"]) for one in self._asked(["QualifiedApiName"], "FieldDefinition", conditions)
        }

    @cached_property
    def _states(self) -> Mapping[str, Raw]:
        name, _, following = _OF_STATES[self.plan.declared.object]
        return {str(one["ApiName"]): one for one in self._asked(["ApiName", *following], name, [])}

    @cached_property
    def _categories(self) -> Mapping[str, str]:
        """A history writes BestCase for Best Case."""
        names = (str(one.get("ForecastCategoryName")) for one in self._states.values())
        return {one.replace(" ", ""): one for one in names}

    def _asked(self, paths: Sequence[str], of: str, conditions: Sequence[str]) -> list[Raw]:
        try:
            return [raw for batch in batches(self.desk, "query", select(paths, of, conditions)) for raw in batch.raws]
        except (AccessError, RefusedError, SettingsError):
            return []


def _snapshots(rows: Iterable[Raw]) -> dict[str, dict[str, list[Change]]]:
    """A snapshot tells all of its fields, whether they changed or not; the first one is what a record began with."""
    found: dict[str, dict[str, list[Change]]] = {}
    for row in rows:
        of_record = found.setdefault(str(row["OpportunityId"]), {})
        for name in _SNAPSHOTS:
            known = of_record.setdefault(name, [])
            before = known[-1].after if known else row.get(name)
            known.append(Change(to_timestamp(row["CreatedDate"]), name, before, row.get(name)))
    return found


def _last_change(changes: Sequence[Change], moment: datetime) -> str | None:
    times = [one.at for one in changes if one.at <= moment and one.before is not UNKNOWN and one.before != one.after]
    return times[-1].isoformat() if times else None


def _tracked_name(path: str) -> str:
    """`OwnerId` of `Owner.Name`, `Room__c` of `Room__r.Name`."""
    first, _, rest = path.partition(".")
    if not rest:
        return first
    return f"{first[:-1]}c" if first.endswith("__r") else f"{first}Id"


def _put(version: Raw, path: str, value: Any) -> None:
    *parents, name = path.split(".")
    inside = version
    for parent in parents:
        inside = inside.setdefault(parent, {})
    inside[name] = value
