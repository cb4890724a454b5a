"""One stream as a project declares it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connectors.files.settings import FieldSettings, FileStream
from connectors.files.texts import Notation
from okr_sync.connector import Field, FieldType, Stream


@dataclass(frozen=True, slots=True)
class Declaration:
    """A stream's name and settings, with what the project settles for all streams."""

    source: str
    name: str
    settings: FileStream
    project_zone: ZoneInfo

    def __str__(self) -> str:
        return f"{self.source}.{self.name}"

    @property
    def required(self) -> Sequence[str]:
        """The fields that the settings name, each once."""
        settings = self.settings
        named = (*settings.fields, *settings.key, settings.version_at, settings.created_at)
        return tuple(dict.fromkeys(name for name in named if name is not None))

    def notation(self, field: str, *, is_sheet: bool) -> Notation:
        """How the values of `field` are written in a Google Sheet, or in any other file."""
        settings, declared = self.settings, self.settings.fields.get(field)
        return Notation(
            zone=self.project_zone if settings.timezone is None else ZoneInfo(settings.timezone),
            decimal=settings.decimal or (None if is_sheet else "."),
            thousands=settings.thousands or ("." if settings.decimal == "," else None),
            unit=None if declared is None else declared.unit,
            time_format=self._time_format(declared),
            is_sheet=is_sheet,
        )

    def _time_format(self, declared: FieldSettings | None) -> str | None:
        if declared is not None and declared.format is None and declared.type is FieldType.DATE:
            return self.settings.date_format
        return None if declared is None else declared.format

    def stream(self, fields: Sequence[Field], *, is_open: bool) -> Stream:
        """The stream with the fields that are known of it."""
        return Stream(
            name=self.name,
            fields=tuple(fields),
            key=self.settings.key,
            version_at=self.settings.version_at,
            created_at=self.settings.created_at,
            is_open=is_open,
            is_full_read=True,
        )

    def stream_as_declared(self) -> Stream:
        """The stream as far as the settings tell, without a look at its files."""
        types = {field: declared.type for field, declared in self.settings.fields.items()}
        return self.stream([Field(name, types.get(name, FieldType.UNKNOWN)) for name in self.required], is_open=True)
