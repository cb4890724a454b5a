"""JMESPath: the notation for a place inside an answer (https://jmespath.org)."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator


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
