"""Stands between the connector and the stand-in, and does what the plan of one sync says, at the request it says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from http import HTTPStatus

from okr_sync.sandbox import faults
from okr_sync.sandbox.faults import Answer, Call, Deed, Fault, Forward
from tests.simulation.steps import Trouble

_ANYWHERE: Mapping[str, Callable[[], Deed]] = {
    "429": lambda: faults.too_many_requests(retry_after=1),
    "500": lambda: faults.server_error(HTTPStatus.INTERNAL_SERVER_ERROR),
    "503": lambda: faults.server_error(HTTPStatus.SERVICE_UNAVAILABLE),
    "cut": faults.cut_body,
    "silent": faults.no_answer,
    "page": faults.web_page,
    "401": faults.refused,
}


class Disturber:
    """One plan at a time; without one, every request passes."""

    def __init__(self, pages: str) -> None:
        self._pages = pages
        self.injected = Counter[str]()
        self.rest()

    def rest(self) -> None:
        self._troubles: tuple[Trouble, ...] = ()
        self._meanwhile: dict[int, list[Callable[[], object]]] = {}
        self._deeds: dict[str, Deed] = {}
        self._number = 0
        self.has_struck = False

    def plan(self, troubles: tuple[Trouble, ...], vendor: Mapping[str, Deed]) -> None:
        self.rest()
        self._troubles = troubles
        self._deeds = {**{kind: make() for kind, make in _ANYWHERE.items()}, **vendor}
        self._vendor = set(vendor)

    def at_request(self, number: int, happens: Callable[[], object]) -> None:
        """While the answer to that request is on its way; in a thread, since it may ask the stand-in itself."""
        self._meanwhile.setdefault(number, []).append(happens)

    @property
    def fault(self) -> Fault:
        return Fault(self._pass)

    async def _pass(self, call: Call, forward: Forward) -> Answer:
        self._number += 1
        number = self._number
        for trouble in self._troubles:
            deed = self._deeds.get(trouble.kind)
            is_due = trouble.at <= number < trouble.at + trouble.count
            if deed is not None and is_due and (trouble.kind not in self._vendor or call.path.startswith(self._pages)):
                self.has_struck = True
                self.injected[trouble.kind] += 1
                return await deed(call, forward)
        answer = await forward()
        for happens in self._meanwhile.pop(number, ()):
            await asyncio.to_thread(happens)
        return answer
