"""Why a record ended: what its tombstone keeps.

A tombstone that the source sent has a hash of its content like every version. One that is made here, for a record that
a whole read or a census did not list, or of which the source does not tell since when it is deleted, has the reason in
its place, so that logs of every age tell it.
"""

from __future__ import annotations

from enum import StrEnum


class End(StrEnum):
    DELETED = "deleted"
    """The source said so."""
    NOT_VISIBLE = "no longer visible"
    """It was not listed any more: deleted, or the account may not see it; the source does not tell."""
    OUT_OF_SCOPE = "out of scope"
    """It was not listed by the first read with other settings: they do not choose it, or it was deleted meanwhile."""


MADE_HERE = {End.DELETED: "deleted", End.NOT_VISIBLE: "gone", End.OUT_OF_SCOPE: "out of scope"}
"""What stands for the hash of a tombstone whose time is ours: no source told it."""


def is_made_here(hash_column: str) -> str:
    """SQL for whether a tombstone was made here."""
    return f"{hash_column} IN ({', '.join(map(_literal, MADE_HERE.values()))})"


def end_of(found: str) -> End:
    """Why a record ended, by the hash of its tombstone."""
    return next((end for end, word in MADE_HERE.items() if word == found), End.DELETED)


def _literal(text: str) -> str:
    return f"'{text}'"  # one of the words above
