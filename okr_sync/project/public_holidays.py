"""Public holidays by country, from the library `holidays`, which is imported when a calendar names a country."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from functools import cache
from types import ModuleType

from okr_sync.errors import nearest
from okr_sync.project.wording import shown


def refuse_unknown(country: str, subdivision: str | None) -> None:
    """Raises ValueError where the library does not know the country, or this part of it."""
    known = _library().list_supported_countries(include_aliases=False)
    if country not in known:
        raise ValueError(f"{shown(country)} is not a country{_country_hint(country, known)}")
    parts = known[country]
    if subdivision is not None and subdivision not in parts:
        has = nearest(subdivision, parts) if parts else "; leave it out, the library has none for this country"
        raise ValueError(f"{shown(subdivision)} is not a part of {country}{has}")


@cache
def public_holidays(country: str, subdivision: str | None, first_year: int, last_year: int) -> frozenset[date]:
    """The public holidays of these years, moved ones on the day on which they are kept."""
    years = range(first_year, last_year + 1)
    return frozenset(_library().country_holidays(country, subdiv=subdivision, years=years))


@cache
def known_years(country: str) -> tuple[int, int]:
    """The first and the last year for which the library has the country's holidays."""
    found = _library().country_holidays(country)
    return int(found.start_year), int(found.end_year)


def _country_hint(country: str, known: Iterable[str]) -> str:
    """The code that is meant: in small letters, or the country's name in English."""
    if country.upper() in known:
        return f"; did you mean {country.upper()!r}?"
    codes = {type(_library().country_holidays(code)).__mro__[1].__name__.lower(): code for code in known}
    near = get_close_matches(country.replace(" ", "").lower(), codes, n=1, cutoff=0.8)
    return f"; did you mean {codes[near[0]]!r}?" if near else "; write its two letters of ISO 3166, such as VN"


@cache
def _library() -> ModuleType:
    import holidays  # noqa: PLC0415 - a tenth of a second that most commands do not need

    return holidays
