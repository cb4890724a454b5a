"""A stand-in for Zendesk Support."""

from okr_sync.sandbox.systems.zendesk.account import Zendesk

SYSTEM = Zendesk
