"""A field of a stream, and what SOQL asks for to read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.salesforce.values import READERS
from okr_sync.connector import Field, FieldType, Value
from okr_sync.http.columns import Column, column
from okr_sync.http.values import member, to_number, to_timestamp

Raw = dict[str, Any]
"""A record as Salesforce sends it: `{"Id": "006…", "Account": {"Name": "…"}}`."""


@dataclass(frozen=True, slots=True)
class Asked:
    column: Column[Raw]
    paths: tuple[str, ...]
    """API names, such as `StageName`, or `Account.Name` for one of a parent's."""

    @property
    def name(self) -> str:
        return self.column.field.name


def asked(name: str, kind: FieldType, path: str, description: str) -> Asked:
    return Asked(column(name, kind, path, description, READERS), (path,))


def text(name: str, path: str, description: str) -> Asked:
    return asked(name, FieldType.TEXT, path, description)


def number(name: str, path: str, description: str) -> Asked:
    return asked(name, FieldType.NUMBER, path, description)


def boolean(name: str, path: str, description: str) -> Asked:
    return asked(name, FieldType.BOOLEAN, path, description)


def day(name: str, path: str, description: str) -> Asked:
    return asked(name, FieldType.DATE, path, description)


def time(name: str, path: str, description: str) -> Asked:
    return asked(name, FieldType.TIMESTAMP, path, description)


def hours(name: str, path: str, description: str) -> Asked:
    """Salesforce counts in minutes."""

    def read(raw: Raw) -> Value:
        minutes = raw.get(path)
        return None if minutes is None else to_number(minutes) / 60

    return Asked(Column(Field(name, FieldType.NUMBER, description, unit="hours"), read), (path,))


def _overdue_since(raw: Raw) -> datetime | None:
    """When a milestone that is not completed ran past its target: Salesforce then changes no time of the record."""
    is_violated, target = raw.get("IsViolated") in (True, "true"), raw.get("TargetDate")
    return to_timestamp(target) if is_violated and target and not raw.get("CompletionDate") else None


def _milestone_changed_at(raw: Raw) -> Value:
    return max(filter(None, (to_timestamp(raw.get("SystemModstamp")), _overdue_since(raw))))


MILESTONE_UPDATED_AT = Asked(
    Column(
        Field("updated_at", FieldType.TIMESTAMP, "When anything of it last changed, or it ran past its target"),
        _milestone_changed_at,
    ),
    ("SystemModstamp", "IsViolated", "TargetDate", "CompletionDate"),
)


def record_name(object_name: str) -> Callable[[Raw], str]:
    return lambda raw: f"{object_name} {member(raw, 'Id')}"
