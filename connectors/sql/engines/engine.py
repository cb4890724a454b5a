"""What is odd about one kind of database: everything that SQLAlchemy leaves to its users."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto

from okr_sync.connector import FieldType


class Reason(Enum):
    """What an error of a database means for the one who asked."""

    REFUSED = auto()
    """The credentials, or what they allow."""
    MISMATCH = auto()
    """What was asked for is not there, or the statement is wrong."""
    AWAY = auto()
    """No connection, or one that broke; nothing is wrong with what was asked."""
    TOO_LONG = auto()
    """The statement took longer than it may."""
    BAD_DATA = auto()
    """A value that the statement, or the driver, cannot work with."""


class Wall(Enum):
    """Whose clock a time without a zone shows."""

    STREAM = auto()
    """That of the zone which the settings name."""
    UTC = auto()
    NONE = auto()
    """Nobody's: the times carry their zone."""
    UNTOLD = auto()
    """Known only once one of the times is seen."""


@dataclass(frozen=True, slots=True)
class Told:
    """A column's type as the database tells it."""

    type: FieldType | None
    """`None`: bytes, which no formula can use."""
    wall: Wall = Wall.STREAM


@dataclass(frozen=True, slots=True)
class Engine:
    """One kind of database. Statements here are complete; nothing is put into them but numbers."""

    name: str
    """As people write it."""
    driver: str
    """What SQLAlchemy calls the dialect and its driver, where an address names no driver."""
    package: str
    """What brings the driver: the argument of `pip install`."""
    dialect: str
    """What sqlglot calls the language."""
    clock: str = "SELECT CURRENT_TIMESTAMP"
    """The time now; a second column, if there is one, says up to when everything committed can be seen."""
    is_clock_utc: bool = False
    """Times of the clock without a zone are UTC."""
    type_of: Callable[[object], Told | None] | None = None
    """The type behind the code that the driver gives a column of an answer, where codes tell types."""
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    """What the codes of its errors mean, by how they begin; the longest beginning counts."""
    words: Mapping[str, Reason] = field(default_factory=dict)
    """What its errors mean whose code says nothing, by words in them; the first that fits counts."""
    options: Mapping[str, object] = field(default_factory=dict)
    """For SQLAlchemy's `create_engine`."""
    connecting: Mapping[str, str] = field(default_factory=dict)
    """For the driver above, where the address does not say otherwise."""
    opening: tuple[str, ...] = ()
    """Sent before anything else on each connection taken."""
    timeout: Callable[[timedelta], str] | None = None
    """The statement that limits those after it."""
    snapshot: tuple[str, ...] = ()
    """Begins a transaction that can only read, and sees one state of the database throughout."""
    identity: str | None = None
    """Selects the user and the database that we are taken for and in."""
    is_file: bool = False
    """The address names a file, which counts from the project's folder."""
    has_text_times: bool = False
    """Times are texts, with or without a zone."""


def milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
