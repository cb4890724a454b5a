"""Zendesk Support: tickets with their metrics, results of SLA policies, satisfaction ratings and schedules.

`settings` is what a project says and `connector` what is asked for each stream. Tickets: `fields` and `custom_fields`
say what one is made of, `export` reads them, and with `changes` `past` rebuilds what they were. SLA results: `events`
are what Zendesk tells, `results` is what they amount to, `sla` reads them. `ratings` and `schedules` are one file each;
`paging` follows cursors.
"""

from connectors.zendesk.connector import Zendesk

__all__ = ["Zendesk"]
