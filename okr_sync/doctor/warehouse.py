"""What is well and what is not with the warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from okr_sync.doctor.finding import Examination, Finding, Health
from okr_sync.warehouse import SourceLog, Warehouse, WarehouseError


def examine_warehouse(warehouse: Warehouse, kind: str, sources: Iterable[str]) -> Examination:
    """Open what has landed of each source. One that cannot be read is a finding, never an exception."""
    return Examination("warehouse", kind, tuple(_findings(warehouse, sources)))


def _findings(warehouse: Warehouse, sources: Iterable[str]) -> Iterator[Finding]:
    for source in sources:
        try:
            landed = SourceLog(warehouse, source).describe()
        except WarehouseError as error:
            yield Finding(source, Health.BAD, str(error))
            continue
        records, versions = (sum(getattr(one, name) for one in landed) for name in ("record_count", "version_count"))
        text = f"{records:,} records, {versions:,} versions" if landed else "nothing has landed yet"
        yield Finding(source, Health.GOOD, text)
