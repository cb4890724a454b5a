"""What a select reads and gives: a stream that knows which of its values must not be added up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from okr_sync.connector import Field, FieldType, Stream
from okr_sync.formula.kinds import Kind

VERSIONS = ".versions"
"""Behind a stream's name: its versions, each with the span for which it held."""
SPAN = ("valid_from", "valid_to")
Key = frozenset[str]


@dataclass(frozen=True, slots=True)
class Mark:
    """What must be known of a column before it goes into an aggregate."""

    repeats: str | None = None
    """Why one value of it stands in several rows; `None` where each row has its own."""
    present_if: str | None = None
    """Set where it belongs to the joined side of a left join that gives the rows, and some rows have no such side: the
    field that is known in those that have."""


NO_MARK = Mark()


@dataclass(frozen=True, slots=True)
class Relation(Stream):
    """A stream, its versions, or a view. `key` is one of `keys`, or empty where none is known."""

    keys: tuple[Key, ...] = ()
    """Sets of fields of which each makes a row unique."""
    marks: Mapping[str, Mark] = field(default_factory=dict)
    rows_repeat: str | None = None
    """Why a count of rows would count something several times."""
    starts_anew: Mapping[str, Key] = field(default_factory=dict)
    """By the fields that number rows from 1: the fields for each of whose values they start anew."""
    is_view: bool = False

    def mark(self, name: str) -> Mark:
        return self.marks.get(name, NO_MARK)

    @property
    def title(self) -> str:
        return f"view {self.name}" if self.is_view else f"stream {self.name}"


def kind_of_field(field: Field) -> Kind:
    return Kind(field.type, field.unit)


def field_of(name: str, kind: Kind, description: str = "") -> Field:
    """A number that a written one may have converted has no unit that is known."""
    return Field(name, kind.type, description, None if kind.is_scaled else kind.unit)


def relation_of(name: str, stream: Stream) -> Relation:
    """A stream as a relation named `name`: every value of it stands once."""
    if isinstance(stream, Relation):
        return stream
    return Relation(
        name=name,
        fields=stream.fields,
        key=stream.key,
        is_open=stream.is_open,
        link=stream.link,
        description=stream.description,
        keys=(frozenset(stream.key),) if stream.key else (),
    )


def versions_below(name: str) -> str | None:
    """The stream whose versions `name` stands for, if it does."""
    stream = name.removesuffix(VERSIONS)
    return stream if stream != name and "." in stream else None


def with_versions(streams: Mapping[str, Stream]) -> dict[str, Stream]:
    """The streams, and the versions of each: one more relation a stream, unless it has fields of these names itself."""
    versions = {
        f"{name}{VERSIONS}": _versions(f"{name}{VERSIONS}", stream)
        for name, stream in streams.items()
        if not any(stream.field(one) for one in SPAN)
    }
    return {**versions, **streams}


def _versions(name: str, stream: Stream) -> Relation:
    began = Field(SPAN[0], FieldType.TIMESTAMP, "Since when this version holds; unknown where nobody knows")
    ended = Field(SPAN[1], FieldType.TIMESTAMP, "Until when it held; unknown while it holds on the day")
    relation = relation_of(name, replace(stream, fields=(*stream.fields, began, ended), key=(*stream.key, SPAN[0])))
    return relation if stream.key else replace(relation, key=(), keys=())
