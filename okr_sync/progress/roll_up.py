"""Where a template stands by the key results that were made from it."""

from __future__ import annotations

from collections.abc import Sequence

from okr_sync.progress.objective import Part, assess_parts
from okr_sync.progress.standing import Assessment, Status


def assess_mean(parts: Sequence[Part]) -> Assessment:
    """The weighted mean of their progress, each clamped to 0..1, and the worst of their statuses with its reason."""
    return assess_parts(parts)


def assess_worst(parts: Sequence[Part]) -> Assessment:
    """The one with the worst status stands for all; among several, the one furthest behind what is expected of it.

    One without progress is left out and named in the reason.
    """
    known = [part for part in parts if part.assessment.progress is not None]
    if not known:
        return assess_mean(parts)
    worst = min(known, key=_rank)
    reason = f"the worst of {len(parts)}: {worst.name}: {worst.assessment.reason}"
    left_out = ", ".join(f"{part.name} ({part.assessment.status})" for part in parts if part not in known)
    if left_out:
        reason += f"; left out: {left_out}"
    one = worst.assessment
    return Assessment(one.progress, one.expected_progress, one.status, reason)


def _rank(part: Part) -> tuple[int, float]:
    one = part.assessment
    return list(Status).index(one.status), (one.progress or 0.0) - one.expected_progress
