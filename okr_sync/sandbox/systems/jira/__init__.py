"""A stand-in for Jira Cloud."""

from okr_sync.sandbox.systems.jira.site import Jira

SYSTEM = Jira
