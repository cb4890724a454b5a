"""What is declared of one stream of an API."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.http.paths import JmesPath, changes_count
from okr_sync.connector import FieldType, StreamSettings
from okr_sync.spans import Span

Template = Annotated[str, Field(min_length=1)]
"""A text in which `{name}` stands for one of the source's `values`, and `{since}` for where a read begins."""
SINCE = "{since}"
_EXACT = ("iso", "epoch", "epoch_ms")
"""Forms that say an instant; the others show a clock, and the API knows which."""
_LAST_CLOCK = timezone(timedelta(hours=-12))
"""The clock that shows every hour last: whatever the API's own zone is, it has shown that hour before."""


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FieldDeclaration(_Exact):
    """One field: its type and where it is in a record."""

    type: Literal["text", "integer", "number", "boolean", "date", "timestamp", "list"]
    at: JmesPath | None = Field(default=None, description="Where it is in the record; default: under its name")
    format: str | None = Field(
        default=None, description="Of a time: epoch, epoch_ms, or one such as %d/%m/%Y; default: ISO 8601"
    )
    minor_units: JmesPath | None = Field(
        default=None, description="Of an amount in cents or the like: where its currency is in the record"
    )
    description: str = ""

    @property
    def field_type(self) -> FieldType:
        return FieldType(self.type)


class Token(_Exact):
    param: str
    at: JmesPath = Field(description="Where the answer has the next token; none there is the end")


class Offset(_Exact):
    param: str = "offset"
    size_param: str = "limit"
    size: int = Field(default=100, gt=0)


class Number(_Exact):
    param: str = "page"
    first: int = 1


class LastKey(_Exact):
    param: str = Field(description="starting_after, where the next page follows a record of this one")
    at: JmesPath = Field(default="id", description="Where a record has what the next page follows")
    more: JmesPath = Field(default="has_more", description="Where the answer says whether more follow")


class Paging(_Exact):
    """How the next page is asked for: exactly one of these. Of a POST, it is asked for in the body."""

    token: Token | None = None
    offset: Offset | None = None
    page: Number | None = None
    last_key: LastKey | None = None
    link: JmesPath | None = Field(default=None, description="Where the answer has the next page's address")
    link_header: Literal[True] | None = Field(default=None, description="The header Link has it, as rel=next")

    @property
    def is_by_position(self) -> bool:
        """The next page is where this one ends by number: a record that goes meanwhile makes another slip through."""
        return self.offset is not None or self.page is not None

    @property
    def is_by_count(self) -> bool:
        """The records of a page say where the next one is, or that there is none."""
        return self.is_by_position or self.last_key is not None

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("write exactly one of token, offset, page, last_key, link and link_header")
        return self


class Cursor(_Exact):
    """Where a read of changes begins: {since} in path, params or body stands for it."""

    format: str = Field(default="iso", description="iso, date, epoch, epoch_ms, or one such as %Y-%m-%d %H:%M")
    lag: Span = Field(default=timedelta(minutes=5), description="How long a change takes until the API shows it")
    overlap: Span = Field(
        default=timedelta(minutes=10), description="How far a read goes back before the last one's end"
    )
    first: date = Field(default=date(1970, 1, 1), description="Where the first read begins")

    def begins_at(self, zone: tzinfo | None) -> datetime:
        """The first moment of `first` in `zone`, that of times without one."""
        return datetime.combine(self.first, time(), self._clock(zone)).astimezone(UTC)

    def written(self, moment: datetime, zone: tzinfo | None) -> str:
        """As the API reads it: never a later moment than `moment`."""
        match self.format:
            case "iso":
                return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            case "epoch":
                return str(int(moment.timestamp()))
            case "epoch_ms":
                return str(int(moment.timestamp() * 1000))
        local = moment.astimezone(self._clock(zone))
        if local.fold:  # the second time that the clock shows this hour; the API may take it for the first
            local -= timedelta(hours=1)
        return local.date().isoformat() if self.format == "date" else local.strftime(self.format)

    def _clock(self, zone: tzinfo | None) -> tzinfo:
        return zone or (UTC if self.format in _EXACT or "%z" in self.format else _LAST_CLOCK)


