"""Lists that come in pages: always with a limit, without which a long one is refused, and with the fields to give."""

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

_LARGEST_PAGE = 100
_MOST_STARTS = 3
"""How often a list is begun: one that is forgotten again and again is read too slowly to end."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Reads lists for `where`, which names source and stream in messages."""

    client: Client
    where: str

    def pages(
        self, path: str, opt_fields: str, scope: Mapping[str, str] | None = None, proof: Sequence[str] = ()
    ) -> Iterator[Raws]:
        """The objects of a list, page by page, each with the fields of `proof`.

        Where Asana forgets its place in between, the list begins anew: objects then come a second time.

        Raises:
            IncompleteError: an answer is not the whole, or the list has no end.
        """
        query = {"opt_fields": opt_fields, **(scope or {})}
        for start in range(_MOST_STARTS):
            try:
                for page in self._once(path, query):
                    self._refuse_short(page, proof)
                    yield page
            except StaleOffsetError:
                if start + 1 == _MOST_STARTS:
                    raise
            else:
                return

    def everything(self, path: str, opt_fields: str, scope: Mapping[str, str] | None = None) -> Raws:
        """All of a list. Of objects that came twice, what came last."""
        found = (one for page in self.pages(path, opt_fields, scope) for one in page)
        return list({one["gid"]: one for one in found}.values())

    def _once(self, path: str, query: Mapping[str, str]) -> Iterator[Raws]:
        guard = PageGuard(self.where)
        position: dict[str, str] = {}
        while True:
            answer = self.client.get_json(path, {**query, "limit": _LARGEST_PAGE, **position})
            page = answer.get("data")
            if not isinstance(page, list):
                raise IncompleteError(f"{self.where}: {path} was answered without data; the next run reads it again")
            yield page
            following = answer.get("next_page")
            if following is None:
                return
            offset = following.get("offset")
            if not offset:
                raise IncompleteError(f"{self.where}: Asana says that more of {path} follows, but not where")
            guard.check(offset, len(page))
            position = {"offset": offset}

    def _refuse_short(self, page: Raws, proof: Sequence[str]) -> None:
        """An object without what was asked for is not one whose fields are empty: those are null."""
        for one in page:
            missing = [name for name in proof if name not in one]
            if missing:
                raise IncompleteError(
                    f"{self.where}: {one.get('gid')} came in Asana's short form, without {', '.join(missing)}:"
                    " perhaps the token lacks a permission for them, such as projects:read; nothing is taken from it"
                )
