"""Files in a storage that fsspec knows: its own in memory, and one that fails where a test says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from okr_sync.connector import AccessError, IncompleteError, SettingsError, UnavailableError
from tests.connectors.files.conftest import Desk

FILES = ["data/b.csv", "data/a.csv", "data/old/c.csv", "data/.hidden.csv", "data/.git/d.csv", "data/~$a.csv"]


class Troubled(MemoryFileSystem):  # type: ignore[misc]
    """Files in memory, of which some may not be listed or read, or change while they are copied."""

    protocol = "troubled"
    refuses: str | None = None
    grows: bool = False
    cuts: bool = False

    def __init__(self, token: str = "", **options: Any) -> None:
        super().__init__(**options)
        if token == "wrong":
            raise PermissionError(f"token {token} of {options} was refused")

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.replace("troubled://", "memory://")))

    def ls(self, path: str, detail: bool = True, **options: Any) -> Any:
        self._refuse(path)
        return super().ls(path, detail, **options)

    def get_file(self, rpath: str, lpath: str, **options: Any) -> None:
        self._refuse(rpath)
        super().get_file(rpath, lpath, **options)
        if Troubled.cuts:
            Path(lpath).write_bytes(self.cat_file(rpath)[:-4])
        if Troubled.grows:
            self.pipe_file(rpath, self.cat_file(rpath) + b"2\n")

    def info(self, path: str, **options: Any) -> Any:
        if path.endswith("quoting"):
            raise PermissionError("lan with pass-word may not log in")
        return super().info(path, **options)

    def _refuse(self, path: str) -> None:
        if Troubled.refuses is not None and path.rstrip("/").endswith(Troubled.refuses):
            raise PermissionError("refused by its owner")


@pytest.fixture(autouse=True)
def memory() -> Iterator[MemoryFileSystem]:
    fsspec.register_implementation("troubled", Troubled, clobber=True)
    system = MemoryFileSystem(skip_instance_cache=True)
    for name in FILES:
        system.pipe_file(f"/{name}", f"id\n{name}\n".encode())
    yield system
    Troubled.refuses, Troubled.grows, Troubled.cuts = None, False, False
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def ids(desk: Desk, *paths: str) -> list[object]:
    return [record["id"] for record in desk.read(path=list(paths))]


@pytest.mark.parametrize(
    "patterns",
    [
        ["data/a.csv"],
        ["data/*.csv"],
        ["data/**/*.csv"],
        ["data/**"],
        ["**/c.csv"],
        ["data/*"],
        ["*/*/c.csv"],
        ["data/[ab].csv"],
        ["data/?.csv"],
        ["data/.*.csv"],
        ["data/old/*.csv", "data/b.csv"],
        ["data/b.csv", "data/*.csv"],
    ],
)
def test_pattern_means_the_same_as_on_a_disk(desk: Desk, patterns: list[str]) -> None:
    """The same names under the same pattern give the same files in the same order, here and in the project's folder."""
    for name in FILES:
        desk.write(name, f"id\n{name}\n")
    here = [record["id"] for record in desk.read(path=patterns, format="csv")]
    there = [record["id"] for record in desk.read(path=[f"memory://{one}" for one in patterns], format="csv")]
    assert there == here
    assert here


def test_files_of_a_pattern(desk: Desk) -> None:
    """In the order of their names, without what is hidden and without Excel's notes."""
    assert ids(desk, "memory://data/**/*.csv") == ["data/a.csv", "data/b.csv", "data/old/c.csv"]


def test_name_with_signs_of_a_pattern(desk: Desk, memory: MemoryFileSystem) -> None:
    """A file whose name looks like a pattern is found by its name."""
    memory.pipe_file("/export [1].csv", b"id\n1\n")
    memory.pipe_file("/export 1.csv", b"id\n2\n")
    assert ids(desk, "memory://export [1].csv") == ["1"]


