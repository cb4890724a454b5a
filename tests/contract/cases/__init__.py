"""A case for each connector. A new one is found by its file."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tests.contract.case import Case

ELSEWHERE = {
    "files": "reads files: tests/connectors/files",
    "singer": "runs a program: tests/connectors/singer",
    "sql": "speaks to databases: tests/connectors/sql",
}
"""Connectors that no stand-in over HTTP can serve, and where they are held to the same rules."""

CASES: dict[str, Case] = {one.name: import_module(f"{__name__}.{one.name}").CASE for one in iter_modules(__path__)}
