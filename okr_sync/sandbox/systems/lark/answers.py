"""How Lark answers: data under a code of 0, and failures with a code of their own under one HTTP status or another."""

from __future__ import annotations

from starlette.responses import Response

from okr_sync.sandbox.http import Json, RefusedError, answer


def success(data: object) -> Response:
    return answer({"code": 0, "msg": "success", "data": data})


def failure(code: int, message: str, status: int = 200, error: Json | None = None) -> RefusedError:
    content: Json = {"code": code, "msg": message}
    return RefusedError(status, content if error is None else content | {"error": error})


def invalid(field: str, description: str) -> RefusedError:
    """A parameter that the gateway refuses."""
    violation = {"field": field, "description": description}
    return failure(99992402, "field validation failed", 400, {"field_violations": [violation]})
