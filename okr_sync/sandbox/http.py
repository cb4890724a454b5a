"""What both stand-ins need to answer over HTTP."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from json import JSONEncoder

from starlette.requests import Request
from starlette.responses import Response

to_json = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Account:
    """Who may sign in to a stand-in, and with what."""

    email: str
    token: str = field(repr=False)


class RefusedError(Exception):
    """A request that the vendor answers with an error: `content` is what it says."""

    def __init__(self, status: int, content: Json, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {content}")
        self.content = content
        self.response = answer(content, status, headers)


async def refuse(_: Request, error: Exception) -> Response:
    """Turns a `RefusedError` into its answer, for Starlette."""
    if not isinstance(error, RefusedError):
        raise error
    return error.response


def basic_credentials(request: Request) -> tuple[str, str] | None:
    """User and password of HTTP Basic authentication, `None` for an anonymous request."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if not scheme:
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return written(to_json(content), status, headers)


def written(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer whose JSON is written already."""
    return Response(text, status, headers, media_type="application/json;charset=UTF-8")
