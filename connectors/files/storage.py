"""Files in a storage that fsspec has a driver for (s3://, gs://, abfs://, sftp://, …), copied to this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import shorten
from typing import Any
from urllib.parse import quote, unquote

from fsspec import AbstractFileSystem  # type: ignore[import-untyped]
from fsspec.core import url_to_fs  # type: ignore[import-untyped]
from pydantic import SecretStr

from connectors.files.address import password_of, shown_address
from connectors.files.listing import Info, Listing
from okr_sync.connector import AccessError, IncompleteError, SettingsError, SourceError, UnavailableError

_ABOUT_CREDENTIALS = re.compile("credential|authentication|unauthorized|forbidden", re.IGNORECASE)
"""In the name of an error's class: drivers have no common one for credentials that are missing or wrong."""
_MARKS = ("size", "ETag", "etag", "generation", "mtime", "last_modified", "modify")
"""What drivers tell of a file that is another after a change. Not S3's LastModified: lists give it more digits."""

Options = Mapping[str, Any]


class Storage:
    """Copies each file once, into a folder that lasts until `close`. Drivers repeat by themselves what is worth it."""

    def __init__(self, source: str, options: Options) -> None:
        self.request_count = 0
        """Folders listed, files asked about and files copied: how many requests those took, drivers do not tell."""
        self._source = source
        self._options = _revealed(options)
        self._secrets = sorted(_secrets(options), key=len, reverse=True)
        self._copies: dict[str, Path] = {}
        self._folder = TemporaryDirectory(prefix="okr-sync-")

    def fetch(self, path: str) -> list[tuple[str, Path]]:
        """The address and the copy of each file that fits `path`, in the order of their names; none if nothing fits.

        Raises:
            AccessError: the storage refuses the credentials, or wants some, or does not allow to list or to read.
            SettingsError: no driver for the storage is installed, it does not know an option, or `path` is a folder.
            IncompleteError: a file changed while it was copied.
            UnavailableError: a file vanished before it was copied, or the storage does not answer.
        """
        with self._explained(path):
            # Instances that fsspec keeps would remember listings of earlier runs.
            system, pattern = url_to_fs(path, **self._options, skip_instance_cache=True)
            listing = Listing(system)
            try:
                found = listing.files(pattern)
            finally:
                self.request_count += listing.request_count
        before = _before_names(path, pattern)
        return [(before + info["name"], self._copy(system, info, before + info["name"])) for info in found]

    def close(self) -> None:
        self._folder.cleanup()

    def _copy(self, system: AbstractFileSystem, info: Info, address: str) -> Path:
        if address not in self._copies:
            target = Path(self._folder.name) / str(len(self._copies))
            with self._explained(address):
                self.request_count += 2
                system.get_file(info["name"], str(target))
                system.invalidate_cache()
                after = system.info(info["name"])
            is_whole = info.get("size") in (None, target.stat().st_size)
            if not is_whole or not _are_same(info, after):
                raise IncompleteError(
                    f"{self._where(address)}: changed while it was copied, so a part may be missing;"
                    " sync again when it is written"
                )
            self._copies[address] = target
        return self._copies[address]

    @contextmanager
    def _explained(self, path: str) -> Iterator[None]:
        try:
            yield
        except SourceError:
            raise
        except Exception as error:  # noqa: BLE001 - every driver has errors of its own
            raise self._error(path, error) from None  # its text may quote the options

    def _error(self, path: str, error: Exception) -> SourceError:
        said = f"{self._where(path)}: {self._clean(str(error), path) or type(error).__name__}"
        match error:
            case ImportError():
                return SettingsError(f"{said}; install that package beside okr-sync")
            case FileNotFoundError():
                return UnavailableError(f"{said}; it is not there any more: sync again when it is")
            case IsADirectoryError():
                return SettingsError(
                    f"{self._where(path)}: is a folder; write a pattern for the files in it, such as *.csv"
                )
            case TypeError() | ValueError():
                return SettingsError(f"{said}; check `path:`, and the options under `storage:`")
        if isinstance(error, PermissionError) or _ABOUT_CREDENTIALS.search(type(error).__name__):
            return AccessError(
                f"{said}; check the credentials under `storage:`:"
                " they must allow to list the folder and to read its files"
            )
        return UnavailableError(f"{said}; check `path:`, `storage:` and the network, or try again later")

    def _where(self, path: str) -> str:
        return f"source {self._source}: {shown_address(path)}"

    def _clean(self, text: str, path: str) -> str:
        password = password_of(path)
        for secret in filter(None, (*self._secrets, password, unquote(password))):
            text = text.replace(secret, "***")
        return shorten(text, 300, placeholder=" …")


def _before_names(path: str, pattern: str) -> str:
    """What stands in an address before the name that a driver uses: `s3://`, or with its host `sftp://example.org`."""
    return path.removesuffix(pattern) if path.endswith(pattern) else path[: path.index("://") + 3]


def _are_same(before: Info, after: Info) -> bool:
    both = [mark for mark in _MARKS if mark in before and mark in after]
    return all(str(before[mark]).strip('"') == str(after[mark]).strip('"') for mark in both)


def _revealed(options: Options) -> dict[str, Any]:
    """The options as a driver wants them."""
    return {name: _revealed_one(value) for name, value in options.items()}


def _revealed_one(value: object) -> object:
    if isinstance(value, Mapping):
        return _revealed(value)
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _secrets(options: Options) -> Iterator[str]:
    """Every form in which a text among the options could come back in a message."""
    for value in options.values():
        if isinstance(value, Mapping):
            yield from _secrets(value)
        elif isinstance(value, SecretStr) and value.get_secret_value():
            yield from (value.get_secret_value(), quote(value.get_secret_value(), safe=""))
