"""Values that a query gives in part: it stops at 25 references, and works out rollups and formulas over these alone.

The whole ones come from the address of a single property of a page, at a request or more for each
(https://developers.notion.com/reference/property-item-object).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from connectors.notion.standard import TITLE_ID, Row, name_of
from connectors.notion.table import Table
from okr_sync.connector import IncompleteError
from okr_sync.http.guard import PageGuard

if TYPE_CHECKING:
    from connectors.notion.connection import Connection

_MOST_REFERENCES = 25
_REFERENCES = ("relation", "people")
_TEXTS = ("title", "rich_text")


def complete(connection: Connection, where: str, table: Table, row: Row) -> Row:
    """The row with every value whole that the table takes."""
    values = row["properties"]
    is_relation_cut = any(one["type"] == "relation" and _is_cut(one) for one in values.values())
    wanted = {TITLE_ID: False} | {one.id: one.is_computed for one in table.taken}
    cut = [
        one
        for one, is_computed in wanted.items()
        if one in values and ((is_computed and is_relation_cut) or _is_cut(values[one]))
    ]
    whole = {one: _whole(connection, where, row, values[one]["id"]) for one in cut}
    return {**row, "properties": {**values, **whole}} if whole else row


def _is_cut(value: dict[str, Any]) -> bool:
    kind: str = value["type"]
    inner = value.get(kind) or {}
    if kind == "rollup":
        members: list[Any] = inner.get("array") or []
        return bool(inner.get("type") == "incomplete") or len(members) >= _MOST_REFERENCES
    if kind in _REFERENCES:
        # Not every version says whether there are more.
        return bool(value.get("has_more", len(inner) >= _MOST_REFERENCES))
    if kind in _TEXTS:
        return len([one for one in inner if one.get("type") == "mention"]) >= _MOST_REFERENCES
    return False


def _whole(connection: Connection, where: str, row: Row, encoded_id: str) -> dict[str, Any]:
    answers = list(_answers(connection, f"{where}: {name_of(row)}: property {encoded_id}", row["id"], encoded_id))
    last = answers[-1]
    if last.get("object") != "list":
        return last
    described = last["property_item"]
    items = [one for answer in answers for one in answer["results"]]
    kind = described["type"]
    if kind != "rollup":
        return {"id": encoded_id, "type": kind, kind: [one[kind] for one in items], "has_more": False}
    rollup = described["rollup"]
    if rollup["type"] == "array":
        rollup = {"type": "array", "array": [_as_value(one) for one in items]}
    return {"id": encoded_id, "type": "rollup", "rollup": rollup}


def _as_value(item: dict[str, Any]) -> dict[str, Any]:
    """An item of a rollup as the value of a property. Parts of a text come one by one, without their borders."""
    kind = item["type"]
    if kind in _TEXTS:
        return {"type": "unsupported", "unsupported": {}}
    return {"type": kind, kind: [item[kind]] if kind in _REFERENCES and isinstance(item[kind], dict) else item[kind]}


def _answers(connection: Connection, where: str, page: str, encoded_id: str) -> Iterator[dict[str, Any]]:
    guard = PageGuard(where)
    cursor: str | None = None
    while True:
        answer = connection.property_item(page, encoded_id, cursor)
        is_list = answer.get("object") == "list"
        if is_list and not {"results", "has_more", "property_item"} <= answer.keys():
            raise IncompleteError(f"{where}: an answer without results, has_more or property_item")
        yield answer
        if not is_list or not answer["has_more"]:
            return
        cursor = answer.get("next_cursor")
        if not cursor:
            raise IncompleteError(f"{where}: Notion says that more values follow, but not where")
        guard.check(cursor, len(answer["results"]))
