"""Zendesk Support: tickets with their metrics, by the cursor-based incremental export.

`settings` is what a project says, `fields` says what a ticket is made of, `connector` reads the export.
"""

from connectors.zendesk.connector import Zendesk

__all__ = ["Zendesk"]
