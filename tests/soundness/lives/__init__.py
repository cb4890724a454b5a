"""What happens day by day in an agency's systems: one module a system, each with its `LIFE`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from okr_sync.sandbox import Agency

Source = dict[str, Any]
"""What a project writes of a source."""


@dataclass(frozen=True)
class Life:
    """A stream that can be watched every evening, and whose past can be read at the end."""

    system: str
    stream: str
    source: Callable[[Mapping[str, str], bool], Source]
    """From the sandbox's variables, and whether the past is read."""
    grow: Callable[[datetime], Agency]
    live: Callable[[Agency, Random], Collection[str]]
    """A day's work; gives the keys of records that were gone and came back."""
    remaining: Callable[[Agency], set[str]]
    """The keys of the records that are still there."""
    never_rebuilt: Collection[str]
    """Fields of which the system does not remember what they held, each with its reason in the module."""
    may_be_missing: Collection[str] = ()
    """Fields that are right or missing, where the system does not tell all that they held."""
    untold: Collection[str] = ()
    """Fields whose changes the system does not tell: between two syncs they are what the first one saw."""
    options: Mapping[str, Any] = field(default_factory=dict)
