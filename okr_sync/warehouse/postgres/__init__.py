"""PostgreSQL as the warehouse: one schema for each source, in a database that several machines may use."""

from okr_sync.warehouse.postgres.place import PostgresWarehouse

__all__ = ["PostgresWarehouse"]
