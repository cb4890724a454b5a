"""The pipelines of the account. Those that people made have numbers for ids, unlike some that HubSpot made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from okr_sync.sandbox.http import Json

_MADE_AT = "2026-01-05T02:00:00.123Z"
_MADE_BY_HUBSPOT = ("default", "0")
_MADE_BY_HUBSPOT_AT = "1970-01-01T00:00:00Z"
_SUFFIX = "_1482437683"
"""What HubSpot puts behind the id of a stage that people made, in the name of its properties."""


@dataclass(frozen=True, slots=True)
class Stage:
    id: str
    label: str
    """In the agency's words, which are those of its records."""
    metadata: Mapping[str, str]

    @property
    def entered(self) -> str:
        """The property that says when a record last entered it."""
        return f"hs_v2_date_entered_{self.id}{_SUFFIX if self.id.isdecimal() else ''}"


@dataclass(frozen=True, slots=True)
class Pipeline:
    id: str
    label: str
    stages: tuple[Stage, ...]

    def stage(self, label: str) -> Stage:
        return next(one for one in self.stages if one.label == label)


def _deal_stages(ids: Sequence[str]) -> tuple[Stage, ...]:
    labels = ("lead", "qualified", "proposal", "contract", "won", "lost")
    probabilities = ("0.1", "0.2", "0.5", "0.9", "1.0", "0.0")
    return tuple(
        Stage(name, label, {"isClosed": "true" if label in ("won", "lost") else "false", "probability": probability})
        for name, label, probability in zip(ids, labels, probabilities, strict=True)
    )


# The words in the ids are HubSpot's, and say nothing of what the agency uses a stage for.
_WORDS = (
    "appointmentscheduled", "qualifiedtobuy", "presentationscheduled", "contractsent", "closedwon", "closedlost",
)  # fmt: skip
DEAL_PIPELINES = (
    Pipeline("default", "new", _deal_stages(_WORDS)),
    Pipeline("87500101", "renewal", _deal_stages([str(number) for number in range(990_001_001, 990_001_007)])),
)
TICKET_PIPELINES = (
    Pipeline(
        "0",
        "Hỗ trợ",
        tuple(
            Stage(str(number), label, {"ticketState": "CLOSED" if label in ("solved", "closed") else "OPEN"})
            for number, label in enumerate(("new", "open", "pending", "hold", "solved", "closed"), start=1)
        ),
    ),
)
PIPELINES: Mapping[str, tuple[Pipeline, ...]] = {"deals": DEAL_PIPELINES, "tickets": TICKET_PIPELINES}


def written(pipelines: Sequence[Pipeline], labels: Mapping[str, str]) -> list[Json]:
    """As the account shows them. `labels` are the names that people gave to pipelines or stages since, by id."""
    return [
        _times(is_hubspots=one.id in _MADE_BY_HUBSPOT)
        | {
            "id": one.id,
            "label": labels.get(one.id, one.label),
            "displayOrder": order,
            "stages": [_stage(stage, number, labels) for number, stage in enumerate(one.stages)],
        }
        for order, one in enumerate(pipelines)
    ]


def _stage(stage: Stage, order: int, labels: Mapping[str, str]) -> Json:
    return _times(is_hubspots=len(stage.id) == 1 or not stage.id.isdecimal()) | {
        "id": stage.id,
        "label": labels.get(stage.id, stage.label),
        "displayOrder": order,
        "metadata": dict(stage.metadata),
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
    }


def _times(*, is_hubspots: bool) -> Json:
    return {
        "createdAt": _MADE_BY_HUBSPOT_AT if is_hubspots else _MADE_AT,
        "updatedAt": _MADE_BY_HUBSPOT_AT if is_hubspots else _MADE_AT,
        "archived": False,
    }
