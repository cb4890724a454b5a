"""One stream as it is read: what a project wants of it, joined with what the tap says it has."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from textwrap import shorten
from typing import Any
from zoneinfo import ZoneInfo

from connectors.singer.catalog import Catalog, Entry
from connectors.singer.columns import DELETED_AT, TIMES, Property, Roles, Row, column_of
from connectors.singer.names import field_name
from connectors.singer.schema import find, properties_of
from connectors.singer.settings import SingerStream
from okr_sync.connector import Field, FieldType, SettingsError, Stream
from okr_sync.errors import nearest
from okr_sync.http.columns import Reading

_BOOKKEEPING = "_sdc_"
"""Begins what taps add of their own, such as when they read a record: it would make every read a change."""


@dataclass(frozen=True, slots=True)
class Table:
    """One stream: as the engine sees it, as the tap knows it, and how its rows become records."""

    stream: Stream
    entry: Entry
    told_key: tuple[str, ...] | None
    """The key as the tap says it; `None` where the project says it."""
    told_catalog: Mapping[str, Any]
    """What the tap is told to read."""
    reading: Reading[Row]
    properties: frozenset[str]
    """What the tap must give of each record."""

    @property
    def fingerprint(self) -> str:
        """Differs where records read before lack something that they would have now: a new field, or another key."""
        fields = [(one.name, one.type) for one in self.stream.fields]
        told = [fields, self.stream.key, self.entry.id, self.entry.method, self.entry.replication_key]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def declared_stream(name: str, settings: SingerStream) -> Stream:
    """The stream as far as the project tells, before the tap is asked."""
    named = dict.fromkeys(map(field_name, (*_role_names(settings, settings.key), *settings.select)))
    return Stream(
        name=name,
        fields=tuple(Field(one, FieldType.UNKNOWN) for one in named),
        key=tuple(map(field_name, settings.key)),
        version_at=_optional(settings.version_at),
        created_at=_optional(settings.created_at),
        is_open=not (settings.select and settings.key),
        is_full_read=settings.replication == "full_table",
    )


def table_of(where: str, declared: Stream, settings: SingerStream, catalog: Catalog, zone: ZoneInfo) -> Table:
    """The stream as it is read.

    Raises:
        SettingsError: the tap has not what the project names, or does not say what makes a record unique.
    """
    found = catalog.entry(where, settings.stream or declared.name)
    entry = found.with_replication(settings.replication, settings.replication_key)
    key = settings.key or entry.key
    if not key:
        raise SettingsError(f"{where}: the tap does not say what makes a record unique; write its fields under `key:`")
    keys = _properties(where, entry, key)
    properties = _properties(where, entry, (*_role_names(settings, key), *(settings.select or _all_of(entry))))
    roles = Roles(tuple(one.name for one in keys), declared.version_at, declared.created_at)
    reading = Reading(
        [column_of(one, roles, zone) for one in properties],
        partial(_shown, declared.name, keys),
        lambda row: row.is_deleted,
    )
    stream = Stream(
        name=declared.name,
        fields=reading.fields,
        key=roles.key,
        version_at=roles.version_at,
        created_at=roles.created_at,
        # Only a tap that says so lists every record in every read: elsewhere, one that is not listed still exists.
        is_full_read=entry.method == "FULL_TABLE",
    )
    _check_times(where, stream)
    needed = frozenset(one.path[0] for one in properties)
    parents = [catalog.entry(where, one).id for one in settings.needs]
    told = catalog.choosing(entry, needed | {entry.replication_key or "", DELETED_AT}, parents)
    return Table(stream, entry, None if settings.key else key, told, reading, needed)


def _optional(name: str | None) -> str | None:
    return None if name is None else field_name(name)


def _role_names(settings: SingerStream, key: Sequence[str]) -> list[str]:
    return [one for one in (*key, settings.version_at, settings.created_at) if one is not None]


def _all_of(entry: Entry) -> list[str]:
    names = properties_of(entry.schema)
    return [one for one in names if not one.startswith(_BOOKKEEPING) and not entry.is_unsupported(one)]


def _property(where: str, entry: Entry, name: str) -> Property:
    found = find(entry.schema, name)
    if found is None:
        raise SettingsError(f"{where}: the tap has no field {name!r} there{nearest(name, properties_of(entry.schema))}")
    path, schema = found
    if entry.is_unsupported(path[0]):
        raise SettingsError(f"{where}: the tap knows the field {name!r} but says that it cannot read it; leave it out")
    return Property(field_name(".".join(path)), path, schema)


def _properties(where: str, entry: Entry, names: Iterable[str]) -> list[Property]:
    """What the names mean, each once."""
    by_name: dict[str, Property] = {}
    for one in (_property(where, entry, name) for name in names):
        other = by_name.setdefault(one.name, one)
        if other.path != one.path:
            raise SettingsError(
                f"{where}: {'.'.join(other.path)!r} and {'.'.join(one.path)!r} would both be the field {one.name};"
                " write the fields you want under `select:`, one of these two at most"
            )
    return list(by_name.values())


def _check_times(where: str, stream: Stream) -> None:
    for role, name in (("version_at", stream.version_at), ("created_at", stream.created_at)):
        for field in stream.fields:
            if field.name == name and field.type not in TIMES:
                raise SettingsError(f"{where}: {role} names {name}, a {field.type}; it must be a timestamp or a date")


def _shown(name: str, key: Iterable[Property], row: Row) -> str:
    """`issues 4711 (line 17 of the tap's output)`."""
    values = "/".join(shorten(str(one.of(row)), 60, placeholder="…") for one in key)
    return f"{name} {values} (line {row.line} of the tap's output)"
