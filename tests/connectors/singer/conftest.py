"""Taps as real programs: one that plays what a test scripts, and one that behaves well."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.singer import Singer
from connectors.singer.settings import SingerSettings
from okr_sync.connector import Checkpoint, Context, Page, SourceError, Stream

TAPS = Path(__file__).parent / "taps"
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
"""Seven hours ahead of UTC, all year round."""
TOKEN = "s3cret/token"

PROPERTIES: dict[str, Any] = {
    "id": {"type": "integer"},
    "name": {"type": ["null", "string"]},
    "points": {"type": ["null", "integer"]},
    "updated_at": {"type": ["null", "string"], "format": "date-time"},
}


def stream_of(name: str = "issues", method: str | None = "INCREMENTAL", **more: Any) -> dict[str, Any]:
    """An entry of a catalog, as the Meltano SDK writes them; `more` takes the place of its members."""
    return {
        "tap_stream_id": name,
        "stream": name,
        "schema": {"type": "object", "properties": PROPERTIES},
        "key_properties": ["id"],
        "replication_method": method,
        "metadata": [{"breadcrumb": [], "metadata": {"inclusion": "available"}}],
        **more,
    }


def schema(name: str = "issues", properties: dict[str, Any] | None = None, key: Any = ("id",)) -> dict[str, Any]:
    described = {"type": "object", "properties": PROPERTIES if properties is None else properties}
    return {"type": "SCHEMA", "stream": name, "schema": described, "key_properties": key}


def record(number: Any, stream: str = "issues", version: int | None = None, **fields: Any) -> dict[str, Any]:
    message = {"type": "RECORD", "stream": stream, "record": {"id": number, **fields}}
    return message if version is None else message | {"version": version}


def state(value: Any) -> dict[str, Any]:
    return {"type": "STATE", "value": value}


def activate(version: int, name: str = "issues") -> dict[str, Any]:
    return {"type": "ACTIVATE_VERSION", "stream": name, "version": version}


@dataclass
class Bench:
    """A project's folder with the source `desk`, whose tap plays `script`."""

    folder: Path

    @property
    def script(self) -> Path:
        return self.folder / "script.json"

    def play(self, *steps: Any, catalog: Any = None) -> None:
        """What the tap will do. Its catalog has the one stream `issues`, read by changes, unless another is given."""
        self.script.write_text(json.dumps({"catalog": catalog or {"streams": [stream_of()]}, "steps": steps}))

    def asked(self) -> list[dict[str, Any]]:
        """What the tap was asked, run by run; the first run is the discovery."""
        return [json.loads(line) for line in Path(f"{self.script}.asked").read_text().splitlines()]

    def connector(self, streams: dict[str, Any] | None = None, **settings: Any) -> Singer:
        written = {
            "connector": "singer",
            "tap": [sys.executable, str(TAPS / "player.py"), str(self.script)],
            "streams": streams or {"issues": {}},
            **settings,
        }
        return Singer(SingerSettings.model_validate(written), Context("desk", self.folder, HANOI))

    def tracker(self, streams: dict[str, Any], **config: Any) -> Singer:
        """The well-behaved tap over `data.json`."""
        tap = [sys.executable, str(TAPS / "tracker.py")]
        secrets = {"token": config.pop("token", TOKEN)}
        return self.connector(streams, tap=tap, config={"file": "data.json", **config}, secrets=secrets)

    def stream(self, **settings: Any) -> Stream:
        """The stream `issues` as the connector describes it once it is connected."""
        with self.connector({"issues": settings}) as connector:
            (connected,) = connector.connect()
        return connected

    def read(self, checkpoint: Checkpoint | None = None, **settings: Any) -> list[Page]:
        """The pages of the stream `issues`."""
        with self.connector({"issues": settings}) as connector:
            (connected,) = connector.connect()
            return list(connector.read(connected, checkpoint))

    def failure(
        self, kind: type[SourceError], checkpoint: Checkpoint | None = None, **settings: Any
    ) -> tuple[list[Page], str]:
        """The pages that came before a read failed, and what its error says."""
        pages: list[Page] = []
        with self.connector({"issues": settings}) as connector, pytest.raises(kind) as caught:
            (connected,) = connector.connect()
            for page in connector.read(connected, checkpoint):
                pages.append(page)  # noqa: PERF402 - those before the failure count
        return pages, str(caught.value)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    one = Bench(tmp_path)
    one.play(schema())
    return one


def fields(pages: list[Page]) -> list[dict[str, Any]]:
    """The fields of all records, missing ones left out."""
    return [
        {name: value for name, value in one.fields.items() if value is not None}
        for page in pages
        for one in page.records
    ]
