"""Jira: issues and their changes, worklogs, sprints, projects and SLAs.

`settings` is what a project says; `fields`, `issues` and `values` say what an issue is made of, `custom_fields` and
`agile_fields` find what each site numbers anew; `client` and `site` talk to Jira, `cloud` and `data_center` in the ways
of each; `changed` goes through the issues that changed; `changelog`, `worklogs`, `lists` and `slas` hold the other
streams; `connector` joins them.
"""

from connectors.jira.connector import Jira

__all__ = ["Jira"]
