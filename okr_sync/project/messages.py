"""What pydantic says of a value, in the words of people who write project files. One row for each kind of error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from okr_sync.errors import nearest
from okr_sync.project.fields import IDENTIFIER

_KINDS = {
    "text": ("string_type",),
    "a whole number": ("int_type", "int_parsing", "int_parsing_size", "int_from_float"),
    "a number": ("float_type", "float_parsing", "finite_number"),
    "true or false": ("bool_type", "bool_parsing"),
    "a list": ("list_type", "tuple_type", "set_type", "frozen_set_type"),
    "a mapping (name: value)": ("dict_type", "mapping_type", "model_type", "model_attributes_type"),
    "a day such as 2026-10-01": ("date_type", "date_parsing", "date_from_datetime_parsing"),
    "an address such as https://example.org": ("url_type", "url_parsing", "url_scheme"),
}
_NOUNS = {kind: noun for noun, kinds in _KINDS.items() for kind in kinds}

Context = Mapping[str, Any]
_RULES: Mapping[str, Callable[[Context, str], str]] = {
    "greater_than": lambda rule, seen: f"{seen} is too small; write a number above {rule['gt']:g}",
    "greater_than_equal": lambda rule, seen: f"{seen} is too small; write {rule['ge']:g} or more",
    "less_than": lambda rule, seen: f"{seen} is too large; write a number below {rule['lt']:g}",
    "less_than_equal": lambda rule, seen: f"{seen} is too large; write {rule['le']:g} or less",
    "string_too_short": lambda rule, seen: f"{seen} is too short; its length is {rule['min_length']} or more",
    "string_too_long": lambda rule, seen: f"{seen} is too long; its length is {rule['max_length']} at most",
    "too_short": lambda rule, _: f"has {rule['actual_length'] or 'no'} entries; write at least {rule['min_length']}",
    "too_long": lambda rule, _: f"has too many entries; write at most {rule['max_length']}",
}
"""How a rule that was broken is told, from pydantic's context of the error and the value as it may be shown."""


def is_about_type(kind: str) -> bool:
    """Whether errors of this kind say that the value is of another type than the field."""
    return kind in _NOUNS


def wrong_type(kinds: Iterable[str], seen: str, is_quotable: bool) -> str:
    """The message for a value of none of the types that its field allows."""
    nouns = list(dict.fromkeys(_NOUNS[kind] for kind in kinds))
    hint = "; put it in quotes" if nouns == ["text"] and is_quotable else ""
    return f"{seen} is not {' or '.join(nouns)}{hint}"


def broken_rule(kind: str, context: Context, seen: str) -> str | None:
    """The message for a value that breaks a rule of its field; `None` for a kind that no row covers."""
    if kind in ("literal_error", "enum"):
        return _not_one_of(context["expected"], seen)
    if kind == "string_pattern_mismatch":
        is_name = context["pattern"] == IDENTIFIER
        allowed = "lower case letters, digits and _, with a letter first" if is_name else context["pattern"]
        return f"{seen} does not fit; write {allowed}"
    return _RULES[kind](context, seen) if kind in _RULES else None


def _not_one_of(expected: str, seen: str) -> str:
    hint = nearest(seen.strip("'"), re.findall(r"'([^']*)'", expected))
    return f"{seen} is not one of {expected}{hint if hint.startswith('; did') else ''}"
