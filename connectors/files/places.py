"""Where the files of a stream are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass
from glob import glob
from pathlib import Path, PurePosixPath

from connectors.files.address import is_storage, is_web, shown_address
from connectors.files.batch import DataFile, stamp_of
from connectors.files.sheets import is_sheet
from okr_sync.connector import AccessError, SettingsError, UnavailableError

_OPEN_WORKBOOK = "~$"
"""How the note begins that Excel keeps beside a workbook while somebody has it open."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where paths lead."""

    folder: Path
    """The project's, from which paths count that are no addresses."""
    download: Callable[[str], Path]
    """Gives a copy of the file at a web address."""
    copy: Callable[[str], list[tuple[str, Path]]]
    """Gives the addresses and copies of the files that fit a path in a storage."""


def find_files(stream: str, paths: Iterable[str], places: Places) -> list[DataFile]:
    """The files that the `paths` of a stream mean, each once, those of a pattern in the order of their names.

    Raises:
        UnavailableError: nothing fits a path, or an address does not answer. That is never a stream without records.
        SettingsError: a path is a folder, or an address does not give a file.
        AccessError: an address wants somebody to sign in.
        IncompleteError: a file changed while it was copied.
    """
    found = (file for path in paths for file in _at(stream, path, places))
    return list(dict.fromkeys(found))


def _at(stream: str, path: str, places: Places) -> list[DataFile]:
    if is_web(path):
        fetched = places.download(path)
        return [DataFile(fetched, stream, shown_address(path), stamp_of(fetched), is_sheet(path))]
    if is_storage(path):
        copies = [(name, copy) for name, copy in places.copy(path) if _is_data(name)]
        _require_some(stream, repr(shown_address(path)), copies)
        return [DataFile(copy, stream, shown_address(name), stamp_of(copy)) for name, copy in copies]
    try:
        names = _names(stream, path, places.folder)
        return [DataFile(places.folder / name, stream, name, stamp_of(places.folder / name)) for name in names]
    except OSError as error:
        raise AccessError(f"{stream}: {path!r} cannot be looked for ({error.strerror}); check `path:`") from error


def _names(stream: str, path: str, folder: Path) -> list[str]:
    if (folder / path).is_dir():
        raise SettingsError(f"{stream}: {path} is a folder; write a pattern for the files in it, such as {path}/*.csv")
    if (folder / path).exists():  # taken as it is, even if it holds signs of a pattern
        return [path]
    fitting = sorted(glob(path, root_dir=folder, recursive=True))  # noqa: PTH207 - Path.glob refuses absolute patterns
    names = [name for name in fitting if (folder / name).is_file() and _is_data(name)]
    _require_some(stream, f"{path!r} in the project's folder", names)
    return names


def _is_data(name: str) -> bool:
    return not PurePosixPath(name).name.startswith(_OPEN_WORKBOOK)


def _require_some(stream: str, place: str, found: Sized) -> None:
    if not found:
        raise UnavailableError(f"{stream}: no file fits {place}; check `path:`, or put the file back and sync again")
