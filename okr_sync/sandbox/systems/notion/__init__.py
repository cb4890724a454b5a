"""A stand-in for Notion."""

from okr_sync.sandbox.systems.notion.workspace import Notion

SYSTEM = Notion
