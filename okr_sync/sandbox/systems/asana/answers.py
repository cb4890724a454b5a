"""How Asana answers: the fields that were asked for and no others, lists in pages, errors in a list."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from okr_sync.sandbox.http import Json, RefusedError

LARGEST_PAGE = 100
LARGEST_LIST = 1000
"""How long a list without pages may be."""
_COMPACT = ("gid", "resource_type", "resource_subtype", "name")
_HELP = "https://developers.asana.com/docs/errors"

Wishes = dict[str, Any]
"""The paths of `opt_fields` as a tree: {"assignee": {"name": {}}}."""


def error(status: int, message: str, headers: Mapping[str, str] | None = None) -> RefusedError:
    return RefusedError(status, {"errors": [{"message": message, "help": _HELP}]}, headers)


def asana_time(moment: datetime | None) -> str | None:
    """In UTC, to the millisecond."""
    return None if moment is None else f"{moment.isoformat(timespec='milliseconds')[:23]}Z"


def wishes(opt_fields: str) -> Wishes:
    """Names that nobody knows are no error: nothing comes for them."""
    tree: Wishes = {}
    for path in filter(None, opt_fields.split(",")):
        branch = tree
        for step in path.split("."):
            branch = branch.setdefault(step, {})
    return tree


def shown(thing: Any, asked: Wishes) -> Any:
    """`thing` with its id and what was asked for."""
    if isinstance(thing, list):
        return [shown(one, asked) for one in thing]
    if not isinstance(thing, dict):
        return thing
    if not asked:
        return {key: thing[key] for key in _COMPACT if key in thing} if "gid" in thing else thing
    own = {"gid": thing["gid"]} if "gid" in thing else {}
    return own | {key: shown(thing[key], asked[key]) for key in asked if key in thing}


@dataclass(frozen=True, slots=True)
class Pages:
    """Cuts lists into pages, and remembers where one ended in a token that is good for `offset_life`."""

    url: str
    now: datetime
    offset_life: timedelta
    page_cap: int

    def page(self, path: str, query: Mapping[str, str], things: Sequence[Any], keys: Sequence[int]) -> Page:
        """The page that `query` asks for; `keys` are the ids of `things`, ascending."""
        limit = query.get("limit")
        if limit is None:
            if len(things) > LARGEST_LIST:
                raise error(
                    400, "The result is too large. You should use pagination (may require specifying a workspace)!"
                )
            return Page(things, None)
        if not limit.isdecimal() or not 1 <= int(limit) <= LARGEST_PAGE:
            raise error(400, f"limit: Value must be between 1 and {LARGEST_PAGE}: {limit}")
        scope = {name: value for name, value in query.items() if name not in ("limit", "offset")}
        first = bisect_right(keys, self._after(query["offset"], scope)) if "offset" in query else 0
        last = first + min(int(limit), self.page_cap)
        more = self._following(path, scope, keys[last - 1]) if last < len(things) else None
        return Page(things[first:last], more)

    def _following(self, path: str, scope: Mapping[str, str], last: int) -> Json:
        content = {"after": last, "at": self.now.timestamp(), "scope": scope}
        offset = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
        return {"offset": offset, "path": f"{path}?offset={offset}", "uri": f"{self.url}/api/1.0{path}?offset={offset}"}

    def _after(self, offset: str, scope: Mapping[str, str]) -> int:
        try:
            content = json.loads(base64.urlsafe_b64decode(offset))
            is_ours = content["scope"] == scope
        except (binascii.Error, ValueError, KeyError, TypeError):
            is_ours = False
        if not is_ours:
            raise error(400, "offset: Your pagination token is invalid.")
        if content["at"] < (self.now - self.offset_life).timestamp():
            raise error(400, "offset: Your pagination token has expired.")
        return int(content["after"])


@dataclass(frozen=True, slots=True)
class Page:
    things: Sequence[Any]
    following: Json | None
