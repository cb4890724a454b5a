"""What both versions of the OKR API have in common: how their values are read, and what is left out or refused."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from connectors.lark.cells import from_milliseconds
from connectors.lark.settings import OkrSettings
from okr_sync.connector import AccessError, Field, FieldType, Stream, Value
from okr_sync.http.columns import Column, Reading, column
from okr_sync.http.values import READERS, Readers, member, to_integer, to_text

if TYPE_CHECKING:
    from okr_sync.http.client import Client

Raw = dict[str, Any]
OkrColumn = Column[Raw]

_DESCRIPTIONS = {
    "okr_cycles": "The cycles of the OKR module",
    "okr_objectives": "The objectives of the users named in the settings",
    "okr_key_results": "The key results of these objectives",
}
_DAY = timedelta(days=1)
_STATUSES = {-1: None, 0: "normal", 1: "at risk", 2: "delayed"}


def moment(raw: Any) -> datetime | None:
    """0 and an empty text mean: never."""
    return from_milliseconds(raw) if raw and to_integer(raw) else None


OKR_READERS: Readers = {**READERS, FieldType.TEXT: lambda raw: to_text(raw) or None, FieldType.TIMESTAMP: moment}


def okr_column(name: str, kind: FieldType, path: str, description: str) -> OkrColumn:
    return column(name, kind, path, description, OKR_READERS)


def choice_column(name: str, path: str, known: Mapping[int, str | None], description: str) -> OkrColumn:
    """A number that stands for a word; one that is not known stays a number."""

    def read(raw: Raw) -> Value:
        number = member(raw, path)
        return None if number is None or number == "" else known.get(to_integer(number), str(number))

    return OkrColumn(Field(name, FieldType.TEXT, description), read)


def status_column(path: str) -> OkrColumn:
    return choice_column("status", path, _STATUSES, "normal, at risk or delayed; none where nobody said")


class OkrModule(ABC):
    """One reading of the module of a tenant."""

    readings: ClassVar[Mapping[str, Reading[Raw]]]
    """How the records of each stream are read."""
    streams: ClassVar[Sequence[Stream]]

    def __init__(self, client: Client, where: str, settings: OkrSettings, zone: ZoneInfo) -> None:
        self._client = client
        self._where = where
        self._settings = settings
        self._zone = zone

    @abstractmethod
    def raws(self, stream: str) -> Iterator[list[Raw]]:
        """What the records of `stream` are read from.

        Raises:
            AccessError: OKRs are there and may not be seen.
            IncompleteError: the answers are not the whole.
        """

    def _ended_before_start(self, end: Any) -> bool:
        """True for a cycle that the settings leave out: `end` is the midnight with which its last day begins."""
        start = self._settings.start
        try:
            ended_at = None if start is None else moment(end)
        except ValueError:
            return False  # its record will be rejected
        if start is None or ended_at is None:
            return False
        return ended_at + _DAY <= datetime.combine(start, time.min, self._zone)

    def _refuse_nothing(self, found_count: int) -> None:
        """An app without the right to anybody's OKRs is told that there are none."""
        if not found_count:
            raise AccessError(
                f"{self._where}: none of the {len(self._settings.users)} users under okr.users has an OKR that the app"
                " sees; check the ids and user_id_type, and let an administrator approve the app's data range for OKR"
            )


def okr_streams(readings: Mapping[str, Reading[Raw]], version_at: str | None, created_at: str | None) -> list[Stream]:
    return [
        Stream(
            name,
            reading.fields,
            key=("id",),
            version_at=version_at,
            created_at=created_at,
            is_full_read=True,
            changes_silently=True,
            description=_DESCRIPTIONS[name],
        )
        for name, reading in readings.items()
    ]
