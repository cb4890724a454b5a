"""What a pass raises when it meets something that a formula may not hold, and how a person is shown where."""

from __future__ import annotations

import re

from sqlglot import exp

from okr_sync.errors import OkrSyncError

TOO_DEEP = "this is nested too deeply; list values with in (...), make parts metrics of their own"


class Refused(OkrSyncError):
    """A formula that is not allowed; `start` and `end` are the offsets of the offending text, both included."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end

    @classmethod
    def at(cls, node: exp.Expr, message: str) -> Refused:
        return cls(message, *span(node))

    @classmethod
    def at_name(cls, call: exp.Expr, message: str) -> Refused:
        """The same for a call, underlining only the function's name."""
        start, _ = span(call)
        return cls(message, start, start + len(call.name) - 1)


def span(node: exp.Expr) -> tuple[int, int]:
    """The offsets of a node's first and last character, as far as its tokens were noted by the parser."""
    noted = [each.meta for each in node.walk() if "start" in each.meta]
    return min((meta["start"] for meta in noted), default=0), max((meta["end"] for meta in noted), default=0)


def excerpt(text: str, start: int, end: int) -> str:
    """The line of `text` that holds `start`, indented by two, the offence underlined; of a blank text nothing."""
    if not text.strip():
        return ""
    first = text.rfind("\n", 0, start) + 1
    line = text[first:].partition("\n")[0]
    before, offence = line[: start - first], line[start - first : end + 1 - first].rstrip()
    margin = re.sub(r"[^\t]", " ", before)
    return f"  {line.rstrip()}\n  {margin}{'^' * max(len(offence), 1)}"
