"""The base of connectors that read through one `Client`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from okr_sync.connector import Connector, Context, Vitals

if TYPE_CHECKING:
    from okr_sync.http.client import Client


class HttpConnector(Connector):
    """`connect` sets `client`, by `okr_sync.http.client.Client`, which it imports itself: see `okr_sync.http`."""

    def __init__(self, settings: Any, context: Context) -> None:
        super().__init__(settings, context)
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        if self._client is None:
            raise RuntimeError("connect() comes before read()")
        return self._client

    @client.setter
    def client(self, client: Client) -> None:
        self._client = client

    @property
    def where(self) -> str:
        """How messages begin."""
        return f"source {self.context.source}"

    @property
    def vitals(self) -> Vitals:
        return Vitals() if self._client is None else self._client.vitals

    @property
    def request_count(self) -> int:
        return 0 if self._client is None else self._client.request_count

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
