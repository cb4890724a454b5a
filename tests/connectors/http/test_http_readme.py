"""The page that shows how an API is declared."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.http.ready import READY, ready_made
from connectors.http.settings import HttpSettings
from tests.connectors.http.conftest import DATE, Api
from tests.loopback import Answer

README = (Path(__file__).parents[3] / "connectors" / "http" / "README.md").read_text("utf-8")
BLOCKS = [yaml.safe_load(one)["sources"] for one in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)]


@pytest.mark.parametrize("source", [one for block in BLOCKS for one in block.values()])
def test_examples_are_right(source: dict[str, Any]) -> None:
    """What the page shows is what settings allow."""
    assert HttpSettings.model_validate(source).declarations


def test_ready_made_ones_are_listed() -> None:
    """Each ready-made declaration has its line, with its streams and values."""
    for name in READY:
        (line,) = [one for one in README.splitlines() if one.startswith(f"| [{name}](ready/{name}.yaml)")]
        assert f"| {', '.join(ready_made(name).streams)} |" in line
        assert all(value in line for value in ready_made(name).values)


def test_example_reads(api: Api) -> None:
    """The first example against such an API: a review of 12.50 and one that was removed, over two pages."""
    review = {"stars": 4, "product": {"name": "Trà"}, "created": 1790917200, "changed": "2026-10-02T12:00:00+07:00"}
    reviews = [
        {**review, "id": 1, "price": {"cents": 1250, "currency": "usd"}, "status": "shown"},
        {**review, "id": 2, "price": {"cents": 1250, "currency": "vnd"}, "status": "removed"},
    ]
    api.server.script(
        Answer({"me": "bot"}, headers=DATE),
        Answer({"data": reviews[:1], "meta": {"next": "x", "total": 2}}, headers=DATE),
        Answer({"data": reviews[1:], "meta": {"next": None, "total": 2}}, headers=DATE),
    )
    example = {**BLOCKS[0]["shop"], "url": api.server.url}
    with api.connector(None, **{name: one for name, one in example.items() if name != "connector"}) as connector:
        (stream,) = connector.connect()
        found = [record for page in connector.read(stream, None) for record in page.records]
    assert [(one.fields["price"], one.fields["product"], one.is_deleted) for one in found] == [
        (12.5, "Trà", False),
        (1250.0, "Trà", True),
    ]
    assert api.server.asked[0].headers["authorization"] == "Bearer ${SHOP_TOKEN}"
    assert api.server.asked[1].one("updated_since") == "1970-01-01T00:00:00Z"
