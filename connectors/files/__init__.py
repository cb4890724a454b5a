"""Files: CSV, TSV, JSON lines, Parquet and Excel, in the project's folder or at an http(s) address.

The road of a record: `places` finds the files of a stream (`download` fetches those at an address), a reader of
`formats` gives them batch by batch, `header` names their columns, `columns` turns cells into values by the rules of
`values`, `reading` makes pages of them.
"""

from connectors.files.connector import Files

__all__ = ["Files"]
