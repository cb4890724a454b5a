"""The connectors of this installation, found by the entry points of the packages that bring them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points

from okr_sync.connector import Connector
from okr_sync.errors import OkrSyncError

ENTRY_POINTS = "okr_sync.connectors"


class InstalledConnectors(Mapping[str, type[Connector]]):
    """Connectors by name. One is imported when it is asked for: a project uses few of them."""

    def __init__(self, points: Mapping[str, EntryPoint]) -> None:
        self._points = points

    def __getitem__(self, name: str) -> type[Connector]:
        """Raises OkrSyncError where the connector's package is broken."""
        point = self._points[name]
        try:
            loaded: type[Connector] = point.load()
        except Exception as error:
            package = "okr-sync" if point.dist is None else point.dist.name
            raise OkrSyncError(
                f"connector {name!r} cannot be loaded from {point.value}: {type(error).__name__}: {error};"
                f" install its package {package!r} again"
            ) from error
        return loaded

    def __contains__(self, name: object) -> bool:
        return name in self._points

    def __iter__(self) -> Iterator[str]:
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)


def installed_connectors() -> Mapping[str, type[Connector]]:
    """The connectors of this installation, found by their entry points."""
    return InstalledConnectors({point.name: point for point in entry_points(group=ENTRY_POINTS)})
