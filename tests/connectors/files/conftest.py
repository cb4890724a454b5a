"""A project's folder with files in it, and the connector that reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.files import Files
from okr_sync.connector import Context, SourceError, Stream, Value

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
"""Seven hours ahead of UTC, all year round."""


@dataclass(frozen=True)
class Desk:
    """The source `desk` with one stream, `incidents`, of the files in `folder`."""

    folder: Path

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    storage: dict[str, Any] = field(default_factory=dict)

    def connector(self, **stream: Any) -> Files:
        return self.connector_of({"incidents": stream})

    def connector_of(self, streams: dict[str, dict[str, Any]]) -> Files:
        """With several streams, each of `a.csv` and keyed by `id` unless it says otherwise (`None`: nothing)."""
        given = {name: {"path": "a.csv", "key": "id", **stream} for name, stream in streams.items()}
        written = {name: {k: v for k, v in one.items() if v is not None} for name, one in given.items()}
        settings = {"connector": "files", "streams": written, "storage": self.storage}
        return Files(Files.Settings.model_validate(settings), Context("desk", self.folder, HANOI))

    def declared(self, **stream: Any) -> Stream:
        with self.connector(**stream) as files:
            (declared,) = files.declared_streams()
        return declared

    def connected(self, **stream: Any) -> Stream:
        with self.connector(**stream) as files:
            (connected,) = files.connect()
        return connected

    def read(self, **stream: Any) -> list[dict[str, Value]]:
        """The fields of all records, in the order in which they are read."""
        with self.connector(**stream) as files:
            (connected,) = files.connect()
            return [dict(record.fields) for page in files.read(connected, None) for record in page.records]

    def refusal(self, kind: type[SourceError], **stream: Any) -> str:
        """What the error says that reading ends with."""
        with pytest.raises(kind) as caught:
            self.read(**stream)
        return str(caught.value)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
