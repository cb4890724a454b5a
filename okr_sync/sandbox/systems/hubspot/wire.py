"""Values and errors as HubSpot writes them: every value a text or null, every error with a category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from okr_sync.sandbox.http import Json, RefusedError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CORRELATION_ID = "aeb5f871-7f07-4993-9211-075dc63e7cbf"


def hubspot_error(
    status: int, category: str, message: str, headers: Mapping[str, str] | None = None, **more: object
) -> RefusedError:
    content: Json = {"status": "error", "message": message, "correlationId": _CORRELATION_ID, "category": category}
    return RefusedError(status, content | more, headers)


def invalid(message: str) -> RefusedError:
    return hubspot_error(400, "VALIDATION_ERROR", message)


def partial(results: Sequence[Json], errors: Sequence[Json]) -> tuple[Json, int]:
    """The answer to a batch, and its status: 207 where something of it failed."""
    at = iso_time(datetime(2026, 1, 1, tzinfo=UTC))
    content: Json = {"status": "COMPLETE", "results": list(results), "startedAt": at, "completedAt": at}
    if not errors:
        return content, 200
    return content | {"numErrors": len(errors), "errors": list(errors)}, 207


def not_found(message: str, context: Mapping[str, list[str]], sub_category: str | None = None) -> Json:
    error: Json = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": dict(context)}
    more: Json = {} if sub_category is None else {"subCategory": sub_category}
    return error | more | {"errors": [], "links": {}}


def iso_time(moment: datetime) -> str:
    """To the millisecond, and without it where it is zero."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
    return f"{text.removesuffix('.000')}Z"


def milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def text_of(value: object) -> str | None:
    """A value as a property holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return iso_time(value)
    return None if value is None else str(value)
