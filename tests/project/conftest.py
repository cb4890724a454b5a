"""A connector that reads nothing, and folders with project files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Literal

import pytest
from pydantic import Field, SecretStr, field_validator

from okr_sync.connector import (
    Checkpoint,
    Connector,
    Page,
    SourceSettings,
    Stream,
    StreamSettings,
)
from okr_sync.errors import ProjectError
from okr_sync.project.load import load
from okr_sync.project.model import Project

MAIN = """\
cycles: {starts: [jan, apr, jul, oct]}
sources:
  desk: {connector: helpdesk, url: "https://desk.example", token: "${DESK_TOKEN}"}
"""

WriteFiles = Callable[[Mapping[str, str | bytes]], Path]
Load = Callable[[Mapping[str, str | bytes]], Project]


class FieldSettings(StreamSettings):
    field: str
    type: Literal["text", "number"] = "text"


class TicketSettings(StreamSettings):
    select: str | None = None
    fields: dict[str, str | FieldSettings] = {}  # noqa: RUF012 - pydantic copies it


class HelpdeskSettings(SourceSettings):
    url: str = Field(description="The site's address")
    token: SecretStr
    page_size: int = Field(default=100, ge=1, le=1000)
    edition: Literal["cloud", "server"] = "cloud"
    labels: list[str] = []  # noqa: RUF012 - pydantic copies it
    headers: dict[str, SecretStr] = {}  # noqa: RUF012 - pydantic copies it
    streams: dict[str, TicketSettings] = {}  # noqa: RUF012 - pydantic copies it

    @field_validator("url")
    @classmethod
    def _is_secure(cls, url: str) -> str:
        if not url.startswith("https://"):
            raise ValueError(f"{url!r} is not an https address")
        return url

    @field_validator("token", mode="before")
    @classmethod
    def _has_no_space(cls, token: object) -> object:
        if " " in str(token):
            raise ValueError(f"the token {token!r} holds a space")
        return token


class Helpdesk(Connector):
    Settings: ClassVar[type[SourceSettings]] = HelpdeskSettings
    description: ClassVar[str] = "a help desk that nobody calls"

    def declared_streams(self) -> Sequence[Stream]:
        return ()

    def connect(self) -> Sequence[Stream]:
        return ()

    def read(self, stream: Stream, checkpoint: Checkpoint | None) -> Iterator[Page]:
        return iter(())


class Wiki(Helpdesk):
    Settings = SourceSettings
    description: ClassVar[str] = "pages without settings"


@pytest.fixture(scope="session")
def connectors() -> dict[str, type[Connector]]:
    return {"helpdesk": Helpdesk, "wiki": Wiki}


@pytest.fixture
def write_files(tmp_path: Path) -> WriteFiles:
    """Writes files, named by their paths, into a folder; `okr-sync.yaml` is a good one unless it is given."""

    def write(files: Mapping[str, str | bytes]) -> Path:
        for name, content in ({"okr-sync.yaml": MAIN} | dict(files)).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path

    return write


@pytest.fixture
def load_files(write_files: WriteFiles, connectors: dict[str, type[Connector]]) -> Load:
    """Loads a project of the given files."""

    def load_project(files: Mapping[str, str | bytes]) -> Project:
        return load(write_files(files), connectors)

    return load_project


@pytest.fixture
def problems(load_files: Load) -> Callable[[Mapping[str, str | bytes]], list[str]]:
    """What is wrong with the given files, one line for each problem; nothing for a good project."""

    def problems_of(files: Mapping[str, str | bytes]) -> list[str]:
        try:
            load_files(files)
        except ProjectError as error:
            return [str(problem) for problem in error.problems]
        return []

    return problems_of
