"""Jira: issues and their changes, worklogs, sprints, projects and SLAs.

`settings` is what a project says; `fields` and `values` say what an issue is made of, `custom_fields` and `agile_fields`
find what each site numbers anew; `site` talks to Jira, `cloud` and `data_center` in the ways of each; `changed` goes
through the issues that changed; `changelog`, `worklogs`, `lists` and `slas` are a stream each; `connector` joins them.
"""

from connectors.jira.connector import Jira

__all__ = ["Jira"]
