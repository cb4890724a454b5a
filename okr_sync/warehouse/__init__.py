"""Where records live: an append-only log of versions per stream, one DuckDB file per source.

`log` writes (land, commit the checkpoint), `history` reads (versions with the span each one held).
"""

from okr_sync.warehouse.history import History, open_history
from okr_sync.warehouse.log import LandedStream, SourceLog, streams_by_source
from okr_sync.warehouse.merge import Landing, is_large_drop
from okr_sync.warehouse.place import Warehouse, WarehouseError
from okr_sync.warehouse.staging import Staging

__all__ = [
    "History",
    "LandedStream",
    "Landing",
    "SourceLog",
    "Staging",
    "Warehouse",
    "WarehouseError",
    "is_large_drop",
    "open_history",
    "streams_by_source",
]
