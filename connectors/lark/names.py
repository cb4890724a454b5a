"""Names that people gave, as formulas write them."""

from __future__ import annotations

import re
import unicodedata

_NO_LETTER = re.compile(r"[^a-z0-9]+")
_LETTERS = str.maketrans({"đ": "d", "Đ": "d"})  # letters of their own in Unicode, not a d with a mark


def field_name(name: str, field_id: str) -> str:
    """`Điểm NPS` is `diem_nps`. A name without any Latin letter or digit gives way to the field's id."""
    letters = unicodedata.normalize("NFKD", name.translate(_LETTERS).lower())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    found = _NO_LETTER.sub("_", plain).strip("_") or field_id.lower()
    return f"field_{found}" if found[0].isdigit() else found


def same_form(name: str) -> str:
    """é is one character, whichever way it is spelled."""
    return unicodedata.normalize("NFC", name.strip())
