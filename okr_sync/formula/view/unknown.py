"""What to say of a name after `from`, or of a metric's `stream:`, that stands for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from okr_sync.connector import Stream
from okr_sync.errors import nearest
from okr_sync.formula.view.relation import versions_below


def unknown_stream(name: str, streams: Mapping[str, Stream]) -> str:
    """What to say of a stream that is not among `streams`: that its source is unknown, or only the stream."""
    source, _, stream = name.partition(".")
    offered: dict[str, list[str]] = {}
    for key in streams:
        known, dot, rest = key.partition(".")
        if dot and (versions_below(key) is None or versions_below(name) is not None):
            offered.setdefault(known, []).append(rest)
    views = [known for known in streams if "." not in known]
    if views and "." not in name and source not in offered:
        return f"there is no view {name!r}{nearest(name, views)}"
    if source not in offered:
        return f"there is no source {source!r}{nearest(source, offered)}"
    return f"source {source!r} has no stream {stream!r}{nearest(stream, offered[source])}"


def unknown_relation(name: str, relations: Mapping[str, Stream], inner: Iterable[str]) -> str:
    """The same for a name after `from`, where `with` may have given names too."""
    if "." in name:
        return unknown_stream(name, relations)
    meant = next((one for one in relations if one.endswith(f".{name}")), None)
    if meant is not None:
        return f"there is no view {name!r}; did you mean {meant!r}?"
    known = [*inner, *(one for one in relations if "." not in one)]
    return f"there is no view {name!r}{nearest(name, known)}"
