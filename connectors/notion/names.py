"""Names of properties, which people write as they like, as names of fields."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans({"đ": "d", "Đ": "D"})  # letters of their own in Unicode, not a d with a mark
_NO_LETTER = re.compile(r"[^a-z0-9]+")


def field_name(name: str) -> str:
    """The name in formulas: `Điểm NPS` becomes `diem_nps`.

    What would be empty or begin with a digit goes behind `property_`.
    """
    decomposed = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words = _NO_LETTER.sub("_", plain.lower()).strip("_")
    return words if words[:1].isalpha() else f"property_{words}".rstrip("_")


def same_form(name: str) -> str:
    """A property's own name without blanks around it; ệ is one character, whichever way it is spelled."""
    return unicodedata.normalize("NFC", name.strip())
