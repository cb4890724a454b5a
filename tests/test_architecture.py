"""Arrows point one way: who may import whom, read from the sources.

A part is a module or a package directly below `okr_sync`, or one connector. Imports inside functions and those for type
checkers count like any other.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ALLOWED: dict[str, set[str]] = {
    # shared by everybody
    "errors": set(),
    "names": set(),
    "natives": set(),
    "spans": set(),
    "connector": {"errors", "spans"},
    # what is wanted
    "project": {"connector", "errors"},
    "formula": {"connector", "errors", "project"},
    # read and land
    "http": {"connector", "natives"},
    "warehouse": {"connector", "errors", "project"},
    "drift": {"connector"},
    "deadline": set(),
    "sync": {"connector", "deadline", "drift", "errors", "http", "spans", "warehouse"},
    "doctor": {"connector", "errors", "store", "warehouse"},
    # compute and judge
    "measure": {"connector", "errors", "formula", "project", "warehouse"},
    "progress": {"errors", "project"},
    "trust": {"progress", "project"},
    "forecast": {"project"},
    # keep
    "store": {"errors", "project"},
    # together: the only places where the parts meet
    "backup": {"errors", "store", "warehouse"},
    "journal": {"store", "sync"},
    "runs": {"journal", "store", "workspace"},
    "metrics": {"report", "store"},
    "goals": {"errors", "formula", "progress", "project"},
    "installed": {"connector", "errors"},
    "known_streams": {"connector", "formula", "project", "warehouse"},
    "completions": {"connector", "errors", "formula", "project"},
    "workspace": {
        "completions",
        "connector",
        "errors",
        "formula",
        "goals",
        "installed",
        "known_streams",
        "measure",
        "progress",
        "project",
        "store",
        "sync",
        "warehouse",
    },
    "acceptance": {"store", "trust"},
    "advice": {"formula", "measure", "outcome", "progress", "project", "warehouse", "workspace"},
    "gates": {"formula", "measure", "trust", "workspace"},
    "carry_over": {"measure", "progress", "project", "store", "workspace"},
    "baseline": {"gates", "measure", "project", "trust", "warehouse", "workspace"},
    "outlook": {"forecast", "formula", "measure", "progress", "project", "store", "warehouse", "workspace"},
    "templates": {"measure", "progress", "project", "store", "workspace"},
    "outcome": {
        "acceptance",
        "baseline",
        "carry_over",
        "formula",
        "gates",
        "measure",
        "outlook",
        "progress",
        "project",
        "store",
        "templates",
        "trust",
        "warehouse",
        "workspace",
    },
    "kpis": {"measure", "outcome", "progress", "project", "store", "trust", "warehouse", "workspace"},
    "initiatives": {"formula", "measure", "outcome", "project", "store", "warehouse", "workspace"},
    "night": {"acceptance", "initiatives", "kpis", "measure", "outcome", "project", "store", "workspace"},
    "planning": {"initiatives", "kpis", "measure", "night", "outcome", "project", "store", "workspace"},
    "backfill": {"formula", "measure", "night", "outcome", "planning", "project", "runs", "store", "workspace"},
    "history": {"planning", "project", "store"},
    "settling": {"backfill", "measure", "outcome", "store", "trust", "workspace"},
    "impact": {"connector", "errors", "formula", "measure", "project", "warehouse", "workspace"},
    "people": {"errors", "measure", "project", "store", "workspace"},
    "report_beside": {"kpis", "project", "store", "workspace"},
    "report": {"forecast", "measure", "people", "progress", "project", "report_beside", "store", "workspace"},
    "explaining": {
        "baseline",
        "connector",
        "errors",
        "formula",
        "measure",
        "outcome",
        "project",
        "report",
        "store",
        "warehouse",
        "workspace",
    },
    "snapshot": {"progress", "project", "store"},
    "closing": {"errors", "project", "snapshot", "store", "workspace"},
    "pipeline": {
        "runs",
        "backup",
        "journal",
        "metrics",
        "acceptance",
        "advice",
        "backfill",
        "carry_over",
        "closing",
        "connector",
        "doctor",
        "errors",
        "explaining",
        "history",
        "impact",
        "kpis",
        "measure",
        "night",
        "outcome",
        "people",
        "planning",
        "progress",
        "project",
        "report",
        "settling",
        "store",
        "sync",
        "warehouse",
        "workspace",
    },
    # tell people
    "problems": {
        "connector",
        "errors",
        "kpis",
        "measure",
        "progress",
        "project",
        "store",
        "warehouse",
        "workspace",
    },
    "publish": {"forecast", "people", "problems", "progress", "project", "report", "report_beside", "store"},
    "publishing": {
        "connector",
        "doctor",
        "errors",
        "measure",
        "people",
        "pipeline",
        "problems",
        "project",
        "publish",
        "store",
        "workspace",
    },
    # for people, and at night: on top of the pipeline
    "terminal": {
        "backfill",
        "closing",
        "connector",
        "doctor",
        "errors",
        "explaining",
        "forecast",
        "formula",
        "history",
        "impact",
        "initiatives",
        "kpis",
        "measure",
        "outcome",
        "pipeline",
        "people",
        "planning",
        "progress",
        "project",
        "publish",
        "report",
        "report_beside",
        "store",
        "sync",
    },
    "commands": {
        "acceptance",
        "closing",
        "doctor",
        "orchestration",
        "errors",
        "explaining",
        "installed",
        "measure",
        "pipeline",
        "people",
        "planning",
        "project",
        "publish",
        "publishing",
        "sandbox",
        "store",
        "terminal",
        "warehouse",
        "workspace",
    },
    "cli": {"commands", "errors", "terminal"},
    "orchestration": {
        "runs",
        "connector",
        "doctor",
        "drift",
        "errors",
        "formula",
        "impact",
        "initiatives",
        "kpis",
        "measure",
        "night",
        "outcome",
        "pipeline",
        "problems",
        "progress",
        "project",
        "publish",
        "publishing",
        "sandbox",
        "settling",
        "store",
        "sync",
        "warehouse",
        "workspace",
    },
    # to try: knows nothing of the engine
    "sandbox": {"errors"},
}
"""Part -> the parts it may import. A new arrow is a decision: add it here with a reader of the architecture in mind."""

OF_CONNECTORS = {"connector", "errors", "http", "names", "natives", "spans"}
"""The parts of okr_sync that connectors may import."""
AT_HOME: dict[str, set[str]] = {
    "alembic": {"okr_sync.store"},
    "apprise": {"okr_sync.publish"},
    "dagster": {"okr_sync.orchestration"},
    "duckdb": {"connectors.sql", "okr_sync.measure", "okr_sync.warehouse"},
    "notion_client": {"connectors.notion"},
    "psycopg": {"okr_sync.warehouse"},
    "rich": {"okr_sync.terminal"},
    "sqlalchemy": {"connectors.sql", "okr_sync.store"},
    "sqlglot": {"connectors.sql", "okr_sync.formula", "okr_sync.measure"},
    "prometheus_client": {"okr_sync.metrics"},
    "sqlmodel": {"okr_sync.store"},
    "starlette": {"okr_sync.sandbox"},
    "structlog": {"okr_sync.terminal"},
    "uvicorn": {"okr_sync.sandbox"},
}
"""Libraries that only some parts know, so that another can take their place without a search."""
SLOW = (
    "alembic",
    "apprise",
    "dagster",
    "httpx",
    "jira",
    "notion_client",
    "psycopg",
    "requests",
    "starlette",
    "uvicorn",
)


def sources() -> Iterator[tuple[str, Path]]:
    """Every module of the project by its dotted name."""
    for package in ("okr_sync", "connectors"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path
    yield "definitions", ROOT / "definitions.py"


MODULES = dict(sources())


@cache
def imports(path: Path) -> frozenset[str]:
    """The dotted names of the modules that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            inside = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else str(node.module) for name in inside.values()}
    return frozenset(found - {"okr_sync"})  # for its version


