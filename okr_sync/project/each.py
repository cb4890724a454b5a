"""What `for_each:` says: a field of the streams, the values to go over, and what differs for single values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from okr_sync.project.located import Location
from okr_sync.project.wording import shown

Scalar = bool | int | float | str
_SHAPE = "write one field and its values: {project: [WEB, SEO]}"


class RollUp(StrEnum):
    """How the key results of a template become one."""

    MEAN = "mean"
    WORST = "worst"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class ForEach:
    """`field` is one of the streams that the metric reads; `differences` are given as the file has them."""

    field: str
    values: tuple[Scalar, ...]
    differences: Mapping[Scalar, Mapping[str, Any]] = dataclasses.field(default_factory=dict)

    @classmethod
    def parse(cls, raw: object) -> ForEach:
        """Read `{project: [WEB, SEO]}`, or `{project: {WEB: {target: 12%}, SEO: {}}}` with what differs.

        Raises:
            ValueError: it has another shape, no values, or one of them twice.
        """
        if isinstance(raw, ForEach):
            return raw
        if not isinstance(raw, dict) or len(raw) != 1:
            raise ValueError(f"{_seen(raw)} is not one field with its values; {_SHAPE}")
        ((name, held),) = raw.items()
        values = _values(held)
        if not values:
            raise ValueError(f"{name} lists no values, so there would be no key result; {_SHAPE}")
        kinds = [(type(value), value) for value in values]  # 1 is not true
        twice = next((value for n, (_, value) in enumerate(kinds) if kinds[n] in kinds[:n]), None)
        if twice is not None:
            raise ValueError(f"{shown(twice)} is listed twice; each value gives one key result")
        return cls(f"{name}", values, _differences(held) if isinstance(held, dict) else {})


@dataclass(frozen=True, slots=True)
class Only:
    """The records that a metric of a template counts: those whose `field` has one of `values`."""

    field: str
    values: tuple[Scalar, ...]
    key_result: str
    """The id of the key result it was made for: part of the names of all metrics below."""
    place: Location
    """Where the template's `for_each` is written, and the path of its field."""
    path: str


def _seen(raw: object) -> str:
    if isinstance(raw, dict) and len(raw) > 1:
        return f"a mapping of {len(raw)} fields ({', '.join(map(str, raw))})"
    return shown(raw)


def _values(held: object) -> tuple[Scalar, ...]:
    if isinstance(held, dict):
        return tuple(held)
    if not isinstance(held, list):
        raise ValueError(f"{shown(held)} is no list of values; {_SHAPE}")
    for value in held:
        if not isinstance(value, Scalar):
            raise ValueError(f"{shown(value)} is not a value to go over; write text, numbers, true or false")
    return tuple(held)


def _differences(held: Mapping[Scalar, object]) -> dict[Scalar, Mapping[str, Any]]:
    for value, fields in held.items():
        if not isinstance(fields, dict | None):
            raise ValueError(f"{shown(fields)} says nothing of {value}; write what differs: {value}: {{target: 12%}}")
    return {value: fields for value, fields in held.items() if isinstance(fields, dict)}


ForEachField = Annotated[
    ForEach,
    BeforeValidator(ForEach.parse),
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": {
                "anyOf": [
                    {
                        "type": "array",
                        "minItems": 1,
                        "uniqueItems": True,
                        "items": {"type": ["string", "number", "boolean"]},
                    },
                    {"type": "object", "minProperties": 1, "additionalProperties": {"type": ["object", "null"]}},
                ]
            },
            "description": "One key result for each of these values of a field: {project: [WEB, SEO]}",
        }
    ),
]
