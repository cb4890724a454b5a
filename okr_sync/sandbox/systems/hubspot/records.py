"""What the account holds, in the order of ids, and what its search knows of that."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.http import Json
from okr_sync.sandbox.systems.hubspot.kinds import Kind, Row
from okr_sync.sandbox.systems.hubspot.search import LARGEST_PAGE, Index
from okr_sync.sandbox.systems.hubspot.wire import iso_time

_ALWAYS = ("hs_object_id",)


@dataclass(frozen=True, slots=True)
class HubSpotOptions:
    page_cap: int = LARGEST_PAGE
    """How many records a page holds at most, whatever the request says."""
    index_lag: timedelta = timedelta(seconds=30)
    """How far the search is behind the records."""
    searches_per_second: int | None = None
    """5 at HubSpot, by the clock of the agency; `None` for any number."""
    refused: Collection[str] = ()
    """The objects that the token may not read."""
    merged: Mapping[int, int] = field(default_factory=dict)
    """Of records that were taken away: those that live on in another one, and in which."""
    purged: Collection[int] = ()
    """Of records that were taken away: those that were deleted for good."""
    values_kept: int = 20
    """How many values of a property an answer tells, the last ones."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """The names that people gave to pipelines and stages, by id."""


@dataclass(frozen=True)
class Shelved:
    """The records of one kind, sorted by id."""

    live: list[Row]
    archived: list[Row]
    by_id: Mapping[int, Row]
    """The live ones."""


class Records:
    """Worked out anew after a change alone."""

    def __init__(self, agency: Agency, options: HubSpotOptions) -> None:
        self._agency = agency
        self._options = options
        self._shelved: dict[str, tuple[int, Shelved]] = {}
        self._indexes: dict[str, tuple[tuple[int, datetime], Index]] = {}

    def of(self, kind: Kind) -> Shelved:
        """Those that were merged or deleted for good leave nothing."""
        revision = self._agency.revision
        if kind.name not in self._shelved or self._shelved[kind.name][0] != revision:
            rows = sorted(kind.rows(self._agency), key=lambda one: one.id)
            live = [one for one in rows if one.archived_at is None]
            left_out = {*self._options.merged, *self._options.purged}
            archived = [one for one in rows if one.archived_at is not None and one.id not in left_out]
            self._shelved[kind.name] = revision, Shelved(live, archived, {one.id: one for one in live})
        return self._shelved[kind.name][1]

    def after(self, kind: Kind, record_id: int, *, is_archived: bool) -> list[Row]:
        shelved = self.of(kind)
        rows = shelved.archived if is_archived else shelved.live
        return rows[bisect_right(rows, record_id, key=lambda one: one.id) :]

    def find(self, kind: Kind, record_id: int) -> Row | None:
        """The id of a record that was merged into another one leads to that one."""
        return self.of(kind).by_id.get(self._options.merged.get(record_id, record_id))

    def index(self, kind: Kind) -> Index:
        state = (self._agency.revision, self._agency.clock.now())
        if kind.name not in self._indexes or self._indexes[kind.name][0] != state:
            self._indexes[kind.name] = state, Index(kind, self.of(kind).live, state[1] - self._options.index_lag)
        return self._indexes[kind.name][1]

    def with_histories(self, kind: Kind, row: Row, names: Collection[str], told: Collection[str]) -> Json:
        """A record with the properties `names`, and what those in `told` have held: the last value first."""
        content = self.written(kind, row, names)
        if not told:
            return content
        versions = [(one.updated_at, kind.all_values(one)) for one in kind.versions(row)]
        histories = {name: list(_history(name, versions)) for name in told if name in kind.properties}
        kept = self._options.values_kept
        return content | {"propertiesWithHistory": {name: one[::-1][:kept] for name, one in histories.items()}}

    def written(self, kind: Kind, row: Row, names: Collection[str]) -> Json:
        """A record with the properties that are asked for. Of those that it cannot have, HubSpot says nothing."""
        values = kind.all_values(row)
        merged = [str(loser) for loser, winner in self._options.merged.items() if winner == row.id]
        values["hs_merged_object_ids"] = ";".join(merged) or None
        asked = dict.fromkeys([*_ALWAYS, kind.created, kind.cursor, *names])
        content: Json = {
            "id": str(row.id),
            "properties": {name: values[name] for name in asked if name in values},
            "createdAt": iso_time(row.created_at),
            "updatedAt": iso_time(row.updated_at),
            "archived": row.archived_at is not None,
        }
        return content if row.archived_at is None else content | {"archivedAt": iso_time(row.archived_at)}


def _history(name: str, versions: Sequence[tuple[datetime, Mapping[str, str | None]]]) -> Iterator[Json]:
    """The values of a property, each with the time since which it was held. What was taken away is an empty text."""
    held: str | None = None
    for at, values in versions:
        if values[name] != held:
            held = values[name]
            yield {"value": held or "", "timestamp": iso_time(at), "sourceType": "CRM_UI", "sourceId": "userId:31000"}
