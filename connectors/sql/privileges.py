"""What a user of PostgreSQL may do beyond reading."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from connectors.sql.database import Session
from connectors.sql.relation import Relation

_WRITING = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")


def unneeded_privileges(session: Session, relations: Iterable[Relation]) -> tuple[str, ...]:
    """`INSERT on public.visits`, for the tables that streams name; of tables inside of queries nothing is told."""
    if session.one(sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))[0]:
        return ("superuser",)
    names = [one.sql_name(session) for one in relations if one.table is not None]
    return tuple(
        f"{privilege} on {name}"
        for name in dict.fromkeys(names)
        for privilege in _WRITING
        if _has(session, name, privilege)
    )


def _has(session: Session, name: str, privilege: str) -> bool:
    asked = sa.text("SELECT has_table_privilege(:name, :privilege)").bindparams(name=name, privilege=privilege)
    return bool(session.one(asked)[0])
