"""Dagster's entry point: the project named by OKR_SYNC_PROJECT, else that of the current folder, else the demo."""

from okr_sync.orchestration import defs

__all__ = ["defs"]
