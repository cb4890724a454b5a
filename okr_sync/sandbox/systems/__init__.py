"""The stand-ins, a package for each vendor. A new one needs no entry anywhere: its `SYSTEM` is found by the folder."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.system import System

SYSTEMS: tuple[str, ...] = tuple(sorted(one.name for one in iter_modules(__path__) if one.ispkg))


def make_system(name: str, agency: Agency, url: str, options: Any = None) -> System:
    """The stand-in in folder `name`; `options` are its own, and without them it behaves as the vendor usually does."""
    kind: Any = import_module(f"{__name__}.{name}").SYSTEM
    system: System = kind(agency, url) if options is None else kind(agency, url, options)
    return system
