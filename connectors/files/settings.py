"""What a project says of a source of files."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.files.address import is_storage, scheme_of
from connectors.files.sheets import is_sheet
from connectors.files.written import (
    NUMBERS,
    TIMES,
    Encoding,
    FormatName,
    Identifier,
    OneOrMore,
    PathText,
    StorageOption,
    TimeFormat,
    Type,
    Zone,
)
from okr_sync.connector import SourceSettings, StreamSettings


class FieldSettings(BaseModel):
    """How one column is read. A short type alone (`made_sla: boolean`) stands for `{type: boolean}`."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"type": ["object", "string"]})

    type: Type
    format: TimeFormat | None = Field(
        default=None, description="How times or dates are written, as in Python's strptime: %d-%m-%Y %H:%M"
    )
    column: str | None = Field(default=None, alias="from", description="The column's own name in the file")
    unit: str | None = Field(
        default=None,
        pattern=r"^[^\d.,%+-]+$",
        description="What may stand beside the number, such as ₫ or VND; a cell with any other unit is refused",
    )

    @model_validator(mode="before")
    @classmethod
    def _from_short_type(cls, raw: object) -> object:
        return {"type": raw} if isinstance(raw, str) else raw

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if self.format is not None and self.type not in TIMES:
            raise ValueError(f"format goes with type timestamp or date, not with {self.type}")
        if self.unit is not None and self.type not in NUMBERS:
            raise ValueError(f"unit goes with type number or integer, not with {self.type}")
        return self


class FileStream(StreamSettings):
    """One stream: where its files are, and how they are read.

    `sheet` without `path` is the address of a Google Sheet; beside a `path`, the name of a sheet in its workbooks.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"required": ["key"], "anyOf": [{"required": ["path"]}, {"required": ["sheet"]}]},
    )

    # Not shown where settings are printed: an address may hold a token.
    path: OneOrMore[PathText] = Field(
        repr=False, min_length=1, description="Files, patterns such as data/*.csv or s3://bucket/*.parquet, addresses"
    )
    key: OneOrMore[Identifier] = Field(min_length=1, description="The fields that make a record unique")
    version_at: Identifier | None = Field(default=None, description="The field with the time of a record's change")
    created_at: Identifier | None = Field(default=None, description="The field with the time of a record's creation")
    missing: OneOrMore[str] = Field(default=("",), description="Texts of cells that mean: no value")
    fields: dict[Identifier, FieldSettings] = Field(default_factory=dict)
    format: FormatName | None = Field(default=None, description="Left out: by the ending of the file's name")
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: Encoding = "utf-8"
    sheet: str | None = Field(
        default=None,
        description="The sheet of a workbook, left out: the first; or, without path, a Google Sheet's address",
    )
    timezone: Zone | None = Field(
        default=None, description="The zone of times written without one. Left out: the project's"
    )
    decimal: Literal[".", ","] | None = Field(
        default=None,
        description="What begins a fraction. Left out: a point; in a Google Sheet then neither point nor comma is read",
    )
    thousands: Literal[".", ",", " ", "'"] | None = Field(
        default=None, description='What separates thousands. Left out: a point beside decimal ",", nothing otherwise'
    )
    date_format: TimeFormat | None = Field(
        default=None, description="How dates are written whose field has no format of its own: %d/%m/%Y"
    )

    @model_validator(mode="before")
    @classmethod
    def _from_sheet(cls, raw: object) -> object:
        if isinstance(raw, dict) and "path" not in raw and raw.get("sheet") is not None:
            return {**raw, "path": raw["sheet"], "sheet": None}
        return raw

    @model_validator(mode="after")
    def _separators_differ(self) -> Self:
        if self.thousands is not None and self.decimal is None:
            raise ValueError("thousands goes with decimal; write both")
        if self.thousands is not None and self.thousands == self.decimal:
            raise ValueError(f"decimal and thousands are both {self.decimal!r}; a number could be read in two ways")
        return self

    @model_validator(mode="after")
    def _asks_sheets_for_csv(self) -> Self:
        if any(map(is_sheet, self.path)):
            if self.sheet is not None:
                raise ValueError(
                    f"the address of a Google Sheet tells which sheet, and {self.sheet!r} cannot; open that sheet in a"
                    " browser and copy its address, whose end is its gid"
                )
            if self.format not in (None, "csv") or self.delimiter is not None:
                raise ValueError("a Google Sheet is read as CSV; leave out format and delimiter")
        return self

    @model_validator(mode="after")
    def _has_times(self) -> Self:
        for role, name in (("version_at", self.version_at), ("created_at", self.created_at)):
            if name in self.fields and self.fields[name].type not in TIMES:
                raise ValueError(f"{role} names {name}, a {self.fields[name].type}; it must be a timestamp or a date")
        return self


class FilesSettings(SourceSettings):
    """A source of files."""

    streams: dict[Identifier, FileStream] = Field(min_length=1)
    storage: dict[str, StorageOption] = Field(
        default_factory=dict,
        description="What the driver of the storage is told, such as key, secret and endpoint_url for s3:// paths",
    )

    @model_validator(mode="after")
    def _tells_one_storage(self) -> Self:
        paths = [path for stream in self.streams.values() for path in stream.path if is_storage(path)]
        schemes = sorted({str(scheme_of(path)) for path in paths})
        if self.storage and len(schemes) > 1:
            raise ValueError(
                f"storage is meant for one storage, but the paths are in {' and '.join(schemes)}, and the credentials"
                " of one must not go to another; make a source of each"
            )
        return self
