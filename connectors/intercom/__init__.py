"""Intercom: conversations with their statistics, SLA and ratings.

`settings` is what a project says, `fields` says what a conversation is made of, `searching` asks for conversations page
by page, `deletions` lists those that are gone, `faults` knows Intercom's way to say when to come back, `connector`
joins them.
"""

from connectors.intercom.connector import Intercom

__all__ = ["Intercom"]
