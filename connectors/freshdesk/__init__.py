"""Freshdesk: tickets with their statistics and due times, deleted ones and spam included.

`settings` is what a project says, `fields` and `custom_fields` say what a ticket is made of, `choices` turns numbers
into the account's names, `walking` goes through a list that may not be read beyond its 300th page, `connector` reads
the lists.
"""

from connectors.freshdesk.connector import Freshdesk

__all__ = ["Freshdesk"]
