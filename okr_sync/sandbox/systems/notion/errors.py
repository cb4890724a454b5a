"""How Notion refuses."""

from __future__ import annotations

from okr_sync.sandbox.http import Json, RefusedError

REQUEST_ID = "9a1f0b52-6d0e-4c57-8a3b-5f6c7d8e9f01"


def error_body(status: int, code: str, message: str) -> Json:
    return {"object": "error", "status": status, "code": code, "message": message, "request_id": REQUEST_ID}


def notion_error(status: int, code: str, message: str) -> RefusedError:
    return RefusedError(status, error_body(status, code, message))


def invalid(message: str) -> RefusedError:
    return notion_error(400, "validation_error", message)


def not_found(kind: str, wanted: str) -> RefusedError:
    """What is not shared is refused in the same words as what never was."""
    return notion_error(
        404, "object_not_found", f"No {kind} with the ID {wanted} is shared with the integration, if there is one."
    )
