"""Data sources, rows and their values in Notion's wire format."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from statistics import mean
from typing import Any

from okr_sync.sandbox.catalog import CLIENT_OF, CLIENTS, MEMBERS, ZONE, Client
from okr_sync.sandbox.records import Deal, SurveyAnswer
from okr_sync.sandbox.systems.notion.entries import Book, Entry, answer_id, client_id
from okr_sync.sandbox.systems.notion.schema import DATABASES, SOURCES, DataSource, Property, notion_id, option

Value = dict[str, Any]

BOT_ID = notion_id("bot")
MOST_REFERENCES = 25
"""How many a query gives, and works out rollups and formulas over."""
_CLIENT_BY_NAME = {one.name: one for one in CLIENTS}
_MANY_ANSWERS = 30


class Writer:
    """Writes what `book` has. Relations to a data source in `unshared` do not exist for the integration."""

    def __init__(self, book: Book, unshared: Collection[str], names: Mapping[str, str]) -> None:
        self.book = book
        self._unshared = unshared
        self._names = names

    def properties(self, source: DataSource) -> list[Property]:
        return [one for one in source.properties if one.config.get("data_source_id") not in self._unshared]

    def data_source(self, source: DataSource) -> Value:
        parent = {"type": "database_id", "database_id": source.database_id}
        described = {
            self._name(one): {
                "id": one.encoded_id,
                "name": self._name(one),
                "description": None,
                "type": one.kind,
                one.kind: dict(one.config),
            }
            for one in self.properties(source)
        }
        return {
            "object": "data_source",
            "id": source.id,
            "title": rich_text(source.name),
            "description": [],
            "parent": parent,
            "database_parent": {"type": "workspace", "workspace": True},
            "is_inline": False,
            "in_trash": False,
            "archived": False,
            "properties": described,
            "url": f"https://www.notion.so/{source.id.replace('-', '')}",
            "public_url": None,
        }

    def database(self, database_id: str) -> Value:
        return {
            "object": "database",
            "id": database_id,
            "title": rich_text(DATABASES[database_id]),
            "in_trash": False,
            "data_sources": [
                {"id": one.id, "name": one.name}
                for one in SOURCES.values()
                if one.database_id == database_id and one.id not in self._unshared
            ],
        }

    def page(self, entry: Entry, wanted: Collection[str] = (), *, tells_more: bool = True) -> Value:
        """A row as a query gives it, with the properties of the ids in `wanted`, or all of them."""
        source = SOURCES[entry.source_id]
        shown = [one for one in self.properties(source) if not wanted or one.id in wanted]
        values = {self._name(one): self.value(one, entry, MOST_REFERENCES) for one in shown}
        if not tells_more:
            for value in values.values():
                value.pop("has_more", None)
        editor = {"object": "user", "id": BOT_ID}
        return {
            "object": "page",
            "id": entry.id,
            "created_time": notion_time(entry.created_at),
            "last_edited_time": notion_time(entry.edited_at),
            "created_by": editor,
            "last_edited_by": editor,
            "cover": None,
            "icon": None,
            "parent": {"type": "data_source_id", "data_source_id": source.id, "database_id": source.database_id},
            "archived": entry.is_trashed,
            "in_trash": entry.is_trashed,
            "is_archived": False,
            "is_locked": False,
            "properties": values,
            "url": f"https://www.notion.so/{entry.id.replace('-', '')}",
            "public_url": None,
        }

    def value(self, one: Property, entry: Entry, most: int | None) -> Value:
        """A property of a row; relations, and what is worked out over them, stop at `most`."""
        written: Value = {"id": one.encoded_id, "type": one.kind}
        if one.kind == "relation":
            ids = self.related(one, entry)
            return written | {"relation": [{"id": i} for i in ids[:most]], "has_more": len(ids) > len(ids[:most])}
        if one.kind == "rollup":
            return written | {"rollup": self.rollup(one, entry, most)}
        return written | {one.kind: self._content(one, entry, most)}

    def related(self, one: Property, entry: Entry) -> list[str]:
        if isinstance(entry.record, Client):
            return [answer_id(answer) for answer in self.book.answers_of[entry.record.name]]
        client = self._client(entry.record)
        return [] if client is None else [client_id(client)]

    def targets(self, one: Property, entry: Entry, most: int | None) -> list[Value]:
        """The values that a rollup goes through."""
        source = SOURCES[entry.source_id]
        relation = next(each for each in source.properties if each.encoded_id == one.config["relation_property_id"])
        rows = [self.book.by_id[each] for each in self.related(relation, entry)[:most]]
        wanted = one.config["rollup_property_id"]
        found = [(row, each) for row in rows for each in SOURCES[row.source_id].properties if each.encoded_id == wanted]
        return [self.value(each, row, MOST_REFERENCES) for row, each in found]

    def rollup(self, one: Property, entry: Entry, most: int | None) -> Value:
        function, values = one.config["function"], self.targets(one, entry, most)
        if function == "show_original":
            without_ids = [{key: part for key, part in each.items() if key != "id"} for each in values]
            return {"type": "array", "array": without_ids, "function": function}
        if function == "count":
            return {"type": "number", "number": len(values), "function": function}
        numbers = [each["number"] for each in values if each["number"] is not None]
        if not numbers:
            return {"type": "number", "number": None, "function": function}
        return {"type": "number", "number": sum(numbers) if function == "sum" else mean(numbers), "function": function}

    def _name(self, one: Property) -> str:
        return self._names.get(one.id, one.name)

    def _client(self, record: SurveyAnswer | Deal) -> Client | None:
        return CLIENT_OF.get(record.client) if isinstance(record, Deal) else _CLIENT_BY_NAME.get(record.client)

    def _content(self, one: Property, entry: Entry, most: int | None) -> Any:
        record = entry.record
        if isinstance(record, SurveyAnswer):
            return _of_answer(one.id, record)
        if isinstance(record, Deal):
            return _of_deal(one.id, record)
        if one.kind == "formula":
            count = len(self.book.answers_of[record.name][:most])
            return {"type": "boolean", "boolean": count > _MANY_ANSWERS}
        return {
            "title": rich_text(record.name),
            "tAg0": rich_text(record.tag),
            "rvNu": self.book.revenue_of[record.tag],
        }[one.id]


def _of_answer(property_id: str, one: SurveyAnswer) -> Any:
    match property_id:
        case "title":
            return rich_text(f"{one.client} {one.answered_at.astimezone(ZONE):%d/%m}")
        case ":UPp":
            return one.score
        case "c{}t":
            return option(one.client) if one.client else None
        case "d%8t":
            return notion_date(one.answered_at)
        case "nX~q":
            return rich_text(one.comment)
    return {"type": "string", "string": _group(one.score)}


def _group(score: int | None) -> str | None:
    if score is None:
        return None
    return "promoter" if score >= 9 else "detractor" if score <= 6 else "passive"


def _of_deal(property_id: str, one: Deal) -> Any:
    owners = [member for member in MEMBERS if member.handle == one.owner]
    return {
        "title": rich_text(one.name),
        "sT:g": option(one.stage),
        "aMt|": one.amount,
        "eNd#": notion_date(one.contract_ends_on),
        "oWn^": [person(member.handle, member.name, member.email) for member in owners],
        "uPs&": one.is_upsell,
    }[property_id]


def person(handle: str, name: str, email: str) -> Value:
    return {
        "object": "user",
        "id": notion_id(f"user {handle}"),
        "name": name,
        "avatar_url": None,
        "type": "person",
        "person": {"email": email},
    }


def rich_text(text: str | None) -> list[Value]:
    if not text:
        return []
    plain = {"type": "text", "text": {"content": text, "link": None}, "plain_text": text, "href": None}
    return [plain | {"annotations": {"bold": False, "italic": False, "color": "default"}}]


def notion_time(moment: datetime) -> str:
    return f"{moment.isoformat()[:19]}.000Z"


def notion_date(moment: datetime | date | None) -> Value | None:
    """A day as it is; a time with the offset of the one who wrote it."""
    if moment is None:
        return None
    if isinstance(moment, datetime):
        start = moment.astimezone(ZONE).isoformat(timespec="milliseconds")
    else:
        start = moment.isoformat()
    return {"start": start, "end": None, "time_zone": None}


def property_items(writer: Writer, one: Property, entry: Entry) -> Sequence[Value]:
    """What the address of a single property lists: the members of the value, or what a rollup goes through."""
    whole = writer.value(one, entry, None)
    if one.kind != "rollup":
        return [
            {"object": "property_item", "id": one.encoded_id, "type": one.kind, one.kind: m} for m in whole[one.kind]
        ]
    if one.config["function"] == "show_original":
        return [{"object": "property_item", **each} for each in writer.targets(one, entry, None)]
    relation = next(
        each for each in SOURCES[entry.source_id].properties if each.encoded_id == one.config["relation_property_id"]
    )
    return property_items(writer, relation, entry)
