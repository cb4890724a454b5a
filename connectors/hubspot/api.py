"""The addresses of HubSpot's API, and what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors.hubspot.columns import Raw
from connectors.hubspot.endings import MERGED
from okr_sync.connector import IncompleteError
from okr_sync.http import PageGuard

if TYPE_CHECKING:
    from okr_sync.http.client import Client

SEARCH_SIZE = 200
"""The most records that a search gives at once."""
BATCH_SIZE = 100
"""The most that a list, or a batch by id, gives at once."""
HISTORY_SIZE = 50
"""The most records whose histories a batch gives at once."""
_ID = "hs_object_id"
_CLASSIC = "v3"
_NOT_THERE = "OBJECT_NOT_FOUND"
"""Why a batch leaves an id out that does not exist, or an association that nobody made: no failure."""


class Api:
    """What HubSpot can be asked. `where` names the source in messages."""

    def __init__(self, client: Client, version: str, where: str) -> None:
        self._client = client
        self._version = version
        self.where = where

    def account(self) -> dict[str, Any]:
        return self._client.get_json(f"/account-info/{self._version}/details")

    def token_info(self, token: str) -> dict[str, Any]:
        """Whose token it is, and its scopes: private apps only."""
        return self._client.post_json("/oauth/v2/private-apps/get/access-token-info", {"tokenKey": token})

    def pipelines(self, name: str) -> list[dict[str, Any]]:
        return self._all(self._client.get_json(self._path("pipelines", name)))

    def properties(self, name: str) -> list[dict[str, Any]]:
        return self._all(self._client.get_json(self._path("properties", name)))

    def search(self, name: str, filters: Sequence[Mapping[str, str]], properties: Sequence[str]) -> dict[str, Any]:
        """The first records that fit all of `filters`, in the order of their ids."""
        body = {
            "filterGroups": [{"filters": list(filters)}],
            "sorts": [{"propertyName": _ID, "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": SEARCH_SIZE,
        }
        return self._client.post_json(self._path("objects", f"{name}/search"), body)

    def count(self, name: str) -> int:
        body = {"filterGroups": [], "properties": [_ID], "limit": 1}
        return int(self._client.post_json(self._path("objects", f"{name}/search"), body)["total"])

    def listed(self, name: str, *, archived: bool) -> Iterator[list[Raw]]:
        """Every record, or every archived one, with no more than its id and those of the records merged into it.

        The list knows them before the search does.
        """
        guard = PageGuard(f"{self.where}: list of {'archived ' if archived else ''}{name}")
        asked: dict[str, str | int] = {
            "limit": BATCH_SIZE,
            "properties": f"{_ID},{MERGED}",
            "archived": str(archived).lower(),
        }
        while True:
            answer = self._client.get_json(self._path("objects", name), asked)
            records = self._all(answer)
            yield records
            after = ((answer.get("paging") or {}).get("next") or {}).get("after")
            if not after:
                return
            guard.check(str(after), len(records))
            asked["after"] = after

    def read(self, name: str, ids: Sequence[str], properties: Sequence[str]) -> list[Raw]:
        """The records with these ids, as far as they exist."""
        body = {"inputs": [{"id": one} for one in ids], "properties": list(properties), "propertiesWithHistory": []}
        return self._batch(self._path("objects", f"{name}/batch/read"), body)

    def histories(self, name: str, ids: Sequence[str], properties: Sequence[str]) -> dict[str, dict[str, Any]]:
        """By record, what each of `properties` has held, the last value first; of records that exist."""
        found: dict[str, dict[str, Any]] = {}
        for start in range(0, len(ids), HISTORY_SIZE):
            inputs = [{"id": one} for one in ids[start : start + HISTORY_SIZE]]
            body = {"inputs": inputs, "properties": [_ID], "propertiesWithHistory": list(properties)}
            raws = self._batch(self._path("objects", f"{name}/batch/read"), body)
            found |= {str(one["id"]): one.get("propertiesWithHistory") or {} for one in raws}
        return found

    def deals_of(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        """The deal of each of these records that has one."""
        version = "v4" if self._version == _CLASSIC else self._version
        path = _path(version, "associations", f"{name}/deals/batch/read")
        found = [
            one
            for start in range(0, len(ids), BATCH_SIZE)
            for one in self._batch(path, {"inputs": [{"id": one} for one in ids[start : start + BATCH_SIZE]]})
        ]
        return {str(one["from"]["id"]): str(one["to"][0]["toObjectId"]) for one in found if one.get("to")}

    def _batch(self, path: str, body: Mapping[str, Any]) -> list[Raw]:
        """A batch is answered in parts: what failed stands beside what did not, with a 207."""
        answer = self._client.post_json(path, body)
        failed = [one for one in answer.get("errors") or [] if one.get("category") != _NOT_THERE]
        if failed:
            said = "; ".join(str(one.get("message") or one.get("category")) for one in failed[:3])
            raise IncompleteError(f"{self.where}: {path}: HubSpot left records out: {said}; the next sync asks again")
        return self._all(answer)

    def _all(self, answer: Mapping[str, Any]) -> list[Any]:
        results = answer.get("results")
        if not isinstance(results, list):
            raise IncompleteError(f"{self.where}: an answer without results; the next sync asks again")
        return results

    def _path(self, area: str, rest: str) -> str:
        return _path(self._version, area, rest)


def _path(version: str, area: str, rest: str) -> str:
    """`/crm/v3/objects/deals`, but `/crm/objects/2026-09/deals`."""
    return f"/crm/{version}/{area}/{rest}" if version.startswith("v") else f"/crm/{area}/{version}/{rest}"
