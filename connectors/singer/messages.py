"""The messages of a tap: one JSON object a line."""

from __future__ import annotations

import json
import re
from typing import Any

Message = dict[str, Any]

_MEMBERS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "RECORD": {"stream": str, "record": dict},
    "SCHEMA": {"stream": str, "schema": dict, "key_properties": (list, type(None))},
    "STATE": {"value": object},
    "ACTIVATE_VERSION": {"stream": str, "version": int},
    "BATCH": {"stream": str},
}
"""What a message of each kind must have. Other kinds are allowed, and mean nothing here."""
_HALF_LETTER = re.compile(rb"\\u[dD][89a-fA-F]")
"""One half of a letter that JSON writes in two, such as an emoji. Alone, as where a text was cut, it is no text."""


def parse_message(line: bytes) -> Message:
    """The message, its `type` in capitals.

    Raises:
        ValueError: it is none.
    """
    try:
        message = _DECODER.decode(line.decode())
        if _HALF_LETTER.search(line):
            json.dumps(message, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("JSON that is nested too deeply") from error
    except ValueError as error:
        raise ValueError("no JSON") from error
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise ValueError("no object with a type")
    message["type"] = message["type"].upper()
    for name, kind in _MEMBERS.get(message["type"], {}).items():
        if name not in message or not isinstance(message[name], kind):
            raise ValueError(f"a {message['type']} whose {name!r} is missing or is none")
    return message


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
