"""A guard against reading pages for ever."""

from __future__ import annotations

from okr_sync.connector import IncompleteError

EMPTY_PAGES_IN_A_ROW = 50


class PageGuard:
    """Watches the tokens of one read. `where` names the source and the stream, for messages."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._seen: set[str] = set()
        self._empty_count = 0

    def check(self, token: str, record_count: int) -> None:
        """Note the token of the page to read next, and how many records the page that gave it had.

        Raises:
            IncompleteError: the pages go round in circles, or come without records and without an end.
        """
        self._empty_count = 0 if record_count else self._empty_count + 1
        if token in self._seen:
            raise IncompleteError(
                f"{self._where}: the source gave the same page token twice, so its pages have no end;"
                " what was read is kept, and the next run continues"
            )
        if self._empty_count >= EMPTY_PAGES_IN_A_ROW:
            raise IncompleteError(
                f"{self._where}: the source gave {self._empty_count} pages in a row without records;"
                " what was read is kept, and the next run continues"
            )
        self._seen.add(token)
