"""An S3 endpoint on the loopback: ListObjectsV2, HeadObject and GetObject of objects that a test puts there."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

PAGE_KEYS = 2
"""S3 gives 1,000; a test needs fewer to see a second page."""


@dataclass
class S3:
    url: str
    objects: dict[str, bytes] = field(default_factory=dict)
    """By key, in the only bucket there is: `bucket`."""
    refused: set[str] = field(default_factory=set)
    """Keys and folders (`folder/`) that may not be read or listed."""
    missing_bytes: int = 0
    """How much of the end of each object is not sent."""
    after_get: Callable[[], None] = lambda: None
    asked: list[str] = field(default_factory=list)
    """`LIST folder/`, `HEAD key` and `GET key`, in their order."""
    secrets_seen: set[str] = field(default_factory=set)
    """The access key ids that requests were signed with."""


def etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


class _Handler(BaseHTTPRequestHandler):
    s3: S3
    """Of the class that `s3_endpoint` makes for one endpoint."""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        bucket, _, key = unquote(address.path).lstrip("/").partition("/")
        self.s3.secrets_seen.add(self.headers.get("Authorization", "").partition("Credential=")[2].partition("/")[0])
        query = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
        if bucket != "bucket":
            self._fail(404, "NoSuchBucket")
        elif "list-type" in query:
            self._list(query.get("prefix", ""), query.get("delimiter", ""), int(query.get("continuation-token", 0)))
        else:
            self._object(key)

    do_HEAD = do_GET

    def _list(self, prefix: str, delimiter: str, start: int) -> None:
        self.s3.asked.append(f"LIST {prefix}")
        if prefix in self.s3.refused:
            return self._fail(403, "AccessDenied")
        names = [key for key in sorted(self.s3.objects) if key.startswith(prefix)]
        if delimiter:
            cut = [name.find(delimiter, len(prefix)) for name in names]
            names = sorted({name if end < 0 else name[: end + 1] for name, end in zip(names, cut, strict=True)})
        page = names[start : start + PAGE_KEYS]
        more = len(names) > start + PAGE_KEYS
        token = f"<NextContinuationToken>{start + PAGE_KEYS}</NextContinuationToken>" if more else ""
        entries = "".join(_entry(name, self.s3.objects.get(name)) for name in page)
        return self._answer(
            200,
            f"<ListBucketResult><Name>bucket</Name><Prefix>{escape(prefix)}</Prefix><KeyCount>{len(page)}</KeyCount>"
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{entries}</ListBucketResult>".encode(),
        )

    def _object(self, key: str) -> None:
        self.s3.asked.append(f"{self.command} {key}")
        if key in self.s3.refused:
            return self._fail(403, "AccessDenied")
        if key not in self.s3.objects:
            return self._fail(404, "NoSuchKey")
        content = self.s3.objects[key]
        self._answer(200, content, {"ETag": etag(content), "Last-Modified": "Mon, 05 Oct 2026 02:00:00 GMT"})
        if self.command == "GET":
            self.s3.after_get()
        return None

    def _fail(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        with suppress(ConnectionError):
            self.end_headers()
            if self.command == "GET":
                cut = self.s3.missing_bytes if headers else 0
                self.wfile.write(body[: len(body) - cut])

    def log_message(self, *_: object) -> None:
        """Tests read `asked` instead."""


@contextmanager
def s3_endpoint() -> Iterator[S3]:
    state = S3("")
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"s3": state})) as server:
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


def _entry(name: str, content: bytes | None) -> str:
    if content is None:
        return f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>"
    return (
        f"<Contents><Key>{escape(name)}</Key><LastModified>2026-10-05T02:00:00.123Z</LastModified>"
        f"<ETag>{escape(etag(content))}</ETag><Size>{len(content)}</Size><StorageClass>STANDARD</StorageClass></Contents>"
    )
