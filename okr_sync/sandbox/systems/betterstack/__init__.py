"""A stand-in for Better Stack Uptime."""

from okr_sync.sandbox.systems.betterstack.team import BetterStack

SYSTEM = BetterStack
