"""A stand-in for Asana."""

from okr_sync.sandbox.systems.asana.workspace import Asana as SYSTEM

__all__ = ["SYSTEM"]
