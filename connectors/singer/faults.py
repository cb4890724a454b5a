"""What went wrong with a tap, as an error that says what to do next and holds no secret."""

from __future__ import annotations

import json
import signal
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from okr_sync.connector import DataError, SettingsError, UnavailableError

_SHORTEST_SECRET = 4
"""Shorter values are no secrets; hiding them would hide parts of words."""
_LAST_LINES = 8
_LONGEST_QUOTE = 600


@dataclass(frozen=True, slots=True)
class TapFaults:
    """Makes the errors of one tap."""

    where: str
    """How messages begin: `source NAME`."""
    config: Callable[[], Any] = field(repr=False)
    """What the tap was told, as it stands now: all texts in it are secrets."""

    def not_started(self, error: OSError) -> SettingsError:
        return SettingsError(
            self.clean(
                f"{self.where}: the tap {error.filename!r} cannot be started: {error.strerror}; install it where this"
                " user finds it, or write its path under `tap:`. A program with arguments is written as a list:"
                " [python, my_tap.py]"
            )
        )

    def failed(self, code: int, last_words: str) -> UnavailableError:
        return UnavailableError(f"{self.where}: the tap failed with {_end(code)}; {self._quote(last_words)}")

    def silent(self, minutes: float, last_words: str) -> UnavailableError:
        return UnavailableError(
            f"{self.where}: the tap said nothing for {minutes:g} minutes, so it was ended; {self._quote(last_words)}."
            " If it works that slowly, allow more `silence_minutes`"
        )

    def endless_line(self) -> DataError:
        return DataError(
            f"{self.where}: the tap wrote a line without an end; a Singer tap writes one JSON object a line"
        )

    def clean(self, text: str) -> str:
        """The text on one line, without anything that the tap was told."""
        return " ".join(self._hide(text).split())

    def _hide(self, text: str) -> str:
        forms = {form for secret in _texts(self.config()) for form in _forms(secret) if len(form) >= _SHORTEST_SECRET}
        for form in sorted(forms, key=len, reverse=True):
            text = text.replace(form, "***")
        return text

    def _quote(self, last_words: str) -> str:
        """The end alone: whatever ends a program is what it says last."""
        lines = [" ".join(line.split()) for line in self._hide(last_words).splitlines()]
        text = " | ".join([line for line in lines if line][-_LAST_LINES:])
        if not text:
            return "it did not say why"
        return f"its last words: {text if len(text) <= _LONGEST_QUOTE else '… ' + text[-_LONGEST_QUOTE:]}"


def _end(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def _texts(config: Any) -> Iterator[str]:
    match config:
        case str():
            yield config
        case dict():
            for value in config.values():
                yield from _texts(value)
        case list():
            for value in config:
                yield from _texts(value)


def _forms(secret: str) -> Iterator[str]:
    """Every way in which a program may print a secret; of one with several lines, such as a key, each line too."""
    yield from (secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1])
    yield b64encode(secret.encode()).decode()
    yield from (line.strip() for line in secret.splitlines())
