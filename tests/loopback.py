"""A server on the loopback that answers as a test scripts it and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    def one(self, name: str) -> str | None:
        """The only value of a query parameter, or None."""
        values = self.query.get(name, [])
        assert len(values) <= 1, f"{name} was given {len(values)} times"
        return values[0] if values else None


@dataclass(frozen=True)
class Answer:
    """What to answer: JSON unless `text` is given; `missing_bytes` cuts the end of the body off."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    text: str | None = None
    content_type: str = "application/json"
    missing_bytes: int = 0


@dataclass
class Loopback:
    """`respond` decides on each answer; `asked` holds the requests in their order."""

    url: str
    respond: Callable[[Asked], Answer] = lambda _: Answer({})
    asked: list[Asked] = field(default_factory=list)

    def script(self, *answers: Answer) -> None:
        """Give these answers in their order; a request beyond them gets a 418."""
        left = list(answers)
        self.respond = lambda _: left.pop(0) if left else Answer({"error": "the script is over"}, 418)

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]


@contextmanager
def loopback() -> Iterator[Loopback]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve()

        do_POST = do_GET

        def _serve(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(
                self.command,
                address.path,
                parse_qs(address.query),
                {k.lower(): v for k, v in self.headers.items()},
                body,
            )
            state.asked.append(asked)
            answer = state.respond(asked)
            data = (json.dumps(answer.body) if answer.text is None else answer.text).encode()
            (self.send_response_only if "Date" in answer.headers else self.send_response)(answer.status)
            for name, value in {"Content-Type": answer.content_type, **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            with suppress(ConnectionError):  # a client that gave up waiting
                self.end_headers()
                self.wfile.write(data[: len(data) - answer.missing_bytes])

        def date_time_string(self, timestamp: float | None = None) -> str:
            return "Mon, 05 Oct 2026 02:00:00 GMT"

        def log_message(self, *_: object) -> None:
            """Tests read `asked` instead."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state = Loopback(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
