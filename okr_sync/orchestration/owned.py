"""Who owns an asset, as Dagster has it: a person by e-mail address, and anybody else as a team."""

from __future__ import annotations

import re

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}")
"""What Dagster takes for an e-mail address."""


def owners(*written: str | None) -> list[str]:
    """The first that is written, or nobody."""
    named = [one for one in written if one is not None]
    return [one if _EMAIL.fullmatch(one) else f"team:{one}" for one in named[:1]]
