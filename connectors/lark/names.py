"""Names that people gave to fields, as formulas write them."""

from __future__ import annotations

from okr_sync.names import snake


def field_name(name: str, field_id: str) -> str:
    """`Điểm NPS` is `diem_nps`. A name without any Latin letter or digit gives way to the field's id."""
    return snake(name, "field") or field_id.lower()
