"""Names of properties, which people write as they like, as names of fields."""

from __future__ import annotations

from okr_sync.names import snake


def field_name(name: str) -> str:
    """`Điểm NPS` is `diem_nps`; a name without a Latin letter or digit is `property`."""
    return snake(name, "property") or "property"
