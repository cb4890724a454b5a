"""The files of a storage that fit a pattern."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from glob import has_magic
from typing import Any

from fsspec import AbstractFileSystem  # type: ignore[import-untyped]

Info = dict[str, Any]
"""What a driver tells of a file or a folder: `name`, `type` and `size`, and more under names of its own."""


class Listing:
    """Finds files by the rules of Python's own `glob`, so that a pattern means the same here and on a disk.

    fsspec's own search is not used: it passes over a folder that it may not list, as if that were empty.
    """

    def __init__(self, system: AbstractFileSystem) -> None:
        self.request_count = 0
        self._system = system
        self._listed: dict[str, Sequence[Info]] = {}

    def files(self, pattern: str) -> list[Info]:
        """The files that fit, each once, in the order of their names.

        Raises:
            IsADirectoryError: `pattern` names a folder.
            Exception: what the driver raises where it cannot tell.
        """
        if "*" not in pattern:  # taken as it is, even if it holds other signs of a pattern
            named = self._named(pattern)
            if named is not None or not has_magic(pattern):
                return [] if named is None else [named]
        parts = pattern.split("/")
        fixed = next(number for number, part in enumerate(parts) if has_magic(part))
        root = "/".join(parts[:fixed]) or ("/" if pattern.startswith("/") else "")
        try:
            self._list(root)
        except FileNotFoundError:
            return []
        found = {str(info["name"]): info for info in self._fitting(root, parts[fixed:])}
        return [found[name] for name in sorted(found)]

    def _named(self, path: str) -> Info | None:
        self.request_count += 1
        try:
            info: Info = self._system.info(path)
        except FileNotFoundError:
            return None
        if info["type"] == "directory":
            raise IsADirectoryError(path)
        return info

    def _fitting(self, folder: str, parts: Sequence[str]) -> Iterator[Info]:
        first, rest = parts[0], parts[1:]
        if first == "**":
            yield from self._fitting(folder, rest or ["*"])
        for info in self._list(folder):
            name, is_folder = _last(info["name"]), info["type"] == "directory"
            if name.startswith(".") and not first.startswith("."):
                continue
            if first == "**":
                if is_folder:
                    yield from self._fitting(info["name"], parts)
            elif fnmatchcase(name, first):
                if rest and is_folder:
                    yield from self._fitting(info["name"], rest)
                elif not rest and not is_folder:
                    yield info

    def _list(self, folder: str) -> Sequence[Info]:
        """What lies directly in `folder`. Its own name is left out, under which S3 keeps empty folders."""
        if folder not in self._listed:
            self.request_count += 1
            listed = self._system.ls(folder, detail=True)
            self._listed[folder] = [info for info in listed if _parent(info["name"]) == folder.strip("/")]
        return self._listed[folder]


def _parent(name: str) -> str:
    return name.strip("/").rpartition("/")[0]


def _last(name: str) -> str:
    return name.strip("/").rpartition("/")[2]
