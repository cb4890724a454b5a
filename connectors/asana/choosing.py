"""What settings name, by id or by name, among what Asana has."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from connectors.asana.objects import Raws
from okr_sync.connector import SettingsError


def is_gid(wanted: int | str) -> bool:
    """Asana's ids are numbers."""
    return str(wanted).isdecimal()


def choose(where: str, wanted: int | str, known: Raws) -> dict[str, Any]:
    """The one that is meant, of those that Asana gave with `gid` and `name`.

    Raises:
        SettingsError: there is none, or several have this name.
    """
    text = str(wanted)
    found = [one for one in known if one["gid"] == text] or [one for one in known if one.get("name") == text]
    if not found:
        raise SettingsError(f"{where}: there is no {text!r} that the token may see{_nearest(text, known)}")
    if len(found) > 1:
        gids = ", ".join(one["gid"] for one in found)
        raise SettingsError(f"{where}: {len(found)} are called {text!r}; write the id of one: {gids}")
    return found[0]


def listed(known: Raws) -> str:
    """`'Website' (1202), 'SEO' (1203)`."""
    return ", ".join(f"{one.get('name')!r} ({one['gid']})" for one in known)


def _nearest(text: str, known: Raws) -> str:
    by_name = {str(name): one for one in known for name in (one["gid"], one.get("name"))}
    close = [by_name[name] for name in get_close_matches(text, by_name, n=3)]
    return f"; did you mean {listed(close)}?" if close else f"; it sees {len(known)}: {listed(known[:5])}"
