"""What the contract suite must know of a connector to hold it to the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from okr_sync.connector import Connector
from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.faults import Deed


@dataclass(frozen=True)
class Case:
    """One connector, the stand-in it reads, and one of its streams, read by changes where it has such a stream."""

    connector: type[Connector]
    system: str
    """The stand-in: a folder of `okr_sync/sandbox/systems`."""
    settings: Callable[[Mapping[str, str]], dict[str, Any]]
    """What a project writes of the source, all but `connector`, from the sandbox's variables."""
    stream: str
    grow: Callable[[datetime], Agency]
    """An agency whose `stream` has at least three pages with `options`. Small is fast."""
    keys: Callable[[Agency], set[str]]
    """The key of every record that `stream` now has, from the agency's own records. Deleted ones are not among them."""
    change: Callable[[Agency], str]
    """Change one record that `stream` has, as people do; gives its key."""
    pages: str
    """How the paths begin that the pages of `stream` come from."""
    bad_record: Deed
    """One record of each page cannot be read: a text where a number belongs, a day that no calendar has."""
    options: Any = None
    """Of the stand-in: small pages, above all. `None` where it needs none."""
    delete: Callable[[Agency], str] | None = None
    """Delete one record that `stream` has; gives its key. `None` where nobody can."""
    repeated_token: Deed | None = None
    """A page that is followed by itself; `None` where no answer says what comes next."""
    empty_page: Deed | None = None
    """A page without records that says that more follow."""
    cut_short: Deed | None = None
    """An answer that says, in the vendor's way, that it is not the whole."""
    secrets: tuple[str, ...] = ()
    """The names of the sandbox's variables that are secrets."""
    nightly_requests: int = 2
    """The most requests that a sync with nothing new may take, sign-in and census included."""
