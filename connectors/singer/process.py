"""A program that is running: its output line by line, and its end."""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import IO

_CHUNK_BYTES = 1 << 16
_LONGEST_LINE = 1 << 26
"""64 MiB: longer than any record should be, and short enough to hold."""
_TAIL_BYTES = 1 << 16
_TICK_SECONDS = 5.0
_GRACE_SECONDS = 5.0
"""How long a program may take to end by itself once it was asked to."""


class SilentError(Exception):
    """The program said nothing for too long."""


class LongLineError(Exception):
    """A line has no end."""


class FailedError(Exception):
    """The program ended with an exit code other than 0; that of one ended by a signal is its number, negative."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


_PASSED_ON = re.compile(
    r"PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|VIRTUAL_ENV|PYTHON\w+|SSL_CERT_\w+|\w+_CA_BUNDLE|\w+_proxy", re.IGNORECASE
)


def environment_with(further: Mapping[str, str]) -> dict[str, str]:
    """What any program needs, and `further`. The rest stays here: the secrets of other sources are in it."""
    needed = {name: value for name, value in os.environ.items() if _PASSED_ON.fullmatch(name)}
    return {**needed, **further}


class Process:
    """A program started without a shell, in a group of its own together with whatever it starts itself.

    Nothing is read ahead: a program that writes faster than its lines are taken has to wait.
    """

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        """Raises OSError where the program cannot be started."""
        self._process = subprocess.Popen(  # noqa: S603 - the project's own choice, and no shell
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        self._tail = b""

    @property
    def last_words(self) -> str:
        """The end of what it wrote on its standard error."""
        return self._tail.decode(errors="replace")

    def lines(self, silence_seconds: float) -> Iterator[bytes | None]:
        """Each line of its standard output, and `None` whenever seconds go by without any. At the end it ended well.

        Raises:
            FailedError: it failed. A line that it had begun is not given.
            SilentError: it wrote nothing at all, not even on its standard error, for `silence_seconds`.
            LongLineError: a line is longer than can be held.
        """
        parts: list[bytes] = []
        size = 0
        for chunk in self._chunks(silence_seconds):
            if chunk is None:
                yield None
                continue
            first, *others = chunk.split(b"\n")
            parts.append(first)
            size += len(first)
            for one in others:
                yield b"".join(parts)
                parts, size = [one], len(one)
            if size > _LONGEST_LINE:
                raise LongLineError
        code = self._wait(silence_seconds)
        if code != 0:
            raise FailedError(code)
        if size:
            yield b"".join(parts)

    def stop(self) -> None:
        """End it and whatever it started, kindly at first. Nothing happens to what has ended."""
        for pipe in self._pipes:
            pipe.close()  # a program that waits to write goes on, and finds that nobody listens
        if self._process.poll() is None:
            self._signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE_SECONDS)
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _chunks(self, silence_seconds: float) -> Iterator[bytes | None]:
        heard_at = monotonic()
        with selectors.DefaultSelector() as selector:
            for pipe in self._pipes:
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                ready = selector.select(min(_TICK_SECONDS, silence_seconds))
                for key, _ in ready:
                    chunk = os.read(key.fd, _CHUNK_BYTES)
                    if not chunk:
                        selector.unregister(key.fileobj)
                    elif key.fileobj is self._process.stdout:
                        yield chunk
                    else:
                        self._tail = (self._tail + chunk)[-_TAIL_BYTES:]
                if ready:
                    heard_at = monotonic()
                elif self._process.poll() is not None:
                    return  # something it started holds its pipes open
                elif monotonic() - heard_at >= silence_seconds:
                    raise SilentError
                else:
                    yield None

    def _wait(self, seconds: float) -> int:
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise SilentError from error

    @property
    def _pipes(self) -> list[IO[bytes]]:
        return [pipe for pipe in (self._process.stdout, self._process.stderr) if pipe is not None]

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):  # macOS refuses where only the dead are left
            os.killpg(self._process.pid, number)
