"""A stand-in for Intercom."""

from okr_sync.sandbox.systems.intercom.workspace import Intercom

SYSTEM = Intercom
