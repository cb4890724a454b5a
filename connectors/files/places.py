"""Where the files of a stream are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from glob import glob
from pathlib import Path

from connectors.files.address import is_address, shown_address
from connectors.files.batch import DataFile, stamp_of
from okr_sync.connector import AccessError, SettingsError, UnavailableError

_OPEN_WORKBOOK = "~$"
"""How the note begins that Excel keeps beside a workbook while somebody has it open."""


def find_files(stream: str, paths: Iterable[str], folder: Path, fetch: Callable[[str], Path]) -> list[DataFile]:
    """The files that the `paths` of a stream mean, each once, those of a pattern in the order of their names.

    Raises:
        UnavailableError: nothing fits a path, or an address does not answer. That is never a stream without records.
        SettingsError: a path is a folder, or an address does not give a file.
        AccessError: an address wants somebody to sign in.
    """
    found = (file for path in paths for file in _at(stream, path, folder, fetch))
    return list(dict.fromkeys(found))


def _at(stream: str, path: str, folder: Path, fetch: Callable[[str], Path]) -> list[DataFile]:
    if is_address(path):
        fetched = fetch(path)
        return [DataFile(fetched, stream, shown_address(path), stamp_of(fetched))]
    try:
        names = _names(stream, path, folder)
        return [DataFile(folder / name, stream, name, stamp_of(folder / name)) for name in names]
    except OSError as error:
        raise AccessError(f"{stream}: {path!r} cannot be looked for ({error.strerror}); check `path:`") from error


def _names(stream: str, path: str, folder: Path) -> list[str]:
    if (folder / path).is_dir():
        raise SettingsError(f"{stream}: {path} is a folder; write a pattern for the files in it, such as {path}/*.csv")
    if (folder / path).exists():  # taken as it is, even if it holds signs of a pattern
        return [path]
    fitting = sorted(glob(path, root_dir=folder, recursive=True))  # noqa: PTH207 - Path.glob refuses absolute patterns
    names = [name for name in fitting if (folder / name).is_file() and not Path(name).name.startswith(_OPEN_WORKBOOK)]
    if not names:
        raise UnavailableError(
            f"{stream}: no file fits {path!r} in the project's folder;"
            " check `path:`, or put the file back and sync again"
        )
    return names
