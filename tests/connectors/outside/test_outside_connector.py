"""A connector of somebody else's: the one that connectors/README.md shows, installed as a package, on a project."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loopback import Answer, Asked, Loopback, loopback

README = Path(__file__).parents[3] / "connectors" / "README.md"
BLOCKS = dict(re.findall(r"```(\w+)\n(.*?)```", README.read_text("utf-8"), re.DOTALL)[:3])
TOKEN = "s3cret-reviews"
METRIC = 'stars: {stream: shop.reviews, time: created_at, value: "avg(stars)"}'
REVIEWS = [
    {"id": 1, "stars": 5, "text": "tốt", "created": "2026-10-02T02:00:00Z", "changed": "2026-10-02T02:00:00Z"},
    {"id": 2, "stars": None, "text": "được", "created": "2026-10-03T02:00:00Z", "changed": "2026-10-03T02:00:00Z"},
    {"id": 3, "stars": 2, "text": "chậm", "created": "2026-10-04T02:00:00Z", "changed": "2026-10-04T02:00:00Z"},
    {"id": 4, "stars": 1, "text": "giả", "created": "2026-10-04T02:00:00Z", "changed": "2026-10-05T02:00:00Z",
     "removed": True},
]  # fmt: skip


@pytest.fixture
def shop() -> Iterator[Loopback]:
    def respond(asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer({"error": f"unknown: {asked.headers.get('authorization')}"}, 401)
        if asked.path == "/me":
            return Answer({"name": "bot"})
        first = int(asked.one("page") or 0)
        rest = first + 2 < len(REVIEWS)
        return Answer({"reviews": REVIEWS[first : first + 2], "next": str(first + 2) if rest else None})

    with loopback() as server:
        server.respond = respond
        yield server


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder as `pip install` leaves it: the module, and the entry points of its distribution."""
    folder = tmp_path / "packages"
    information = folder / "reviews-1.0.dist-info"
    information.mkdir(parents=True)
    (folder / "reviews.py").write_text(BLOCKS["python"], "utf-8")
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: reviews\nVersion: 1.0\n", "utf-8")
    group, line = BLOCKS["toml"].strip().splitlines()
    name = re.fullmatch(r'\[project\.entry-points\."(.+)"\]', group)
    assert name is not None
    (information / "entry_points.txt").write_text(f"[{name[1]}]\n{line.replace(chr(34), '')}\n", "utf-8")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "okrs").mkdir(parents=True)
    cycle = "timezone: Asia/Ho_Chi_Minh\ncycle: {name: 2026-Q4, start: 2026-10-01, end: 2026-12-31}\n"
    (folder / "okr-sync.yaml").write_text(cycle + BLOCKS["yaml"], "utf-8")
    (folder / "okrs" / "shop.yaml").write_text(
        "objective: Khách hài lòng hơn\nid: shop\n"
        "key_results:\n  - {id: stars, name: Số sao, metric: stars, baseline: 3, target: 5}\n"
        f"metrics:\n  {METRIC}\n",
        "utf-8",
    )
    return folder


def okr_sync(packages: Path, project: Path, server: Loopback, *arguments: str, token: str = TOKEN) -> tuple[int, str]:
    environment = {
        **os.environ,
        "REVIEWS_URL": server.url,
        "REVIEWS_TOKEN": token,
        "PYTHONPATH": str(packages),
        "OKR_SYNC_LOG": "text",
    }
    command = [sys.executable, "-c", "from okr_sync.cli import main; main()", *arguments]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_metric_of_the_page() -> None:
    """The metric that these tests compute is the one that the page shows."""
    assert "stars: {stream: shop.reviews, time: created_at, value: avg(stars)}" in README.read_text("utf-8")


def test_installed_connector_computes_a_key_result(packages: Path, project: Path, shop: Loopback) -> None:
    """Three reviews count, two have stars: their mean is 3.5, a quarter of the way from 3 to 5; a second sync finds no
    news and asks for changes since the server's clock less five minutes."""
    code, text = okr_sync(packages, project, shop, "run")
    assert code == 0, text
    code, text = okr_sync(packages, project, shop, "status", "--json")
    (key_result,) = json.loads(text)["objectives"][0]["key_results"]
    assert (key_result["value"], key_result["progress"]) == (3.5, 0.25)
    code, text = okr_sync(packages, project, shop, "sync", "--json")
    (sync,) = json.loads(text)["syncs"]
    assert (sync["new_count"], sync["is_complete"]) == (0, True)
    since = [one.one("updated_since") for one in shop.asked if one.path == "/reviews"]
    assert since[:2] == ["1970-01-01T00:00:00+00:00"] * 2
    assert since[2] is not None
    assert since[2] > "2026"


def test_installed_connector_is_offered(packages: Path, project: Path, shop: Loopback) -> None:
    """The schema for editors knows it, and the doctor examines it."""
    _, text = okr_sync(packages, project, shop, "schema")
    assert "reviews" in json.dumps(json.loads(text))
    code, text = okr_sync(packages, project, shop, "doctor")
    assert (code, "all well" in text) == (0, True), text


def test_broken_package_is_named(packages: Path, project: Path, shop: Loopback) -> None:
    """A connector that cannot be imported says so, with its package; projects that do not use it go on."""
    (packages / "reviews.py").write_text("import nothing_of_that_name\n", "utf-8")
    code, text = okr_sync(packages, project, shop, "check")
    assert code == 2
    assert "connector 'reviews' cannot be loaded from reviews:Reviews: ModuleNotFoundError" in " ".join(text.split())
    assert "install its package 'reviews' again" in " ".join(text.split())
    (project / "okr-sync.yaml").write_text("timezone: UTC\ncycles: {starts: [jan]}\nsources: {}\n", "utf-8")
    (project / "okrs" / "shop.yaml").unlink()
    assert okr_sync(packages, project, shop, "check")[0] == 0


def test_refused_token_is_hidden(packages: Path, project: Path, shop: Loopback) -> None:
    """The kit shows the remedy and not the token."""
    code, text = okr_sync(packages, project, shop, "sync", token="wr0ng-token")
    assert code == 4
    assert "make a new token in the shop" in " ".join(text.split())
    assert "wr0ng-token" not in text
