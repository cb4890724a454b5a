"""Roll-ups of templates, objectives below objectives, and grades: tables worked out by hand."""

from __future__ import annotations

import pytest

from okr_sync.progress import (
    Assessment,
    Part,
    Place,
    Status,
    assess_mean,
    assess_worst,
    grade,
    grade_in_words,
    standings,
)
from okr_sync.project.goals import Ambition


def part(name: str, progress: float | None, status: Status, weight: float = 1.0, expected: float = 0.5) -> Part:
    return Part(name, weight, Assessment(progress, expected, status, f"why {name}"))


GOOD = part("Good", 0.6, Status.ON_TRACK)
BEHIND = part("Behind", 0.4, Status.BEHIND, weight=3)
FAR = part("Far", -0.5, Status.AT_RISK)
NEAR = part("Near", 0.2, Status.AT_RISK)
PAST = part("Past", 1.5, Status.ACHIEVED)
NOTHING = part("Nothing", None, Status.NO_DATA)
KEPT = part("Kept", 0.5, Status.WITHHELD)


@pytest.mark.parametrize(
    ("parts", "progress", "status", "reason"),
    [
        # (0.6 * 1 + 0.4 * 3) / 4
        ([GOOD, BEHIND], 0.45, Status.BEHIND, "1 of 2 key results behind: Behind: why Behind"),
        # each clamped: (0 + 1) / 2
        ([FAR, PAST], 0.5, Status.AT_RISK, "1 of 2 key results at risk: Far: why Far"),
        (
            [GOOD, NOTHING],
            0.6,
            Status.ON_TRACK,
            "1 of 2 key results on track: Good: why Good; left out: Nothing (no data)",
        ),
        ([KEPT, GOOD], 0.55, Status.WITHHELD, "1 of 2 key results withheld: Kept: why Kept"),
        ([NOTHING], None, Status.NO_DATA, "no key result has data: Nothing (no data)"),
    ],
)
def test_mean_of_a_template(parts: list[Part], progress: float | None, status: Status, reason: str) -> None:
    """The weighted mean of what is known, and the worst status with its reason."""
    found = assess_mean(parts)
    assert (found.status, found.reason) == (status, reason)
    assert found.progress == (None if progress is None else pytest.approx(progress))


@pytest.mark.parametrize(
    ("parts", "progress", "status", "reason"),
    [
        ([GOOD, BEHIND], 0.4, Status.BEHIND, "the worst of 2: Behind: why Behind"),
        ([NEAR, FAR, GOOD], -0.5, Status.AT_RISK, "the worst of 3: Far: why Far"),
        ([PAST], 1.5, Status.ACHIEVED, "the worst of 1: Past: why Past"),
        ([GOOD, NOTHING], 0.6, Status.ON_TRACK, "the worst of 2: Good: why Good; left out: Nothing (no data)"),
        ([NOTHING], None, Status.NO_DATA, "no key result has data: Nothing (no data)"),
    ],
)
def test_worst_of_a_template(parts: list[Part], progress: float | None, status: Status, reason: str) -> None:
    """The one with the worst status, and among several the one furthest behind; its progress stays unclamped."""
    found = assess_worst(parts)
    assert (found.progress, found.status, found.reason) == (progress, status, reason)


def test_of_two_with_one_status_the_one_further_behind_is_the_worst() -> None:
    """0.4 of 0.9 expected is worse than 0.2 of 0.3."""
    early = part("Early", 0.2, Status.AT_RISK, expected=0.3)
    late = part("Late", 0.4, Status.AT_RISK, expected=0.9)
    assert assess_worst([early, late]).reason.startswith("the worst of 2: Late")


COMPANY = Place("company", "Công ty", None, 1)
WEB = Place("web", "Đội web", "company", 2)
SEO = Place("seo", "Đội SEO", "company", 1)
LINKS = Place("links", "Liên kết", "seo", 1)


def test_objectives_count_into_the_one_above() -> None:
    """Company: (0.6 + 2 * 0.4 + 1 * 0.3) / 4, where SEO is (0.2 + 0.4) / 2 by its own key result and the one below."""
    parts = {"company": [GOOD], "web": [BEHIND], "seo": [NEAR], "links": [part("Links", 0.4, Status.ON_TRACK)]}
    found = standings([LINKS, COMPANY, WEB, SEO], parts)
    assert found["seo"].progress == pytest.approx(0.3)
    assert found["company"].progress == pytest.approx(0.425)
    assert found["company"].status is Status.AT_RISK
    assert found["company"].reason == (
        "1 of 3 key results and objectives below at risk: Đội SEO: "
        "1 of 2 key results and objectives below at risk: Near: why Near"
    )
    assert found["web"].reason == "1 of 1 key results behind: Behind: why Behind"


def test_an_objective_without_key_results_stands_by_those_below() -> None:
    """A company's objective may have none of its own; weights 2 and 1 give (2 * 0.4 + 0.6) / 3."""
    found = standings([COMPANY, WEB, SEO], {"company": [], "web": [BEHIND], "seo": [GOOD]})
    assert found["company"].progress == pytest.approx(1.4 / 3)
    assert (
        found["company"].reason
        == "1 of 2 objectives below behind: Đội web: 1 of 1 key results behind: Behind: why Behind"
    )


def test_an_objective_below_without_data_is_left_out_and_named() -> None:
    """No data below is not 0 above."""
    found = standings([COMPANY, WEB], {"company": [GOOD], "web": [NOTHING]})
    assert found["company"].progress == pytest.approx(0.6)
    assert found["company"].reason.endswith("; left out: Đội web (no data)")
    alone = standings([COMPANY, WEB], {"company": [], "web": [NOTHING]})
    assert (alone["company"].progress, alone["company"].status) == (None, Status.NO_DATA)


def test_a_parent_that_does_not_run_takes_nothing() -> None:
    """Its children stand by themselves."""
    assert standings([WEB], {"web": [BEHIND]})["web"].progress == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        (None, None), (-0.4, 0.0), (0.0, 0.0), (0.09, 0.0), (0.1, 0.1), (0.1 + 0.2, 0.3), (0.69, 0.6), (0.699999, 0.6),
        (0.7, 0.7), (0.99, 0.9), (0.9999999, 0.9), (1.0, 1.0), (1.25, 1.0),
    ],
)  # fmt: skip
def test_grades(progress: float | None, expected: float | None) -> None:
    """To one decimal, rounded down, from 0 to 1; no data has no grade."""
    assert grade(progress) == expected


@pytest.mark.parametrize(
    ("progress", "ambition", "expected"),
    [
        (1.0, Ambition.COMMITTED, "1.0, committed: kept, 1.0 was promised"),
        (0.99, Ambition.COMMITTED, "0.9, committed: not kept, 1.0 was promised"),
        (0.7, Ambition.ASPIRATIONAL, "0.7, aspirational: good, which begins at 0.7"),
        (0.69, Ambition.ASPIRATIONAL, "0.6, aspirational: short of good, which begins at 0.7"),
        (0.0, Ambition.COMMITTED, "0.0, committed: not kept, 1.0 was promised"),
        (None, Ambition.COMMITTED, "not graded: no data"),
    ],
)
def test_grades_in_words(progress: float | None, ambition: Ambition, expected: str) -> None:
    """A committed key result is kept at 1.0 alone; 0.7 of an aspirational one is good."""
    assert grade_in_words(progress, ambition) == expected
