"""Whether the pages of a read were the whole: what came, against what the API says there is."""

from __future__ import annotations

import json

from connectors.http.answers import refuse_unread_pages
from connectors.http.paging import Seen
from connectors.http.paths import find
from connectors.http.stream import StreamDeclaration
from okr_sync.connector import IncompleteError, SettingsError


class Tally:
    """Counts the records of one read, each once: where pages shift, one that comes twice hides one that never came."""

    def __init__(self, where: str, declaration: StreamDeclaration) -> None:
        self._where = where
        self._declaration = declaration
        self._key_places = declaration.key_places
        self._keys: set[str] = set()
        self._least: int | None = None
        """The least total that an answer said."""
        self._last: int | None = None

    def add(self, page: Seen) -> None:
        """Raises IncompleteError where records went while they were counted by their position."""
        if self._declaration.total is None:
            return
        self._keys.update(json.dumps([find(at, one) for at in self._key_places]) for one in page.records)
        total = page.total
        if total is None:
            return
        paging = self._declaration.paging
        if paging is not None and paging.is_by_position and self._last is not None and total < self._last:
            raise IncompleteError(
                f"{self._where}: of {self._last} records {total} are left while they are read, so that others moved to"
                " pages that were read already; the next run reads them again"
            )
        self._last = total
        self._least = total if self._least is None else min(self._least, total)

    def refuse_gaps(self, last: Seen) -> None:
        """Raises IncompleteError where `last`, the last page, is not the end; SettingsError where no total came."""
        declaration = self._declaration
        if declaration.total is not None and self._least is None and self._keys:
            raise SettingsError(f"{self._where}: no answer has a total at {declaration.total!r}")
        if self._least is not None and len(self._keys) < self._least:
            twice = last.read_count - len(self._keys)
            again = f" ({twice} of them again, under a key that had come already)" if twice else ""
            raise IncompleteError(
                f"{self._where}: {last.read_count} records came{again}, and the API says that there are {self._least}"
            )
        if declaration.paging is None or not declaration.paging.is_by_position:
            refuse_unread_pages(self._where, last.content, last.headers)
