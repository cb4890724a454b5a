"""The roll-up: where an objective stands by its key results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from okr_sync.progress.numbers import mean
from okr_sync.progress.standing import Assessment, Status

KEY_RESULTS = "key results"


@dataclass(frozen=True, slots=True)
class Part:
    """What counts in an objective: a key result of it, or an objective below it."""

    name: str
    weight: float
    assessment: Assessment


def assess_objective(key_results: Sequence[Part], children: Sequence[Part] = ()) -> Assessment:
    """Where an objective stands: the weighted mean of the progress of its key results and of the objectives below it,
    each clamped to 0..1, and the worst of their statuses with its reason.

    A part without progress is left out of both and named in the reason. A withheld one counts with the progress
    it keeps, and its status ranks between behind and on track.
    """
    if not children:
        return assess_parts(key_results, KEY_RESULTS)
    noun = "key results and objectives below" if key_results else "objectives below"
    return assess_parts([*key_results, *children], noun)


def assess_parts(parts: Sequence[Part], noun: str = KEY_RESULTS) -> Assessment:
    """The mean and the worst of `parts`, which the reason calls by `noun`."""
    known = [part for part in parts if part.assessment.progress is not None]
    left_out = ", ".join(
        f"{part.name} ({part.assessment.status})" for part in parts if part.assessment.progress is None
    )
    expected = mean([(part.weight, part.assessment.expected_progress) for part in known or parts])
    if not known:
        none = "no key result" if noun == KEY_RESULTS else f"none of the {noun}"
        reason = f"{none} has data: {left_out}" if parts else "it has no key results"
        return Assessment(None, expected, Status.NO_DATA, reason)
    status = min((part.assessment.status for part in known), key=list(Status).index)
    worst = [part for part in known if part.assessment.status is status]
    reason = f"{len(worst)} of {len(parts)} {noun} {status}: {worst[0].name}: {worst[0].assessment.reason}"
    if left_out:
        reason += f"; left out: {left_out}"
    shares = [(part.weight, part.assessment.progress) for part in known if part.assessment.progress is not None]
    return Assessment(mean(shares), expected, status, reason)
