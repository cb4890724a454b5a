"""Names of the tap as names of fields."""

from __future__ import annotations

from okr_sync.names import snake_of_camel


def field_name(name: str) -> str:
    """`closedAt` is `closed_at`, `user.login` is `user_login`; a name without a Latin letter or digit is `field`."""
    return snake_of_camel(name, "field") or "field"
