"""What can go wrong with Better Stack alone."""

from __future__ import annotations

from typing import Any

from okr_sync.sandbox.faults import Call, Deed, rewritten
from okr_sync.sandbox.http import Json


def repeated_token() -> Deed:
    """Every page is followed by the second one."""

    def change(_: Call, content: Json) -> Json:
        pagination: Any = content["pagination"]
        return content | {"pagination": {**pagination, "next": str(pagination["first"]).replace("page=1", "page=2")}}

    return rewritten(change)
