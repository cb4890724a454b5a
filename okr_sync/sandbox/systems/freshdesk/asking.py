"""What a request for a list of tickets may ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from okr_sync.sandbox.http import Json, RefusedError

LARGEST_PAGE = 100
LAST_PAGE = 300
_USUAL_PAGE = 30
_INCLUDES = frozenset({"requester", "stats", "company", "description"})
_FILTERS = ("spam", "deleted")
_ORDERS = ("created_at", "due_by", "updated_at")  # Freshdesk also knows status


@dataclass(frozen=True, slots=True)
class Asked:
    which: str = ""
    """deleted or spam; nothing for the tickets that are neither."""
    updated_since: datetime | None = None
    order_by: str = "created_at"
    is_descending: bool = True
    includes: frozenset[str] = frozenset()
    page: int = 1
    per_page: int = _USUAL_PAGE


def refusal(field: str, message: str, code: str = "invalid_value") -> RefusedError:
    error: Json = {"field": field, "message": message, "code": code}
    return RefusedError(400, {"description": "Validation failed", "errors": [error]})


def read_query(query: Iterable[tuple[str, str]], last_page: int) -> Asked:
    """Raises RefusedError for whatever Freshdesk refuses."""
    given = dict(query)
    for name in given:
        if name not in _READERS and name not in ("page", "per_page"):
            raise refusal(name, "Unexpected/invalid field in request", "invalid_field")
    read = {target: reader(given[name]) for name, (target, reader) in _READERS.items() if name in given}
    page, per_page = _whole(given, "page", 1), _whole(given, "per_page", _USUAL_PAGE)
    if per_page > LARGEST_PAGE:
        raise refusal("per_page", f"It should be a Positive Integer less than or equal to {LARGEST_PAGE}")
    if page > last_page:
        raise refusal(
            "page",
            f"You cannot access tickets beyond the {last_page}th page. Please provide a smaller page number.",
        )
    return Asked(page=page, per_page=per_page, **read)  # type: ignore[arg-type]


def _whole(given: Mapping[str, str], name: str, usual: int) -> int:
    text = given.get(name, str(usual))
    if not text.isdigit() or int(text) < 1:
        raise refusal(name, "It should be a Positive Integer")
    return int(text)


def _moment(text: str) -> datetime:
    moment = None
    with suppress(ValueError):
        moment = datetime.fromisoformat(text)
    if moment is None or moment.tzinfo is None:
        raise refusal("updated_since", "It should be a valid date in the combined date and time ISO8601 format")
    return moment.astimezone(UTC)


def _one_of(name: str, known: Iterable[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in known:
            raise refusal(name, f"It should be one of these values: '{','.join(known)}'")
        return text

    return read


def _included(text: str) -> frozenset[str]:
    includes = frozenset(text.split(","))
    if not includes <= _INCLUDES:
        raise refusal("include", f"It should be one of these values: '{', '.join(sorted(_INCLUDES))}'")
    return includes


def _descending(text: str) -> bool:
    return _one_of("order_type", ("asc", "desc"))(text) == "desc"


_READERS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "filter": ("which", _one_of("filter", _FILTERS)),
    "updated_since": ("updated_since", _moment),
    "order_by": ("order_by", _one_of("order_by", _ORDERS)),
    "order_type": ("is_descending", _descending),
    "include": ("includes", _included),
}
"""Parameter -> the field of `Asked`, and how it is read."""
