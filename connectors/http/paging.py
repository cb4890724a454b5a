"""From one page to the next: what to add to the request, or which address to ask instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from connectors.http.paths import find, is_true
from connectors.http.stream import Paging

LINK = re.compile(r'<([^>]*)>[^,]*;\s*rel="?next"?', re.IGNORECASE)


class MisplacedError(Exception):
    """The answer does not have what leads to the next page where it is declared to be."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page is: at `address`, if an answer named it, and else by `params`."""

    params: Mapping[str, str | int] = field(default_factory=dict)
    address: str | None = None

    @property
    def token(self) -> str:
        """What tells this page from others."""
        return self.address or repr(sorted(self.params.items()))


@dataclass(frozen=True, slots=True)
class Seen:
    """A page that was read, and where it was."""

    position: Position
    content: Any
    headers: Mapping[str, str]
    records: Sequence[dict[str, Any]]
    read_count: int
    """How many records were read up to its end."""
    total: int | None
    """How many the whole has, where the answer says so."""


def first_position(paging: Paging | None) -> Position:
    if paging is not None and paging.offset is not None:
        return Position({paging.offset.param: 0, paging.offset.size_param: paging.offset.size})
    if paging is not None and paging.page is not None:
        return Position({paging.page.param: paging.page.first})
    return Position()


def next_position(paging: Paging | None, seen: Seen) -> Position | None:
    """The page after `seen`, or `None` where that was the last one."""
    if paging is None:
        return None
    way = next(name for name in _WAYS if name in paging.model_fields_set)
    if way in ("offset", "page") and (not seen.records or (seen.total is not None and seen.read_count >= seen.total)):
        return None  # these ask for one page more than there is, unless the answers count
    return _WAYS[way](paging, seen)


def _token(paging: Paging, seen: Seen) -> Position | None:
    assert paging.token is not None  # noqa: S101 - it is the way that was chosen; so below
    token = find(paging.token.at, seen.content)
    return Position({paging.token.param: token}) if token else None


def _offset(paging: Paging, seen: Seen) -> Position:
    assert paging.offset is not None  # noqa: S101
    return Position({**seen.position.params, paging.offset.param: seen.read_count})


def _page(paging: Paging, seen: Seen) -> Position:
    assert paging.page is not None  # noqa: S101
    return Position({paging.page.param: int(seen.position.params[paging.page.param]) + 1})


def _last_key(paging: Paging, seen: Seen) -> Position | None:
    assert paging.last_key is not None  # noqa: S101
    more = find(paging.last_key.more, seen.content)
    if more is None:
        raise MisplacedError(f"paging.last_key.more: the answer has no {paging.last_key.more!r} to say if more follow")
    if not is_true(more):
        return None
    last = find(paging.last_key.at, seen.records[-1]) if seen.records else None
    if last is None:
        raise MisplacedError(f"paging.last_key.at: more follow, but there is no {paging.last_key.at!r} to follow")
    return Position({paging.last_key.param: str(last)})


def _link(paging: Paging, seen: Seen) -> Position | None:
    assert paging.link is not None  # noqa: S101
    return _at(seen, find(paging.link, seen.content))


def _link_header(_: Paging, seen: Seen) -> Position | None:
    found = LINK.search(seen.headers.get("Link", ""))
    return _at(seen, found[1] if found else None)


def _at(seen: Seen, link: Any) -> Position | None:
    """A link may be whole, or relative to the page that has it."""
    if not link:
        return None
    try:
        return Position(address=urljoin(seen.position.address or "", str(link)))
    except ValueError:
        raise MisplacedError("paging: the link to the next page is no address") from None


_WAYS: Mapping[str, Callable[[Paging, Seen], Position | None]] = {
    "token": _token,
    "offset": _offset,
    "page": _page,
    "last_key": _last_key,
    "link": _link,
    "link_header": _link_header,
}
