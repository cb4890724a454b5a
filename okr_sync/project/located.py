"""Models that know where they were written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a project file, for messages: `okrs/delivery.yaml:12`."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Located(BaseModel):
    """A model that knows where in which file it and each of its fields were written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    _places: dict[str, Location] = PrivateAttr(default_factory=dict)

    def place(self, field_name: str = "") -> Location:
        """Where `field_name` was written, or the object itself; an object not made from a file is at `-:0`."""
        return self._places.get(field_name) or self._places.get("") or Location("-", 0)


class Silencing(Located):
    """An object at which advice may be silenced."""

    silence: dict[str, Annotated[str, Field(min_length=1)]] = Field(
        default_factory=dict, description="Advice that is known and not wanted here: its code, and the reason"
    )
