"""The events by which Zendesk tells how a ticket fares against its SLA policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from okr_sync.http.values import member, to_boolean, to_number, to_text, to_timestamp

Instance = tuple[str, str, str]
"""Ticket, metric and number of the instance: a metric that starts anew, as after a reopening, is a new instance."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What was promised. `goal_hours` are business hours where `is_in_business_hours`."""

    title: str | None
    goal_hours: float | None
    is_in_business_hours: bool | None


@dataclass(frozen=True, slots=True)
class MetricEvent:
    """One event. `policy` comes with the types that apply one."""

    instance: Instance
    type: str
    at: datetime
    is_revoked: bool = False
    policy: Policy | None = None


def read_event(raw: Mapping[str, Any]) -> MetricEvent:
    """Raises ValueError where it cannot be read as one."""
    kind = to_text(raw.get("type"))
    applied = raw.get({"apply_sla": "sla", "apply_group_sla": "group_sla"}.get(kind, ""))
    ticket, metric, number = (to_text(raw.get(name)) for name in ("ticket_id", "metric", "instance_id"))
    return MetricEvent(
        (ticket, metric, number),
        kind,
        to_timestamp(raw.get("time")),
        is_revoked=to_boolean(raw.get("deleted") or False),
        policy=None if applied is None else _policy(applied),
    )


def _policy(raw: Mapping[str, Any]) -> Policy | None:
    """`None` where nothing is promised any more: an event tells that too, by a target that is none."""
    seconds, minutes = raw.get("target_in_seconds"), raw.get("target")
    if seconds is None and minutes is None:
        return None
    hours = to_number(minutes) / 60 if seconds is None else to_number(seconds) / 3600
    title, is_business = member(raw, "policy.title"), raw.get("business_hours")
    return Policy(
        None if title is None else to_text(title), hours, None if is_business is None else to_boolean(is_business)
    )
