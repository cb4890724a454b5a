"""HubSpot CRM: deals, contacts, companies, tickets, line items, feedback submissions, custom objects.

`settings` is what a project says. `objects` is the table of standard streams; `pipelines` and `properties` add what
only the account knows, and `streams` joins these. `api` knows the addresses, `habits` how HubSpot says no, `window`
goes through a search so that nothing is left out, `past` rebuilds what records were, `endings` tells what is gone,
`connector` reads.
"""

from connectors.hubspot.connector import HubSpot

__all__ = ["HubSpot"]
