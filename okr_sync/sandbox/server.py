"""Stand-ins on free ports of this machine, for as long as a `with` block lasts."""

from __future__ import annotations

import socket
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.faults import Fault
from okr_sync.sandbox.http import RefusedError, refuse
from okr_sync.sandbox.system import System
from okr_sync.sandbox.systems import SYSTEMS, make_system
from okr_sync.sandbox.threaded import ThreadedServer
from okr_sync.sandbox.traffic import Exchange, Traffic

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Options:
    """What differs from one sandbox to the next."""

    ports: Mapping[str, int] = field(default_factory=dict)
    """The port of a system; any free one for those not named."""
    of_systems: Mapping[str, Any] = field(default_factory=dict)
    """How a system behaves: `JiraOptions` for `jira`."""


class _Place:
    """One system and the port it has. The system is made when somebody asks for it."""

    def __init__(self, name: str, agency: Agency, options: Options) -> None:
        self._name = name
        self._agency = agency
        self._options = options.of_systems.get(name)
        self.socket = socket.create_server((_HOST, options.ports.get(name, 0)))
        self.port: int = self.socket.getsockname()[1]
        self.url = f"http://{_HOST}:{self.port}"

    @cached_property
    def system(self) -> System:
        return make_system(self._name, self._agency, self.url, self._options)

    @cached_property
    def app(self) -> Starlette:
        return Starlette(routes=list(self.system.routes()), exception_handlers={RefusedError: refuse})


class Sandbox:
    """Systems that show what one agency has. Each has a port of its own, so every path is exactly the vendor's.

    Ports are taken when a sandbox is made (`OSError` where one is not free); requests are answered inside its `with`
    block.
    """

    def __init__(
        self,
        agency: Agency,
        faults: Sequence[Fault] = (),
        options: Options | None = None,
        systems: Collection[str] = SYSTEMS,
    ) -> None:
        self.agency = agency
        self._places: dict[str, _Place] = {}
        try:
            for name in systems:
                self._places[name] = _Place(name, agency, options or Options())
        except OSError:
            self._close()
            raise
        names = {place.port: name for name, place in self._places.items()}
        self._traffic = Traffic(self._forward, names, agency.clock, faults)
        self._server = ThreadedServer(self._traffic)

    @property
    def requests(self) -> tuple[Exchange, ...]:
        """Every request so far, in the order of their answers."""
        return tuple(self._traffic.exchanges)

    @property
    def ports(self) -> dict[str, int]:
        return {name: place.port for name, place in self._places.items()}

    def url(self, system: str) -> str:
        return self._places[system].url

    def variables(self) -> dict[str, str]:
        """The environment variables that a project's `${NAME}` stand for."""
        return {key: value for place in self._places.values() for key, value in place.system.variables().items()}

    def __enter__(self) -> Self:
        self._server.start([place.socket for place in self._places.values()])
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self._close()

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = next(one for one in self._places.values() if one.port == scope["server"][1])
        await place.app(scope, receive, send)

    def _close(self) -> None:
        for place in self._places.values():
            place.socket.close()
