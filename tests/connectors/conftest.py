"""What the tests of every connector share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina


@pytest.fixture(autouse=True)
def no_waits() -> Iterator[None]:
    """Retries are made, and nobody waits for them."""
    with stamina.set_testing(True, attempts=6):
        yield
