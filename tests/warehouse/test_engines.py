"""Which engine an address stands for."""

from __future__ import annotations

from pathlib import Path

import pytest

from okr_sync.warehouse import WarehouseError, open_warehouse
from tests.scripted import HANOI


@pytest.mark.parametrize(
    "url",
    [
        "mysql://root:hunter2@localhost/okr",
        "duckdb://hunter2",
        "hunter2",
        "postgresql://okr:hunter@2@localhost/okr",
        "postgresql://okr:hunter/2@localhost/okr",
        "postgresql://okr:hunter?2@localhost/okr",
        "postgresql://okr:hunter#2@localhost/okr",
        "postgresql://okr:5/hunter2@localhost/okr",
        "postgresql://okr@localhost:hunter2/okr",
        "postgresql://okr@localhost/okr?passwort=hunter2",
    ],
)
def test_address_that_is_none_is_refused_without_a_word_of_it(tmp_path: Path, url: str) -> None:
    """Only what is supported is accepted; the message shows how to write it, and nothing that may be a password."""
    with pytest.raises(WarehouseError, match="postgresql://") as caught:
        open_warehouse(url, tmp_path, HANOI)
    assert "hunter" not in str(caught.value)
    assert caught.value.__cause__ is None
