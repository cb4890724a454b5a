"""A stand-in for Jira, in the cloud or in a data center."""

from okr_sync.sandbox.systems.jira.site import Jira

SYSTEM = Jira
