"""Files of text: opened for reading, and where decoding stops."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from connectors.files.batch import DataFile
from okr_sync.connector import DataError

_CHUNK_BYTES = 1 << 16


@contextmanager
def opened(file: DataFile, encoding: str) -> Iterator[TextIO]:
    """The file's text with its line ends as they are, and without a byte order mark.

    Raises:
        DataError: it is not in `encoding`.
    """
    try:
        with file.path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as text:
            yield text
    except UnicodeError as error:
        raise DataError(
            f"{file}: {_undecodable(file, encoding)} cannot be read as {encoding};"
            " say how the file is encoded under `encoding:`, such as utf-16 or windows-1258"
        ) from error


def _undecodable(file: DataFile, encoding: str) -> str:
    """Where the decoder stops. It is asked again because its error counts from the chunk that was read last."""
    decoder = codecs.getincrementaldecoder(encoding)()
    position, line = 0, 1
    with file.path.open("rb") as content:
        while chunk := content.read(_CHUNK_BYTES):
            waiting = len(decoder.getstate()[0])
            try:
                line += decoder.decode(chunk).count("\n")
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                return f"byte {position - waiting + error.start} (line {line})"
            except UnicodeError:  # UTF-16 and UTF-32 without their mark
                return "its beginning"
            position += len(chunk)
    return f"the end (line {line})"
