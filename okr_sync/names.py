"""Names that people gave in other systems, as names that formulas can write."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans({"đ": "d", "Đ": "D"})  # letters of their own in Unicode, not a d with a mark
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_LETTER = re.compile(r"[^a-z0-9]+")


def snake(name: str, prefix: str) -> str:
    """`Điểm NPS` is `diem_nps`: Latin letters without their marks, digits, and `_` for everything else.

    What would begin with a digit goes behind `prefix`; a name without a single Latin letter or digit gives "".
    """
    words = _NO_LETTER.sub("_", _plain(name).lower()).strip("_")
    return f"{prefix}_{words}" if words[:1].isdigit() else words


def snake_of_camel(name: str, prefix: str) -> str:
    """The same for names of programs: `closedAt` is `closed_at`, too."""
    return snake(_HUMP.sub("_", _plain(name)), prefix)


def same_form(name: str) -> str:
    """A name without blanks around it; é is one character, whichever way it is spelled."""
    return unicodedata.normalize("NFC", name.strip())


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
