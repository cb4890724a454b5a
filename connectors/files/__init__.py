"""Files: CSV, TSV, JSON lines, Parquet and Excel, in the project's folder or at an http(s) address.

The road of a record: `places` finds the files of a stream (`download` fetches those at an address), a reader of
`formats` gives their content batch by batch, `header` names the columns, `columns` turns cells into values by the rules
of `texts` and `natives`, `reading` makes pages of them. `declaration` is what the project says of the stream.
"""

from connectors.files.connector import Files

__all__ = ["Files"]
