"""What the events of one metric of a ticket amount to: an SLA result, which grows as they come."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.zendesk.events import Instance, MetricEvent, Policy

_APPLIES = ("apply_sla", "apply_group_sla")


@dataclass
class SlaResult:
    """One instance of a metric. The same events taken twice, in their order, change nothing."""

    instance: Instance
    begun_at: datetime
    changed_at: datetime
    policy: Policy | None = None
    """The one that was applied last."""
    applied_at: datetime | None = None
    """`None` while no event told of a policy: then it is no result."""
    fulfilled_at: datetime | None = None
    breaches: set[datetime] = field(default_factory=set)
    """Those that were not revoked."""

    @classmethod
    def begun(cls, event: MetricEvent) -> SlaResult:
        return cls(event.instance, event.at, event.at)

    @property
    def breached_at(self) -> datetime | None:
        return min(self.breaches, default=None)

    @property
    def is_open(self) -> bool:
        return self.policy is not None and self.fulfilled_at is None

    def take(self, event: MetricEvent) -> None:
        """A revoked breach is the same event again, with a mark; a metric that is activated anew is not fulfilled."""
        self.changed_at = max(self.changed_at, event.at)
        if event.type in _APPLIES:
            self.policy, self.applied_at = event.policy, event.at
        elif event.type == "breach":
            (self.breaches.discard if event.is_revoked else self.breaches.add)(event.at)
        elif event.type == "fulfill":
            self.fulfilled_at = event.at
        elif event.type == "activate":
            self.fulfilled_at = None

    def written(self) -> dict[str, Any]:
        """As plain JSON, for a checkpoint."""
        policy = self.policy
        return {
            "instance": list(self.instance),
            "times": [_text(one) for one in (self.begun_at, self.changed_at, self.applied_at, self.fulfilled_at)],
            "policy": None if policy is None else [policy.title, policy.goal_hours, policy.is_in_business_hours],
            "breaches": [one.isoformat() for one in sorted(self.breaches)],
        }


def read_result(written: dict[str, Any]) -> SlaResult:
    """What `SlaResult.written` wrote."""
    ticket, metric, number = written["instance"]
    begun_at, changed_at, applied_at, fulfilled_at = written["times"]
    return SlaResult(
        (ticket, metric, number),
        datetime.fromisoformat(begun_at),
        datetime.fromisoformat(changed_at),
        None if written["policy"] is None else Policy(*written["policy"]),
        _time(applied_at),
        _time(fulfilled_at),
        {datetime.fromisoformat(one) for one in written["breaches"]},
    )


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
