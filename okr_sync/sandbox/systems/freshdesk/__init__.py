"""A stand-in for Freshdesk."""

from okr_sync.sandbox.systems.freshdesk.helpdesk import Freshdesk

SYSTEM = Freshdesk
