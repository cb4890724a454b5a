"""The tasks of projects: each once, and with the project that counts as its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.asana.objects import Objects, Raws, Wish
from okr_sync.http.values import member

_OVERLAP = timedelta(minutes=1)
"""How far Asana's lists may be behind its tasks."""


def task_pages(objects: Objects, wish: Wish, projects: Sequence[str], started_at: datetime) -> Iterator[Raws]:
    """The tasks of all `projects`, given by id, which are read one after the other.

    A task that moves from a project still to be read into one that was read already is in neither list. So each is
    asked a second time, for what changed in it since the read was `started_at`.
    """
    seen: set[str] = set()
    for project in projects:
        for page in objects.pages("/tasks", wish, {"project": project}):
            yield [_placed(one, projects) for one in page if one["gid"] not in seen]
            seen.update(one["gid"] for one in page)
    since = f"{started_at - _OVERLAP:%Y-%m-%dT%H:%M:%SZ}"
    for project in projects:
        for page in objects.pages("/tasks", wish, {"project": project, "modified_since": since}):
            yield [_placed(one, projects) for one in page]


def _placed(task: dict[str, Any], projects: Sequence[str]) -> dict[str, Any]:
    """The task with its membership of the first of `projects` that it is in, as `home`."""
    inside = {member(one, "project.gid"): one for one in task["memberships"] or ()}
    return {**task, "home": next((inside[gid] for gid in projects if gid in inside), None)}
