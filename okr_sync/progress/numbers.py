"""Numbers compared and joined as people mean it: the noise of floats is no difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

_NOISE = 1e-9
"""Two floats this close, relative to their size, are one number: 0.9 * 0.3 must count as 90 % of 0.3."""


def is_equal(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_NOISE, abs_tol=_NOISE)


def reaches(progress: float, bound: float) -> bool:
    return progress >= bound or is_equal(progress, bound)


def mean(shares: Sequence[tuple[float, float]]) -> float:
    """The mean of (weight, share), each share clamped to 0..1; 0 for none."""
    total = sum(weight for weight, _ in shares)
    return sum(weight * min(1.0, max(0.0, share)) for weight, share in shares) / total if shares else 0.0


def along(points: Sequence[tuple[float, float]], position: float) -> float:
    """The height of the line through `points` at `position`, which lies between the first and the last."""
    for (start, low), (end, high) in pairwise(points):
        if position <= end:
            return low + (high - low) * (position - start) / (end - start)
    return points[-1][1]
