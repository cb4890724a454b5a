"""The streams of a source: what the settings ask for, and what only the account can say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.hubspot.api import Api
from connectors.hubspot.columns import CREATED_AT, ID, UPDATED_AT, PropertyColumn, Raw, asked_for
from connectors.hubspot.endings import MERGED
from connectors.hubspot.objects import STANDARD, CrmObject
from connectors.hubspot.pipelines import Pipelines, declared_fields, entered_columns, name_columns
from connectors.hubspot.properties import find_properties
from connectors.hubspot.settings import HubSpotSettings, ObjectSettings
from okr_sync.connector import AccessError, Field, FieldType, Stream
from okr_sync.http.columns import Reading, forgiving

_APP = "app.hubspot.com"


@dataclass(frozen=True)
class Known:
    """A stream, and what is known of it."""

    stream: Stream
    object: CrmObject
    columns: Sequence[PropertyColumn] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """What pipelines and stages are called, by id."""
    has_history: bool = True
    """What its records were before is rebuilt."""
    refusal: AccessError | None = None
    """Why it cannot be read: a token that may not read tickets may read deals."""

    @property
    def reading(self) -> Reading[Raw]:
        return Reading(self.columns, lambda raw: f"{self.object.name} {raw.get('id')}")

    @property
    def past_reading(self) -> Reading[Raw]:
        return Reading(forgiving(self.columns), self.reading.name_of)

    @property
    def properties(self) -> list[str]:
        return [*asked_for(self.columns), MERGED]


class Streams:
    """`account` is what HubSpot says of the account, or as much of it as the settings do."""

    def __init__(self, settings: HubSpotSettings, account: Mapping[str, Any]) -> None:
        self._settings = settings
        self._account = account

    def declared(self) -> list[Stream]:
        return [self._declared(name, one) for name, one in self._objects().items()]

    def known(self, api: Api) -> dict[str, Known]:
        return {name: self._ask(api, name, one) for name, one in self._objects().items()}

    def _objects(self) -> dict[str, CrmObject]:
        own = {
            name: CrmObject(
                one.object, one.object, f"Records of the object {one.object}", has_page=one.object[0].isdigit()
            )
            for name, one in self._settings.streams.items()
            if one.object is not None
        }
        return STANDARD | own

    def _wanted(self, name: str) -> ObjectSettings:
        return self._settings.streams.get(name) or ObjectSettings()

    def _declared(self, name: str, one: CrmObject) -> Stream:
        """Left open where only the account tells which stages there are, and so which times of entering one."""
        account, domain = self._account.get("portalId"), self._account.get("uiDomain", _APP)
        has_link = one.has_page and account is not None
        return Stream(
            name=name,
            fields=(*declared_fields(one), *(Field(added, FieldType.UNKNOWN) for added in self._wanted(name).fields)),
            key=(ID.field.name,),
            version_at=UPDATED_AT.field.name,
            created_at=CREATED_AT.field.name,
            is_open=one.pipelines is not None,
            has_census=self._wanted(name).census,
            link=f"https://{domain}/contacts/{account}/record/{one.type_id}/{{id}}" if has_link else None,
            description=one.description,
        )

    def _ask(self, api: Api, name: str, one: CrmObject) -> Known:
        declared = self._declared(name, one)
        try:
            pipelines = Pipelines.of(api.pipelines(one.name) if one.pipelines else [])
            columns = [*one.known_columns, *name_columns(one, pipelines), *self._further(api, name, one, pipelines)]
        except AccessError as refusal:
            return Known(declared, one, refusal=refusal)
        stream = declared.with_fields([column.field for column in columns])
        return Known(stream, one, columns, pipelines.names(), self._wanted(name).history)

    def _further(self, api: Api, name: str, one: CrmObject, pipelines: Pipelines) -> Iterator[PropertyColumn]:
        """What the project adds, and when stages were entered; of two of one name, what the project adds."""
        wanted = self._wanted(name).fields
        if not wanted and one.pipelines is None:
            return
        properties = api.properties(one.name)
        yield from find_properties(f"{api.where}: streams.{name}.fields", wanted, properties)
        if one.pipelines is not None:
            entered = entered_columns(one.pipelines, pipelines, [str(known["name"]) for known in properties])
            yield from (column for column in entered if column.field.name not in wanted)