class StreamDeclaration(StreamSettings):
    path: Template | None = None
    method: Literal["GET", "POST"] = Field(default="GET", description="POST only where the API reads by it")
    params: dict[str, str | int | bool] = Field(default_factory=dict)
    body: dict[str, Any] | None = Field(default=None, description="Of a POST")
    format: Literal["json", "csv"] = "json"
    records: JmesPath | None = Field(default=None, description="Where the records are; default: the answer itself")
    columns: JmesPath | None = Field(
        default=None, description="Where the names are, if records are lists of values: columns"
    )
    paging: Paging | None = None
    total: JmesPath | None = Field(default=None, description="Where the answer says how many records there are")
    cut_short: JmesPath | None = Field(
        default=None, description="True where an answer is not the whole: hasMore, metadata.samplingMetadatas"
    )
    cursor: Cursor | None = None
    key: str | list[str] | None = None
    version_at: str | None = None
    created_at: str | None = None
    deleted: JmesPath | None = Field(default=None, description="True of a record that is deleted: status == 'deleted'")
    timezone: str | None = Field(default=None, description="Of times without a zone: Asia/Ho_Chi_Minh, or project")
    link: str | None = Field(default=None, description="The page of a record: https://example.org/{id}")
    description: str = ""
    fields: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], FieldDeclaration | str] = Field(
        default_factory=dict, description="Your name for each field, and its type: {name: text, at: created.on}"
    )

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key,) if isinstance(self.key, str) else tuple(self.key or ())

    @property
    def typed_fields(self) -> dict[str, FieldDeclaration]:
        return {
            name: FieldDeclaration.model_validate({"type": one}) if isinstance(one, str) else one
            for name, one in self.fields.items()
        }

    @property
    def key_places(self) -> list[str]:
        """Where a record has what tells it from others."""
        fields = self.typed_fields
        return [fields[name].at or name for name in self.keys]

    @property
    def is_by_changes(self) -> bool:
        """True where a read asks for changes only."""
        return SINCE in f"{self.path} {self.params} {self.body}"

    def changed_by(self, change: StreamDeclaration) -> StreamDeclaration:
        """This one with what `change` sets; fields and parameters are added."""
        update = {name: getattr(change, name) for name in change.model_fields_set}
        for name in {"fields", "params"} & update.keys():
            update[name] = {**getattr(self, name), **update[name]}
        return self.model_copy(update=update)

    def refuse_gaps(self, where: str) -> None:
        """Raises ValueError where the declaration is not whole or contradicts itself."""
        for member in ("path", "key", "fields"):
            if not getattr(self, member):
                raise ValueError(f"{where}: {member} is missing")
        fields = self.typed_fields
        times = [name for name in (self.version_at, self.created_at) if name is not None]
        for name in (*self.keys, *times):
            if name not in fields:
                raise ValueError(f"{where}: {name!r} is not among its fields: {', '.join(fields)}")
        for name in times:
            if fields[name].type not in ("timestamp", "date"):
                raise ValueError(f"{where}: {name} is {fields[name].type}; a time must be a timestamp or a date")
        if self.body is not None and self.method == "GET":
            raise ValueError(f"{where}: a GET has no body; write method: POST")
        if self.format == "csv" and self.method == "POST":
            raise ValueError(f"{where}: a CSV is read by GET")
        self._refuse_uncountable(where)
        if self.cursor is not None and not self.is_by_changes:
            raise ValueError(f"{where}: cursor is set, but {SINCE} stands nowhere in path, params or body")

    def _refuse_uncountable(self, where: str) -> None:
        """An empty page is the end and an offset is a count only where all that the API counts is a record."""
        is_counted = self.total is not None or (self.paging is not None and self.paging.is_by_count)
        if is_counted and self.records is not None and changes_count(self.records):
            raise ValueError(
                f"{where}: records {self.records!r} leaves some out or takes lists apart, so that pages cannot be"
                " counted; take the whole list there, and choose by params, by deleted, or in the metric's where"
            )
