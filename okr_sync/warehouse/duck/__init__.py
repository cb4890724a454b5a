"""DuckDB as the warehouse: one file and one lock for each source, in a folder."""

from okr_sync.warehouse.duck.place import DuckWarehouse
from okr_sync.warehouse.duck.transaction import SQL_TYPES

__all__ = ["SQL_TYPES", "DuckWarehouse"]
