"""Queries as text. What comes from a project is a checked name, or a condition that stands in its own parentheses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

OVERLAP = timedelta(minutes=10)
"""How far a read goes back before the end of the last one: a long transaction commits with the time it began."""


def moment(at: datetime) -> str:
    """SOQL knows seconds. In UTC and without an offset, whose plus sign an address would turn into a space."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def select(paths: Iterable[str], of: str, conditions: Iterable[str | None], order: Sequence[str] = ()) -> str:
    where = " AND ".join(f"({one})" for one in conditions if one)
    query = f"SELECT {', '.join(paths)} FROM {of}"  # noqa: S608 - names are checked by settings
    if where:
        query += f" WHERE {where}"
    return f"{query} ORDER BY {', '.join(order)}" if order else query


def changed(cursor: str, since: datetime | None, reread: str | None) -> str | None:
    """Records changed since then, with the overlap, and those that change without a change of the cursor."""
    if since is None:
        return None
    condition = f"{cursor} >= {moment(since - OVERLAP)}"
    return f"({condition}) OR ({reread})" if reread else condition


def behind(cursor: str, at: datetime, record_id: str) -> str:
    """What follows a record in the order of `cursor` and id: many records may share one second."""
    return f"({cursor} = {moment(at)} AND Id > '{record_id}') OR ({cursor} > {moment(at)})"


def among(ids: Iterable[str], name: str = "Id") -> str:
    listed = ", ".join(f"'{one}'" for one in ids)
    return f"{name} IN ({listed})"
