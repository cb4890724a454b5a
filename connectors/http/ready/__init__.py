"""Ready-made declarations, a file for each system: use them by name, or copy what you need."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import yaml

from connectors.http.stream import StreamDeclaration

READY: tuple[str, ...] = tuple(
    sorted(one.name.removesuffix(".yaml") for one in files(__name__).iterdir() if one.name.endswith(".yaml"))
)


@dataclass(frozen=True)
class Ready:
    """One of them; without a name, an empty one."""

    streams: dict[str, StreamDeclaration] = field(default_factory=dict)
    url: str | None = None
    check: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    """What the project must say under `values`."""
    needs_auth: bool = False
    needs: str = ""
    """What a person writes to use it."""
    remedy: str = ""


def ready_made(name: str | None) -> Ready:
    """Raises ValueError where there is none of that name."""
    if name is None:
        return Ready()
    if name not in READY:
        raise ValueError(f"use: {name!r} is not ready-made; there are {', '.join(READY)}")
    content: dict[str, Any] = yaml.safe_load((files(__name__) / f"{name}.yaml").read_text("utf-8"))
    streams = {one: StreamDeclaration.model_validate(held) for one, held in content.pop("streams").items()}
    return Ready(streams, **{**content, "values": tuple(content.get("values", ()))})
