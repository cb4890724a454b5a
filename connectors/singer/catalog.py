"""The catalog: what a tap says of its streams when it is asked to discover them, and how it is told what to read."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from connectors.singer.names import field_name
from connectors.singer.schema import Schema, properties_of
from connectors.singer.settings import Replication
from okr_sync.connector import SettingsError, UnavailableError
from okr_sync.errors import nearest

Place = tuple[str, ...]
"""Of what something is said: `()` is the stream itself, `("properties", "name")` one of its properties."""

_PROPERTIES = "properties"
_METHODS = {"full_table": "FULL_TABLE", "incremental": "INCREMENTAL", "log_based": "LOG_BASED"}


@dataclass(frozen=True)
class Entry:
    """One stream in the catalog."""

    raw: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.raw["tap_stream_id"])

    @property
    def names(self) -> frozenset[str]:
        """What messages call the stream: some taps write its name, some its id."""
        return frozenset({self.id, str(self.raw.get("stream") or self.id)})

    @property
    def schema(self) -> Schema:
        schema = self.raw.get("schema")
        return schema if isinstance(schema, dict) else {}

    @cached_property
    def metadata(self) -> dict[Place, Mapping[str, Any]]:
        """What is said of the stream, by `()`, and of its properties, by `("properties", NAME)`."""
        return {tuple(one["breadcrumb"]): one["metadata"] for one in self.raw.get("metadata") or ()}

    @property
    def key(self) -> tuple[str, ...]:
        about = self.metadata.get((), {})
        known = (self.raw.get("key_properties"), about.get("table-key-properties"), about.get("view-key-properties"))
        return next((tuple(one) for one in known if one), ())

    @property
    def method(self) -> str | None:
        """FULL_TABLE, INCREMENTAL or LOG_BASED, where the tap says it."""
        about = self.metadata.get((), {})
        forced, chosen = about.get("forced-replication-method"), about.get("replication-method")
        return forced or chosen or self.raw.get("replication_method")

    @property
    def replication_key(self) -> str | None:
        return self.raw.get("replication_key") or self.metadata.get((), {}).get("replication-key")

    def is_unsupported(self, name: str) -> bool:
        """Whether the tap knows the property but cannot read it."""
        return self.metadata.get((_PROPERTIES, name), {}).get("inclusion") == "unsupported"

    def with_replication(self, method: Replication | None, key: str | None) -> Entry:
        """The entry with what a project chose, in all places where taps look for it."""
        raw = dict(self.raw)
        about: dict[str, Any] = {}
        if method is not None:
            raw["replication_method"] = _METHODS[method]
            about |= dict.fromkeys(("replication-method", "forced-replication-method"), _METHODS[method])
        if key is not None:
            raw["replication_key"] = about["replication-key"] = key
        return Entry(Entry(raw).telling({(): about}))

    def telling(self, more: Mapping[Place, Mapping[str, Any]]) -> dict[str, Any]:
        """The entry for the tap, with more said of some places."""
        metadata = {place: {**self.metadata.get(place, {}), **more.get(place, {})} for place in [*self.metadata, *more]}
        listed = [{"breadcrumb": list(place), "metadata": said} for place, said in metadata.items()]
        return {**self.raw, "metadata": listed}

    def switched(self, *, is_on: bool) -> dict[str, Any]:
        """The entry for the tap: read this stream, or leave it out."""
        return self.telling({(): {"selected": is_on}})

    def chosen(self, properties: Collection[str]) -> dict[str, Any]:
        """The entry for the tap: read this stream, and of it these properties alone."""
        more: dict[Place, Mapping[str, Any]] = {(): {"selected": True}}
        for name in properties_of(self.schema):
            more[(_PROPERTIES, name)] = {"selected": name in properties}
        return self.telling(more)


@dataclass(frozen=True, slots=True)
class Catalog:
    entries: Sequence[Entry]

    @property
    def names(self) -> frozenset[str]:
        """Whatever messages may call a stream."""
        return frozenset().union(*(one.names for one in self.entries))

    def choosing(self, chosen: Entry, properties: Collection[str], needed: Collection[str]) -> dict[str, Any]:
        """The catalog for the tap: read `chosen`, of it these properties, and the streams with the ids in `needed`.

        The others stay in it, switched off: a tap may look for the parent of a stream, or switch on what is not there.
        """
        streams = [
            chosen.chosen(properties) if one.id == chosen.id else one.switched(is_on=one.id in needed)
            for one in self.entries
        ]
        return {"streams": streams}

    def entry(self, where: str, name: str) -> Entry:
        """The stream that a project means by `name`: its id, its name, or what these are in formulas.

        Raises:
            SettingsError: there is none, or there are several.
        """
        found = (
            [one for one in self.entries if one.id == name]
            or [one for one in self.entries if name in one.names]
            or [one for one in self.entries if field_name(name) in map(field_name, one.names)]
        )
        if not found:
            raise SettingsError(
                f"{where}: the tap has no stream {name!r}{nearest(name, (one.id for one in self.entries))}"
            )
        if len(found) > 1:
            several = ", ".join(one.id for one in found)
            raise SettingsError(f"{where}: the tap has several streams {name!r}; write one as `stream:` of {several}")
        return found[0]


def parse_catalog(where: str, text: bytes) -> Catalog:
    """What a tap printed when it was asked to discover its streams.

    Raises:
        UnavailableError: it is no catalog.
    """
    try:
        entries = [Entry(one) for one in json.loads(text)["streams"]]
        for one in entries:
            _ = one.id, one.metadata
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UnavailableError(
            f"{where}: --discover printed no catalog of streams ({type(error).__name__}: {error});"
            " run the tap with --discover yourself to see what it prints"
        ) from error
    return Catalog(entries)
