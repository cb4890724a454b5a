"""What a site is asked with and answers with. Nothing in here is slow to import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Params = Mapping[str, str | int | Sequence[str]]


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where the site is and how to sign in: by email and token, or by a token alone."""

    url: str
    email: str | None
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search; `token` says where the next one begins, `total` how many issues there are if it is told."""

    issues: list[Json]
    token: str | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class IssueHistory:
    """Changes of one issue: all of them, or a part that another page goes on with."""

    issue_id: str
    histories: list[Json]
