"""The account's own names for the numbers in a ticket, as `GET /api/v2/ticket_fields` lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

TicketFieldInfo = Mapping[str, Any]
"""A field as the account describes it: name, label, type, choices."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Names by field (`status`) and by number, written as a text."""

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def name(self, field_name: str, number: object) -> str | None:
        return self.names.get(field_name, {}).get(str(number))


def read_choices(account_fields: Sequence[TicketFieldInfo]) -> Choices:
    """Statuses are listed as number: [name for agents, name for customers], the others as name: number."""
    return Choices({str(one.get("name")): _names(one.get("choices")) for one in account_fields})


def _names(choices: object) -> dict[str, str]:
    if not isinstance(choices, dict):
        return {}
    names: dict[str, str] = {}
    for key, value in choices.items():
        if isinstance(value, list):
            names[str(key)] = str(value[0]) if value else str(key)
        else:
            names[str(value)] = str(key)
    return names
