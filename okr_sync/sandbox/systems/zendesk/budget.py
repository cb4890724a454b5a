"""The headers in which Zendesk tells how many requests an account may still send in this minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from okr_sync.sandbox.clock import Clock

Handler = Callable[[Request], Awaitable[Response]]


class Budget:
    """Counts the requests of a minute. The limit is told, not enforced."""

    def __init__(self, clock: Clock, limit: int) -> None:
        self._clock = clock
        self._limit = limit
        self._times: deque[float] = deque()

    def told(self, method: Handler) -> Handler:
        """`method` with the headers, in both ways in which Zendesk writes them."""

        @wraps(method)
        async def counted(request: Request) -> Response:
            response = await method(request)
            limit, left, resets = (
                str(self._limit),
                str(self._count()),
                str(60 - int(self._clock.now().timestamp()) % 60),
            )
            response.headers.update(
                {
                    "X-Rate-Limit": limit,
                    "X-Rate-Limit-Remaining": left,
                    "ratelimit-limit": limit,
                    "ratelimit-remaining": left,
                    "ratelimit-reset": resets,
                }
            )
            return response

        return counted

    def _count(self) -> int:
        now = self._clock.now().timestamp()
        while self._times and self._times[0] <= now - 60:
            self._times.popleft()
        self._times.append(now)
        return max(0, self._limit - len(self._times))
