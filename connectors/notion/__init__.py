"""Notion: the rows of any data source, typed from its schema.

`settings` is what a project says; `properties` finds what a data source has, `values` reads what a row holds, `table`
joins these into a stream; `connection` talks to Notion, `rows` reads past its caps, `whole` past its cut values;
`connector` joins them.
"""

from connectors.notion.connector import Notion

__all__ = ["Notion"]
