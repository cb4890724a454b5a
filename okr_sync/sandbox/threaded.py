"""A uvicorn server in a thread of its own that starts, stops and breaks off connections without pauses."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PATIENCE_SECONDS = 10


class ThreadedServer(uvicorn.Server):
    """uvicorn looks ten times a second whether it shall end, and then waits twice; tests start hundreds of sandboxes.

    Where the application returns without having completed its answer, the connection is closed.
    """

    def __init__(self, app: ASGIApp) -> None:
        config = uvicorn.Config(self._answer, interface="asgi3", lifespan="off", ws="none", log_config=None)
        config.access_log = config.proxy_headers = config.date_header = config.server_header = False
        super().__init__(config)
        self._app = app
        self._is_ready = threading.Event()
        self._is_over = asyncio.Event()

    def start(self, listeners: list[socket.socket]) -> None:
        self._thread = threading.Thread(target=self.run, args=(listeners,), name="sandbox", daemon=True)
        self._thread.start()
        if not self._is_ready.wait(_PATIENCE_SECONDS):
            raise RuntimeError("the sandbox's server did not start")

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._is_over.set)
        self._thread.join()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_complete = False

        async def watched(message: Message) -> None:
            nonlocal is_complete
            is_complete = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        # The server may end while an answer is on its way: nobody waits for it any more.
        with contextlib.suppress(asyncio.CancelledError):
            await self._app(scope, receive, watched)
        if not is_complete:
            await self._hang_up(scope)

    async def _hang_up(self, scope: Scope) -> None:
        """Close the connection that a request came by, once what was sent so far has left."""
        for connection in tuple(self.server_state.connections):
            if getattr(connection, "client", None) == scope["client"]:
                connection.transport.close()
                while connection in self.server_state.connections:
                    await asyncio.sleep(0.001)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._is_ready.set()
        await self._is_over.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()
        while self.server_state.connections:
            await asyncio.sleep(0)
        for task in tuple(self.server_state.tasks):
            task.cancel()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)
