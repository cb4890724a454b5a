"""What PostgreSQL allows as names: 63 bytes, and not those of its own."""

from __future__ import annotations

from collections.abc import Iterable

from okr_sync.connector import Stream
from okr_sync.warehouse.place import WarehouseError

MOST_BYTES = 63
OF_EVERY_TABLE = frozenset({"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"})


def cut(name: str) -> str:
    """A name as the server cuts it wherever it reads it, in a query, too."""
    return name.encode()[:MOST_BYTES].decode(errors="ignore")


def check_source(source: str) -> None:
    """Raises: WarehouseError: no schema can have this name."""
    if source.startswith("pg_"):
        raise WarehouseError(
            f"source {source!r}: names that begin with pg_ are PostgreSQL's own; give the source another name"
        )
    if cut(source) != source:
        raise WarehouseError(f"source {source!r}: its name is longer than {MOST_BYTES} bytes; give it a shorter one")


def check_stream(stream: Stream) -> None:
    """Raises: WarehouseError: no table can have this name, or these columns."""
    if cut(stream.name) != stream.name:
        raise WarehouseError(
            f"stream {stream.name!r}: its name is longer than {MOST_BYTES} bytes; give it a shorter one"
        )
    names = [field.name for field in stream.fields]
    for name in names:
        if name in OF_EVERY_TABLE:
            raise WarehouseError(
                f"stream {stream.name}: field {name!r}: every table of PostgreSQL has a column of that name of its own;"
                " give the field another name in the project"
            )
    same = _same_when_cut(names)
    if same is not None:
        raise WarehouseError(
            f"stream {stream.name}: fields {same[0]!r} and {same[1]!r} begin with the same {MOST_BYTES} bytes, and"
            " PostgreSQL reads no further; give one of them a shorter name in the project"
        )


def _same_when_cut(names: Iterable[str]) -> tuple[str, str] | None:
    """Two names that the server would take for one."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(cut(name), name)
        if other != name:
            return other, name
    return None
