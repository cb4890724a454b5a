"""Objects asked for with all the fields they are to have, one by one or in lists that come in pages.

A list is always asked for with a limit: without one, Asana refuses a long list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.asana.faults import StaleOffsetError
from okr_sync.connector import IncompleteError
from okr_sync.http import PageGuard

if TYPE_CHECKING:
    from okr_sync.http.client import Client

Raws = list[dict[str, Any]]
Scope = Mapping[str, str]
"""Parameters that say which objects are meant: a project, a workspace, a time."""

_LARGEST_PAGE = 100
_MOST_STARTS = 3
"""How often a list is begun: one that is forgotten again and again is read too slowly to end."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to ask of objects: `opt_fields`, and of these the ones that every object has, be they null."""

    opt_fields: str
    proof: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Objects:
    """Asks for objects; `where` names source and stream in messages."""

    client: Client
    where: str

    def one(self, path: str, wish: Wish) -> dict[str, Any]:
        found = self.client.get_json(path, {"opt_fields": wish.opt_fields}).get("data")
        if not isinstance(found, dict):
            raise self._dataless(path)
        self._refuse_short([found], wish.proof)
        return found

    def pages(self, path: str, wish: Wish, scope: Scope | None = None) -> Iterator[Raws]:
        """A list, page by page. Where Asana forgets its place in it, it begins anew: objects then come twice.

        Raises:
            IncompleteError: an answer is not the whole, or the list has no end.
        """
        for start in range(_MOST_STARTS):
            try:
                for page in self._once(path, {"opt_fields": wish.opt_fields, **(scope or {})}):
                    self._refuse_short(page, wish.proof)
                    yield page
            except StaleOffsetError:
                if start + 1 == _MOST_STARTS:
                    raise
            else:
                return

    def every(self, path: str, wish: Wish, scope: Scope | None = None) -> Raws:
        """All of a list, each object once."""
        return list({one["gid"]: one for page in self.pages(path, wish, scope) for one in page}.values())

    def _once(self, path: str, query: Scope) -> Iterator[Raws]:
        guard = PageGuard(self.where)
        position: dict[str, str] = {}
        while True:
            answer = self.client.get_json(path, {**query, "limit": _LARGEST_PAGE, **position})
            page = answer.get("data")
            if not isinstance(page, list):
                raise self._dataless(path)
            yield page
            following = answer.get("next_page")
            if following is None:
                return
            offset = following.get("offset")
            if not offset:
                raise IncompleteError(f"{self.where}: Asana says that more of {path} follows, but not where")
            guard.check(offset, len(page))
            position = {"offset": offset}

    def _dataless(self, path: str) -> IncompleteError:
        return IncompleteError(f"{self.where}: {path} was answered without data; the next run asks again")

    def _refuse_short(self, objects: Raws, proof: Sequence[str]) -> None:
        """What was asked for and is empty comes as null: an object without it is not the whole object."""
        for one in objects:
            missing = [name for name in ("gid", *proof) if name not in one]
            if missing:
                raise IncompleteError(
                    f"{self.where}: Asana sent {one.get('gid')} in its short form, without {', '.join(missing)};"
                    " see that the token may read them, which needs projects:read among others, or try again later"
                )
