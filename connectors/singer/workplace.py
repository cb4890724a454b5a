"""The files that a tap reads its settings from: private, and gone when the work is done."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory, mkstemp
from typing import Any


class Workplace:
    """A folder that no other user may look into."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="okr-sync-")

    def write(self, name: str, content: Any) -> Path:
        """Write a new file of JSON, which no other user may read."""
        handle, path = mkstemp(prefix=f"{name}-", suffix=".json", dir=self._folder.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file)
        return Path(path)

    def remove(self) -> None:
        self._folder.cleanup()


def read_json(path: Path) -> Any:
    """What the file holds; `None` where it cannot be read, or holds no JSON."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
