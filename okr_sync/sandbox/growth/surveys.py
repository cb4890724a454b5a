"""The answers to the agency's NPS survey. The last quarter went better than the time before it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from random import Random

from okr_sync.sandbox.catalog import CLIENTS
from okr_sync.sandbox.growth.chance import Deck, WorkTime
from okr_sync.sandbox.growth.issues import BETTER_SINCE, SPAN
from okr_sync.sandbox.records import SurveyAnswer

# Ten of twenty promote (9 or 10) and four detract (6 or less): NPS 30. Then eleven and three: NPS 40.
SCORES_BEFORE = [10] * 4 + [9] * 6 + [8] * 4 + [7] * 2 + [6, 5, 3, 0]
SCORES_SINCE = [10] * 5 + [9] * 6 + [8] * 4 + [7] * 2 + [6, 4, 2]


def grow_surveys(random: Random, now: datetime, count: int) -> Iterator[SurveyAnswer]:
    work_time = WorkTime((now - SPAN).date())
    last = work_time.position(now)
    before, since = Deck(random, SCORES_BEFORE), Deck(random, SCORES_SINCE)
    for n in range(count):
        answered_at = work_time.at((n + random.random()) / count * last).replace(microsecond=0)
        scores = since if now - answered_at <= BETTER_SINCE else before
        yield SurveyAnswer(f"nps-{n + 1:04d}", answered_at, random.choice(CLIENTS).name, scores.draw(), answered_at)
