"""Any Singer tap, run as a program of its own that writes its records on its standard output, a JSON object a line.

`settings` is what a project says, `catalog` what the tap says of its streams, `table` joins the two to one stream as
it is read. `tap` runs the tap, on `process` and `workplace`; `messages` reads its lines, `reading` makes pages of them,
and `connector` joins it all.

The format: https://github.com/singer-io/getting-started/blob/master/docs/SPEC.md. What it leaves open is taken as the
Meltano SDK (https://sdk.meltano.com) writes and reads it.
"""

from connectors.singer.connector import Singer

__all__ = ["Singer"]
