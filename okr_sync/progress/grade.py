"""Grades at the end of a cycle: 0.0 to 1.0 to one decimal, as OKRs are graded."""

from __future__ import annotations

import math

from okr_sync.progress.goal import GOOD_FROM
from okr_sync.project.goals import Ambition


def grade(progress: float | None) -> float | None:
    """The progress from 0 to 1, rounded down to a tenth, so that what was not reached is never graded as if it were.

    No data has no grade: it is not 0. The noise of floats is rounded off first.
    """
    if progress is None:
        return None
    return math.floor(round(min(1.0, max(0.0, progress)) * 10, 6)) / 10


def grade_in_words(progress: float | None, ambition: Ambition) -> str:
    """What the grade means: a committed key result was promised whole, an aspirational one is good from 0.7."""
    found = grade(progress)
    if found is None:
        return "not graded: no data"
    is_good = found >= GOOD_FROM[ambition]
    if ambition is Ambition.ASPIRATIONAL:
        return f"{found:.1f}, aspirational: {'good' if is_good else 'short of good'}, which begins at 0.7"
    return f"{found:.1f}, committed: {'kept' if is_good else 'not kept'}, 1.0 was promised"
