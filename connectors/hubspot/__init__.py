"""HubSpot CRM: deals, contacts, companies, tickets, line items, feedback submissions, custom objects.

`settings` is what a project says. `objects` is the table of standard streams, `pipelines` and `properties` add what only
the account knows: names of stages, custom properties. `api` knows addresses, `habits` the ways in which HubSpot says no.
`reading` goes through a search in a way that loses nothing, `connector` joins them.
"""

from connectors.hubspot.connector import HubSpot

__all__ = ["HubSpot"]
