"""Names of the tap as names of fields."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans({"đ": "d", "Đ": "D"})  # letters of their own in Unicode, not a d with a mark
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_LETTER = re.compile(r"[^a-z0-9]+")


def field_name(name: str) -> str:
    """The name in formulas: `closedAt` and `Closed At` become `closed_at`, `user.login` becomes `user_login`.

    What such a name becomes is itself again. What would be empty or begin with a digit goes behind `field_`.
    """
    decomposed = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words = _NO_LETTER.sub("_", _HUMP.sub("_", plain).lower()).strip("_")
    return words if words[:1].isalpha() else f"field_{words}".rstrip("_")
