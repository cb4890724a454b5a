"""What the org says of its objects. Asked anew in every run: fields come and go, and so does the right to see them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from okr_sync.connector import UnavailableError
from okr_sync.http.faults import own_words

if TYPE_CHECKING:
    from okr_sync.http.client import Client

OrgField = Mapping[str, Any]
"""A field as a describe lists it: `name`, `label`, `type`, `calculated`, `relationshipName`, `referenceTo`..."""
_BATCH_SIZE = 25
_NAMES = "Name"
"""The object that stands for all that a relationship may lead to, where that is more than one."""


@dataclass(frozen=True)
class OrgObject:
    """An object as the account sees it. API names are compared without regard to case, as by Salesforce."""

    name: str
    fields: Mapping[str, OrgField]
    relationships: Mapping[str, OrgField]

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> OrgObject:
        fields: Sequence[OrgField] = described["fields"]
        return cls(
            described["name"],
            {one["name"].lower(): one for one in fields},
            {one["relationshipName"].lower(): one for one in fields if one.get("relationshipName")},
        )

    def field(self, name: str) -> OrgField | None:
        return self.fields.get(name.lower())

    def parent(self, relationship: str) -> str | None:
        """The object that a relationship leads to."""
        found = self.relationships.get(relationship.lower())
        if found is None:
            return None
        targets: Sequence[str] = found.get("referenceTo") or ()
        return targets[0] if len(targets) == 1 else _NAMES


class Descriptions:
    """The objects asked for so far; `api` is the path of the REST API in its version."""

    def __init__(self, client: Client, source: str, api: str) -> None:
        self._client = client
        self._where = f"source {source}"
        self._api = api
        self._known: dict[str, OrgObject | None] = {}

    def load(self, names: Collection[str]) -> None:
        """Ask for several objects in one request."""
        missing = sorted({name for name in names if name.lower() not in self._known})
        for start in range(0, len(missing), _BATCH_SIZE):
            batch = missing[start : start + _BATCH_SIZE]
            for name, result in zip(batch, self._batch(batch), strict=True):
                self._known[name.lower()] = self._taken(name, result)

    def find(self, name: str) -> OrgObject | None:
        """The object, or `None` where there is none that the account may see."""
        self.load([name])
        return self._known[name.lower()]

    def all_names(self) -> list[str]:
        answer = self._client.get_json(f"{self._api}/sobjects")
        return [one["name"] for one in answer.get("sobjects") or ()]

    def _batch(self, names: Sequence[str]) -> list[dict[str, Any]]:
        version = self._api.rpartition("/")[2]
        requests = [{"method": "GET", "url": f"{version}/sobjects/{name}/describe"} for name in names]
        answer = self._client.post_json(f"{self._api}/composite/batch", {"batchRequests": requests})
        results: list[dict[str, Any]] = answer.get("results") or []
        if len(results) != len(names):
            raise UnavailableError(
                f"{self._where}: {len(names)} objects were asked for, {len(results)} described; try again later"
            )
        return results

    def _taken(self, name: str, result: Mapping[str, Any]) -> OrgObject | None:
        status, described = result.get("statusCode"), result.get("result")
        if status == HTTPStatus.OK and isinstance(described, dict) and isinstance(described.get("fields"), list):
            return OrgObject.of(described)
        if status == HTTPStatus.NOT_FOUND:
            return None
        raise UnavailableError(
            f"{self._where}: Salesforce did not describe {name}: {status} {own_words(described)}; try again later"
        )
