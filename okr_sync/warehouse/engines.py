"""The engines that a warehouse can run on, by the scheme of its address."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from okr_sync.warehouse.duck import DuckWarehouse
from okr_sync.warehouse.place import Warehouse, WarehouseError

_POSTGRESQL = ("postgresql", "postgresql+psycopg")
_KINDS = "duckdb:///FOLDER or postgresql://USER:PASSWORD@HOST/DATABASE"


def open_warehouse(url: str, folder: Path, zone: ZoneInfo) -> Warehouse:
    """The warehouse at `url`; a relative path counts from `folder`, days begin and end in `zone`. Nothing is opened.

    Raises:
        WarehouseError: no engine has such an address, or its driver is not installed.
    """
    scheme, _, place = url.partition("://")
    if scheme == "duckdb" and place.startswith("/"):
        return DuckWarehouse(folder / place.removeprefix("/"), zone)
    if scheme in _POSTGRESQL:
        return _postgres(place, zone)
    seen = f"{scheme!r} is not a kind of warehouse" if place else "holds no address"  # which may hold a password
    raise WarehouseError(f"warehouse: {seen}; write {_KINDS}")


def _postgres(place: str, zone: ZoneInfo) -> Warehouse:
    try:
        from okr_sync.warehouse.postgres import PostgresWarehouse  # noqa: PLC0415 - its driver is optional
    except ImportError as error:
        raise WarehouseError("warehouse: PostgreSQL needs a driver: pip install 'okr-sync[postgres]'") from error
    return PostgresWarehouse(f"postgresql://{place}", zone)
