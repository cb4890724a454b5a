"""Jira Cloud: issues, by REST API v3.

`settings` is what a project says, `fields` and `values` say what an issue is made of, `site` talks to Jira,
`connector` joins them.
"""

from connectors.jira.connector import Jira

__all__ = ["Jira"]
