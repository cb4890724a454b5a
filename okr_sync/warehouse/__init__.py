"""Where records live: an append-only log of versions per stream, in DuckDB or PostgreSQL.

`log` writes (land, commit the checkpoint), `history` reads (versions with the span each one held).
"""

from okr_sync.warehouse.duck import DuckWarehouse
from okr_sync.warehouse.ends import End
from okr_sync.warehouse.engines import open_warehouse
from okr_sync.warehouse.history import History
from okr_sync.warehouse.log import LandedStream, SourceLog, streams_by_source
from okr_sync.warehouse.merge import Landing, is_large_drop
from okr_sync.warehouse.place import Warehouse, WarehouseError
from okr_sync.warehouse.staging import Staging

__all__ = [
    "DuckWarehouse",
    "End",
    "History",
    "LandedStream",
    "Landing",
    "SourceLog",
    "Staging",
    "Warehouse",
    "WarehouseError",
    "is_large_drop",
    "open_warehouse",
    "streams_by_source",
]
