"""Salesforce: opportunities, leads, accounts, cases with their milestones, field history, and any other object.

`settings` is what a project says; `streams` declares what every org has, of `fields` that `values` reads; `describing`
asks the org for the rest; `resolving` joins the two. `soql` writes queries, `querying` and `bulk` are the two ways to
read one, `past` rebuilds what records were, `session` signs in, `faults` says what Salesforce's errors mean.
"""

from connectors.salesforce.connector import Salesforce

__all__ = ["Salesforce"]