def test_storage_and_folder_together(desk: Desk) -> None:
    """A stream may have files here and there; the same file is read once."""
    desk.write("a.csv", "id\nhere\n")
    assert ids(desk, "a.csv", "memory://data/a.csv", "memory://data/[a].csv") == ["here", "data/a.csv"]


@pytest.mark.parametrize(
    "path", ["memory://data/gone.csv", "memory://data/*.parquet", "memory://gone/deep/*.csv", "memory://data/a.csv/*"]
)
def test_nothing_there_is_an_error(desk: Desk, path: str) -> None:
    """A file that vanished, or a pattern that nothing fits, is never a stream without records."""
    desk.write("a.csv", "id\n1\n")
    message = desk.refusal(UnavailableError, path=["a.csv", path])
    assert message == f"desk.incidents: no file fits '{path}'; check `path:`, or put the file back and sync again"


def test_folder_is_refused(desk: Desk) -> None:
    """A folder alone does not say which of its files are meant."""
    message = desk.refusal(SettingsError, path="memory://data")
    assert message.startswith("source desk: memory://data: is a folder; write a pattern")


@pytest.mark.parametrize("refused", ["/data", "/data/old", "/a.csv"])
def test_what_may_not_be_read(desk: Desk, refused: str) -> None:
    """A folder that may not be listed is not taken for an empty one, however deep it lies, nor is a file left out."""
    Troubled.refuses = refused
    message = desk.refusal(AccessError, path="troubled://data/**/*.csv")
    assert "refused by its owner; check the credentials under `storage:`" in message


def test_file_that_grows_while_it_is_copied(desk: Desk) -> None:
    """A file that is still being written is not taken for a whole one."""
    Troubled.grows = True
    message = desk.refusal(IncompleteError, path="troubled://data/a.csv")
    assert "data/a.csv: changed while it was copied" in message


def test_copy_that_is_cut(desk: Desk) -> None:
    """A copy shorter than the storage says is not taken for the file, even where its driver noticed nothing."""
    Troubled.cuts = True
    message = desk.refusal(IncompleteError, path="troubled://data/a.csv")
    assert "data/a.csv: changed while it was copied, so a part may be missing" in message


def test_secrets_are_not_in_messages(desk: Desk) -> None:
    """Whatever a driver says, no text among its options comes back."""
    lake = replace(desk, storage={"token": "wrong", "inner": {"key": "hush"}})
    message = lake.refusal(AccessError, path="troubled://lan:pass-word@data/a.csv")
    assert "token *** of {'inner': {'key': '***'}}" in message
    assert not any(secret in message for secret in ("wrong", "hush", "pass-word"))
    message = desk.refusal(AccessError, path="troubled://lan:pass-word@data/quoting")
    assert "troubled://lan@data/quoting: lan with *** may not log in" in message


def test_options_reach_the_driver(desk: Desk) -> None:
    """What the project says of the storage is what its driver is made with."""
    assert ids(replace(desk, storage={"token": "right"}), "troubled://data/a.csv") == ["data/a.csv"]


@pytest.mark.parametrize(
    ("path", "package"), [("gs://b/a.csv", "gcsfs"), ("abfs://c/a.csv", "adlfs"), ("sftp://h/a.csv", "paramiko")]
)
def test_driver_that_is_not_installed(desk: Desk, path: str, package: str) -> None:
    """A storage's driver is the user's to install, and the message names it."""
    if find_spec(package) is not None:
        pytest.skip(f"{package} is installed")
    message = desk.refusal(SettingsError, path=path)
    assert message.startswith(f"source desk: {path}: ")
    assert package in message


def test_storage_that_nobody_knows(desk: Desk) -> None:
    """A storage that fsspec has never heard of is an error of the settings."""
    assert "Protocol not known: s4" in desk.refusal(SettingsError, path="s4://data/a.csv")


def test_storage_is_declared_offline(desk: Desk) -> None:
    """Declaring the stream lists nothing and needs no driver."""
    assert desk.declared(path="nothing://known/*.csv").is_open
