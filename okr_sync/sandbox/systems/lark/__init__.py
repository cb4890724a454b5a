"""A stand-in for Lark."""

from okr_sync.sandbox.systems.lark.tenant import Lark

SYSTEM = Lark
