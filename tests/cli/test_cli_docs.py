"""The pages of docs/ that are made from the code."""

from __future__ import annotations

import pytest

from tests.docs import DOCS, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_up_to_date(name: str) -> None:
    """What is committed is what `make docs` writes."""
    assert (DOCS / name).read_text("utf-8") == PAGES[name](), "run make docs"
