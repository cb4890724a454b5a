"""The contract between the engine and a connector.

A connector is a declaration (which streams it offers, their fields, key and times) plus what is odd about its API.
It never touches the warehouse: it yields pages of records, each with the checkpoint that becomes true once the
page has landed. The engine lands, commits, retries a run, and decides what a failure means.

The kit for talking HTTP is `okr_sync.http`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic import Field as Setting

from okr_sync.errors import OkrSyncError
from okr_sync.spans import Span

Value = str | int | float | bool | date | datetime | list[str] | None
"""What a field of a record may hold. A `datetime` always carries its zone; a missing value is `None`, never 0 or ''."""

Checkpoint = Mapping[str, Any]
"""Where a stream's reading stands, as plain JSON. Only the connector that wrote it reads it."""


class FieldType(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    LIST = "list"
    """A list of texts, such as labels."""
    UNKNOWN = "unknown"
    """Not known before the source is asked. Never the type of a field of a stream that was read."""


@dataclass(frozen=True, slots=True)
class Field:
    """One typed field of a stream. `name` is what formulas write: lower case, words joined by `_`."""

    name: str
    type: FieldType
    description: str = ""
    unit: str | None = None
    """Of a number, where the system's own documentation settles it: one of `okr_sync.project.units`, such as hours or
    VND. A number of percent is a fraction: 0.25 is 25 %."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of record a source offers."""

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    """The fields that make a record unique."""
    version_at: str | None = None
    """The field with the source's own time of change; without one, a version holds from the moment it was read."""
    created_at: str | None = None
    """The field with the time of creation, from which the first known version is assumed to hold."""
    is_open: bool = False
    """True while fields beyond those listed may exist: the source has not been asked yet."""
    is_full_read: bool = False
    """True where every read lists every record, so that a record not seen any more is deleted."""
    changes_silently: bool = False
    """True where values may change without a new time of change, as formulas and memberships do in some systems. Every
    record that comes is then the present state of it, and such a change holds from the read that found it."""
    ends_silently: bool = False
    """True where records may be deleted without a new time of change: such an end holds from the read that found it."""
    is_past_partial: bool = False
    """True where versions rebuilt of the past lack what is told of the present alone. What was read as the present
    stays: of the span from which a record's versions are known, none that is rebuilt lands."""
    has_census: bool = False
    """True where the source does not report deletions and the connector can list the keys of all that exists."""
    is_extra: bool = False
    """True where it is read only if the project names it or a formula reads it: it costs much, or few have it."""
    link: str | None = None
    """The source's own page of a record, with fields in braces: `https://example.org/browse/{key}`."""
    description: str = ""

    def field(self, name: str) -> Field | None:
        return next((one for one in self.fields if one.name == name), None)

    def with_fields(self, fields: Sequence[Field]) -> Stream:
        """The same stream as the source described it: nothing unknown is left."""
        return replace(self, fields=tuple(fields), is_open=False)


@dataclass(frozen=True, slots=True)
class Record:
    """One version of a record. A field that is absent from `fields` is missing (`None`)."""

    fields: Mapping[str, Value]
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that came and cannot be read as declared."""

    record: str
    """Which one, as a person finds it in the system: `ticket 4711`."""
    reason: str
    """Which field, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Page:
    """Records and the checkpoint that holds once they have landed. An empty page may still move the checkpoint.

    The other records of a page with rejections land; the checkpoint then stays where it was, so that the next read
    asks for the rejected ones again, and the read counts as incomplete.
    """

    records: Sequence[Record]
    checkpoint: Checkpoint
    expected_count: int | None = None
    """How many records the whole read is likely to give, for a progress bar only."""
    rejected: Sequence[Rejection] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the system takes us for, and what that lets us do."""

    name: str
    """As a person knows it: `okr-bot@agency.example`, `integration "Nightly numbers"`."""
    missing: tuple[str, ...] = ()
    """Permissions that the source's streams need and that are not granted, where the system tells."""
    unneeded: tuple[str, ...] = ()
    """Permissions beyond reading what the source's streams need, where the system tells."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many requests the system still allows, as its last answer said."""

    left: int
    limit: int | None = None
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the answers so far tell of the system. What it does not tell is `None`."""

    clock_difference: timedelta | None = None
    """Its clock minus ours, to about a second."""
    budget: Budget | None = None


USUAL_TIMEOUT = timedelta(hours=4)
"""How long the sync of a source may take where its settings do not say it."""


def _some_time(span: timedelta) -> timedelta:
    if not span:
        raise ValueError("0 is no time to read anything; write one such as 30m or 2h")
    return span


class StreamSettings(BaseModel):
    """What a project may say of one stream. Connectors add their own fields."""

    model_config = ConfigDict(extra="forbid")

    units: dict[str, str] = Setting(default_factory=dict, description="Units of its number fields: {amount: VND}")


class SourceSettings(BaseModel):
    """What a project says of one source: the base of every connector's settings.

    Secrets are `pydantic.SecretStr`, so that printing settings never prints them.
    """

    model_config = ConfigDict(extra="forbid")

    connector: str
    timeout: Annotated[Span, AfterValidator(_some_time)] | None = Setting(
        default=None,
        exclude=True,  # no reason to read all anew
        description="How long its sync may take, 30m or 2h; then it ends incomplete. Left out: 4h",
    )


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """What a connector may know of the project it serves."""

    source: str
    """The source's name in the project, for messages."""
    folder: Path
    """The project's folder, from which relative paths count."""
    timezone: ZoneInfo
    """The project's zone: days without a time begin and end there."""
    clock: Callable[[], datetime] = field(default=utc_now)


class Connector(ABC):
    """One external system.

    Life of an instance: made (no network) -> `declared_streams` (offline, any number of times) -> `connect` ->
    `read` one or more streams -> `close`. It is used by one thread.
    """

    Settings: ClassVar[type[SourceSettings]]
    description: ClassVar[str]
    """One line for people: the system's name and what is read from it."""

    def __init__(self, settings: Any, context: Context) -> None:
        self.settings = settings
        self.context = context

    @abstractmethod
    def declared_streams(self) -> Sequence[Stream]:
        """The streams as far as settings tell, without network and without secrets."""

    @abstractmethod
    def connect(self) -> Sequence[Stream]:
        """Sign in and describe the streams with every field's type known.

        A stream that cannot be described may be offered open, with the fields whose types are known; `read` and `count`
        then raise the reason, and the other streams are read all the same.

        Raises:
            AccessError: the system refused the credentials, or they are not enough.
            SettingsError: a setting names something that the system does not have.
        """

    @abstractmethod
    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """Every change since `checkpoint` (or everything), in pages that may be landed one by one.

        The end of the iterator means the read was complete. A read that had to stop early raises.
        A repeated record is harmless; a left out record is a defect.
        """

    def census(self, stream: Stream) -> Iterator[Sequence[str]]:
        """The key, as text, of every record that `stream` has now. Asked after a read, where `has_census` is set.

        A record that is not listed is taken to be deleted, or no longer visible. A census that had to stop early
        raises.
        """
        raise NotImplementedError

    def fetch(self, stream: Stream, keys: Sequence[str]) -> Iterator[Sequence[Record]]:
        """The records with these keys, as far as they still exist: those that a census lists and a read never gave."""
        raise NotImplementedError

    def identity(self) -> Identity | None:
        """Who we are to the system, where it has a notion of that. Asked after `connect`, by `okr-sync doctor`."""
        return None

    def count(self, stream: Stream) -> int | None:
        """How many records of `stream` the account sees now, where the system can say so in a request or two."""
        return None

    @property
    def vitals(self) -> Vitals:
        """What the answers so far tell of the system's clock and of its limits."""
        return Vitals()

    @property
    def request_count(self) -> int:
        """How many requests were sent so far, retries included."""
        return 0

    def close(self) -> None:  # noqa: B027 - most connectors have nothing to close
        """Give back what `connect` took."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class SourceError(OkrSyncError):
    """A source could not be read. Its subclasses say what the caller does next."""


class AccessError(SourceError):
    """Refused: a person must change a credential or a permission. Not worth a retry."""


class SettingsError(SourceError):
    """A setting does not fit what the source has: a person must change the project. Not worth a retry."""


class UnavailableError(SourceError):
    """No answer, or a fault on the other side, after the retries the kit makes. The next run may succeed."""


class IncompleteError(SourceError):
    """The source answered with less than everything (a cap, a cut page, a warning). What was read is not a whole."""


class DataError(SourceError):
    """A record that cannot be read as declared: a malformed line, a number that is none."""
