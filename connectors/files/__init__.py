"""Files: CSV, TSV, JSON lines, Parquet and Excel, in the project's folder, on the web or in a storage; Google Sheets.

The road of a record: `places` finds the files of a stream (`download` fetches those on the web, `storage` copies those
in S3 and the like, which `listing` finds there), a reader of `formats` gives their content batch by batch, `header`
names the columns, `columns` turns cells into values by the rules of `texts` and `natives`, `reading` makes pages of
them. `declaration` is what the project says of the stream.

A Google Sheet (`sheets`) is its CSV, whose cells hold what the sheet shows people, rounded as it shows it: `numbers`
reads 1.234,5 and ₫ 1.200.000 where the project says how they are written, and what it does not say is refused. In other
files, which programs write, a point begins a fraction unless `decimal:` says otherwise.
"""

from connectors.files.connector import Files

__all__ = ["Files"]
