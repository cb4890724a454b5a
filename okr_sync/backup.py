"""A copy of what okr-sync keeps in files: the store's, and of the warehouse one for each source.

Whatever runs meanwhile, each file is one state of its database. They need not be of one moment: a run after a restore
reads from the checkpoints that were restored, lands what it finds again, and repeats nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from okr_sync.errors import OkrSyncError
from okr_sync.store import Store
from okr_sync.warehouse import DuckWarehouse, Warehouse

PATIENCE = timedelta(minutes=10)
"""How long a backup waits for a sync of a source to end."""
STORE_FILE, WAREHOUSE_FOLDER = "store.db", "warehouse"


@dataclass(frozen=True, slots=True)
class BackupReport:
    files: tuple[Path, ...]
    """What was written."""
    in_postgresql: tuple[str, ...]
    """What is kept there instead, whose own tools make its backups: `store`, `warehouse`."""


def back_up(store: Store, warehouse: Warehouse, sources: Iterable[str], folder: Path) -> BackupReport:
    """Copy into `folder`, which is there only once the copy is whole.

    Raises:
        OkrSyncError: the folder is there already, or cannot be written.
        WarehouseError: a source is still being synced after ten minutes.
    """
    if folder.exists():
        raise OkrSyncError(f"{folder} is there already; name a new folder, such as one with today's date")
    partial = folder.with_name(f"{folder.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)  # of a backup that was killed
        (partial / WAREHOUSE_FOLDER).mkdir(parents=True)
        has_file = store.copy_to(partial / STORE_FILE)
        copies = _copies(warehouse, sources, partial / WAREHOUSE_FOLDER)
        partial.rename(folder)
    except OSError as error:
        raise OkrSyncError(f"{folder} cannot be written: {error.strerror}; choose another place") from error
    files = [*([STORE_FILE] if has_file else []), *(f"{WAREHOUSE_FOLDER}/{one.name}" for one in copies or ())]
    left = [name for name, is_left in (("store", not has_file), ("warehouse", copies is None)) if is_left]
    return BackupReport(tuple(folder / one for one in files), tuple(left))


def _copies(warehouse: Warehouse, sources: Iterable[str], folder: Path) -> list[Path] | None:
    """One for each source of which something has landed; `None` where the warehouse is not in files."""
    if not isinstance(warehouse, DuckWarehouse):
        return None
    found = []
    for source in sources:
        with warehouse.lock(source, PATIENCE):
            copy = warehouse.copy_to(source, folder)
        if copy is not None:
            found.append(copy)
    return found