def part(name: str) -> str:
    """`okr_sync.store.tables` -> `okr_sync.store`."""
    return ".".join(name.split(".")[:2])


def arrows() -> Iterator[tuple[str, str]]:
    """Each import between two parts, or from a part to a library."""
    for name, path in MODULES.items():
        yield from ((part(name), part(one)) for one in imports(path) if part(one) != part(name))


def test_parts_import_only_what_the_table_allows() -> None:
    """Every arrow between parts of okr_sync is one of the table's."""
    allowed = {(f"okr_sync.{one}", f"okr_sync.{other}") for one, others in ALLOWED.items() for other in others}
    drawn = {(one, other) for one, other in arrows() if one.startswith("okr_sync.") and other.startswith("okr_sync.")}
    assert sorted(drawn - allowed) == []


def test_table_names_every_part() -> None:
    """A part that is new has its line in the table; one that is gone has none."""
    names = {name.split(".")[1] for name in MODULES if name.startswith("okr_sync.")}
    assert names == set(ALLOWED)


def test_no_circles_between_parts() -> None:
    """The parts can be read in an order in which each rests only on those before."""
    order = list(TopologicalSorter(ALLOWED).static_order())  # raises CycleError with the circle
    assert order.index("connector") < order.index("warehouse") < order.index("pipeline") < order.index("cli")


def test_no_circles_between_modules() -> None:
    """Inside of a part, too, no two modules need each other."""
    graph = {name: {one for one in imports(path) if one in MODULES} for name, path in MODULES.items()}
    list(TopologicalSorter(graph).static_order())


def test_engine_does_not_know_the_connectors() -> None:
    """okr_sync finds connectors by their entry points; it imports none."""
    assert [(name, one) for name, path in MODULES.items() if name.startswith("okr_sync")
            for one in imports(path) if one.split(".")[0] == "connectors"] == []  # fmt: skip


def test_connectors_know_only_the_contract_and_the_kit() -> None:
    """A connector imports its own module, the contract, its errors and the HTTP kit: no engine, no other connector."""
    allowed = {f"okr_sync.{name}" for name in OF_CONNECTORS}
    ours = [(one, other) for one, other in arrows() if one.startswith("connectors.")
            and other.split(".")[0] in ("okr_sync", "connectors")]  # fmt: skip
    assert sorted({(one, other) for one, other in ours if other not in allowed}) == []


@pytest.mark.parametrize("library", AT_HOME)
def test_library_is_known_to_its_own_parts_only(library: str) -> None:
    """Each of these libraries is imported where the table says, and nowhere else."""
    assert {one for one, other in arrows() if other.split(".")[0] == library} <= AT_HOME[library]


def test_definitions_hold_no_logic() -> None:
    """definitions.py hands over what `okr_sync.orchestration` builds."""
    assert {part(one) for one in imports(ROOT / "definitions.py")} <= {"okr_sync.orchestration", "pathlib"}


def test_command_line_starts_without_slow_libraries() -> None:
    """`okr-sync --help` pays for no web server, no Dagster and no vendor's client."""
    script = f"import okr_sync.cli, sys; print([name for name in {SLOW!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
