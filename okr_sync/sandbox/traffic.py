"""Everything that passes between readers and the stand-ins: written down, dated, and disturbed where a plan says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from okr_sync.sandbox.clock import Clock
from okr_sync.sandbox.faults import Answer, Call, Deed, Fault


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what became of it."""

    at: datetime
    """By the agency's clock."""
    system: str
    method: str
    path: str
    query: str
    body: bytes
    status: int
    """0 where the connection was closed without an answer."""


class Traffic:
    """An ASGI application around another one. Answers carry the time of the agency's clock in their `Date` header.

    `systems` names the system behind each port.
    """

    def __init__(self, app: ASGIApp, systems: Mapping[int, str], clock: Clock, faults: Sequence[Fault]) -> None:
        self.exchanges: list[Exchange] = []
        self._app = app
        self._systems = systems
        self._clock = clock
        self._faults = faults
        self._counts: Counter[int] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        system = self._systems[scope["server"][1]]
        call = Call(system, scope["method"], scope["path"], scope["query_string"].decode(), await _body(receive))

        async def forward() -> Answer:
            return await _ask(self._app, scope, call.body)

        deed = self._deed(call)
        answer = await (forward() if deed is None else deed(call, forward))
        now = self._clock.now()
        self.exchanges.append(Exchange(now, system, call.method, call.path, call.query, call.body, answer.status))
        await _send(answer, format_datetime(now.replace(microsecond=0), usegmt=True), send)

    def _deed(self, call: Call) -> Deed | None:
        """What the plan has for this request; where several faults concern it, the first one."""
        due: list[Deed] = []
        for number, fault in enumerate(self._faults):
            if call.path.startswith(fault.path) and fault.system in ("", call.system):
                self._counts[number] += 1
                if fault.requests is None or self._counts[number] in fault.requests:
                    due.append(fault.deed)
        return due[0] if due else None


async def _body(receive: Receive) -> bytes:
    body, is_more = b"", True
    while is_more:
        message = await receive()
        body += message.get("body", b"")
        is_more = message.get("more_body", False)
    return body


async def _ask(app: ASGIApp, scope: Scope, body: bytes) -> Answer:
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, send)
    start, *parts = messages
    return Answer(start["status"], tuple(start["headers"]), b"".join(part["body"] for part in parts))


async def _send(answer: Answer, date: str, send: Send) -> None:
    """The answer, or as much of it as is meant to leave. One that is left incomplete tells the server to hang up."""
    if answer.status == 0:
        return
    names = {name for name, _ in answer.headers}
    length = [] if b"content-length" in names else [(b"content-length", str(len(answer.body)).encode())]
    headers = [*answer.headers, *length, (b"date", date.encode())]
    await send({"type": "http.response.start", "status": int(answer.status), "headers": headers})
    await send({"type": "http.response.body", "body": answer.body[: answer.sent], "more_body": answer.is_cut})
