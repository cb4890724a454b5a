"""JMESPath: the notation for a place inside an answer (https://jmespath.org)."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator

_NO = ("", "false", "0", "no", "n", "f", "null")
_PROJECTIONS = ("projection", "value_projection", "filter_projection", "flatten")


@lru_cache(maxsize=1024)
def _compiled(path: str) -> Any:
    return jmespath.compile(path)


def _checked(path: str) -> str:
    try:
        _compiled(path)
    except JMESPathError as error:
        raise ValueError(f"{path!r} is not a JMESPath: {' '.join(str(error).split())}") from None
    return path


JmesPath = Annotated[str, AfterValidator(_checked)]


def find(path: str, content: Any) -> Any:
    """What is at `path`, or `None`. Raises ValueError where a function in it meets what it cannot take."""
    try:
        return _compiled(path).search(content)
    except JMESPathError as error:
        raise ValueError(f"{path!r}: {error}") from None


def is_true(value: Any) -> bool:
    """Whether a place in an answer says yes: CSVs, and some APIs, write no as a text."""
    return value.strip().lower() not in _NO if isinstance(value, str) else bool(value)


def changes_count(path: str) -> bool:
    """Whether `path` may give more or fewer values than the one list it finds: by a filter, or by lists in lists."""
    return _changes_count(_compiled(path).parsed)


def _changes_count(node: Any) -> bool:
    if not isinstance(node, dict):
        return False
    kind, children = node["type"], node["children"]
    return (
        kind in ("filter_projection", "slice")
        or (kind == "flatten" and any(map(_is_projection, children)))
        or any(map(_changes_count, children))
    )


def _is_projection(node: Any) -> bool:
    return isinstance(node, dict) and (node["type"] in _PROJECTIONS or any(map(_is_projection, node["children"])))
