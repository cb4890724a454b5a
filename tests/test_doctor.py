"""The doctor: what it says of a source that is well, and what to do about one that is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from okr_sync.connector import AccessError, Budget, Field, FieldType, Identity, UnavailableError, Vitals
from okr_sync.doctor import Examination, Health, Patient, examine
from okr_sync.warehouse import LandedStream
from tests.scripted import ISSUES, Script, Scripted, at


def patient(script: Script, landed: int | None = None, reads: Mapping[str, str] | None = None) -> Patient:
    known = {} if landed is None else {"issues": LandedStream(ISSUES, landed, landed, at(2), at(2))}
    return Patient("jira", "scripted", Scripted(script), ("issues",), (), {"issues": reads or {}}, known)


def examined(one: Patient) -> Examination:
    return examine(one, lambda: at(20))


def said(one: Patient) -> list[tuple[str, Health, str]]:
    return [(finding.subject, finding.health, finding.text) for finding in examined(one).findings]


def test_source_that_is_well() -> None:
    """Who we are, how many records there are and have landed, how the clocks and the limits stand."""
    script = Script([ISSUES], {}, identity=Identity("bot@agency.example"), counts={"issues": 1234})
    script.vitals = Vitals(timedelta(seconds=-2), Budget(4950, 5000, datetime(2026, 10, 20, 1, tzinfo=UTC)))
    assert said(patient(script, landed=1230, reads={"status": "late_projects"})) == [
        ("reached", Health.GOOD, "in 0.0 s, with 0 requests"),
        ("signed in", Health.GOOD, "as bot@agency.example"),
        ("jira.issues", Health.GOOD, "1,234 records seen, 1,230 have landed"),
        ("clock", Health.GOOD, "differs by 2 s"),
        ("requests", Health.GOOD, "4,950 of 5,000 left until 01:00 UTC"),
    ]


def test_refused_source_is_a_finding() -> None:
    """What the source says is shown, nothing else is looked at, and the source is not well."""
    one = patient(Script([ISSUES], {}, sign_in=AccessError("source jira: refused; make a new token")))
    assert said(one) == [("sign-in", Health.BAD, "source jira: refused; make a new token")]
    assert not examined(one).is_healthy


def test_missing_variables_come_before_everything() -> None:
    """Without its secret a source is not asked."""
    one = replace(patient(Script([ISSUES], {}, sign_in=AccessError("asked"))), missing_variables=("JIRA_API_TOKEN",))
    assert said(one) == [("environment", Health.BAD, "JIRA_API_TOKEN not set; set it in the shell that runs okr-sync")]


def test_permissions() -> None:
    """Missing ones must be granted; those that reading does not need are worth a note."""
    script = Script([ISSUES], {}, identity=Identity("bot", missing=("read:sla",), unneeded=("write:issues",)))
    findings = [one for one in said(patient(script)) if one[0] == "permissions"]
    assert [health for _, health, _ in findings] == [Health.BAD, Health.NOTE]
    assert "read:sla" in findings[0][2]
    assert "write:issues" in findings[1][2]


def test_fields_that_formulas_read() -> None:
    """A field that is not there is named with the metric that reads it and the nearest name."""
    one = patient(Script([ISSUES], {}, counts={"issues": 3}), reads={"statuss": "late_projects", "points": "velocity"})
    found = [text for subject, health, text in said(one) if health is Health.BAD]
    assert found == ["there is no field 'statuss', which metric late_projects reads; did you mean 'status'?"]


def test_field_that_has_gone() -> None:
    """A field that landed before and that the source no longer has is worth a note."""
    fewer = ISSUES.with_fields([one for one in ISSUES.fields if one.name != "points"])
    found = [text for _, health, text in said(patient(Script([fewer], {}), landed=3)) if health is Health.NOTE]
    assert found == ["no longer there: points; renamed or removed in the source or the project"]


@pytest.mark.parametrize(
    ("now", "landed", "health"),
    [
        (0, None, Health.NOTE),  # an empty account, or one that may see nothing
        (0, 0, Health.NOTE),
        (3, None, Health.GOOD),
        (80, 100, Health.GOOD),  # a fifth fewer may be deletions
        (79, 100, Health.BAD),
        (0, 20, Health.BAD),
        (19, 25, Health.GOOD),  # six fewer: a sync takes them for deletions, too
        (80, 79, Health.GOOD),
        (0, 19, Health.BAD),
        (0, 5, Health.BAD),
        (0, 4, Health.NOTE),  # too few to tell
        (None, 100, Health.GOOD),
    ],
)
def test_counts(now: int | None, landed: int | None, health: Health) -> None:
    """Seeing far fewer records than have landed is a lost permission until a person says otherwise."""
    script = Script([ISSUES], {}, counts={} if now is None else {"issues": now})
    (found,) = [one for one in said(patient(script, landed)) if one[0] == "jira.issues"]
    assert found[1] is health


def test_count_that_fails() -> None:
    """A stream that cannot be counted is a finding; the rest is looked at all the same."""
    script = Script([ISSUES], {}, counts={"issues": UnavailableError("no answer")}, vitals=Vitals(timedelta(0)))
    assert [(subject, health) for subject, health, _ in said(patient(script))][1:] == [
        ("jira.issues", Health.BAD),
        ("clock", Health.GOOD),
    ]


def test_defects_are_findings() -> None:
    """A connector that fails in a way it should not is reported like any other failure; the rest is looked at."""
    script = Script([ISSUES], {}, counts={"issues": ValueError("odd")}, vitals=Vitals(timedelta(0)))
    assert said(patient(script))[1:] == [
        ("jira.issues", Health.BAD, "a defect in connector Scripted, please report it: ValueError('odd')"),
        ("clock", Health.GOOD, "differs by 0 s"),
    ]
    (found,) = said(patient(Script([ISSUES], {}, sign_in=ValueError("odd"))))
    assert (found[0], found[1]) == ("sign-in", Health.BAD)


def test_stream_that_is_not_offered() -> None:
    """A stream of the project that the source does not have is named."""
    other = replace(ISSUES, name="issue", fields=(Field("id", FieldType.TEXT),))
    assert said(patient(Script([other], {})))[1] == (
        "jira.issues",
        Health.BAD,
        "the source has no stream 'issues'; did you mean 'issue'?",
    )


SET_THE_CLOCK = "this machine's; set this machine's clock by the network"


@pytest.mark.parametrize(
    ("vitals", "text"),
    [
        (Vitals(timedelta(seconds=61)), f"the source's clock is 61 s ahead of {SET_THE_CLOCK}"),
        (Vitals(timedelta(seconds=-600)), f"the source's clock is 600 s behind {SET_THE_CLOCK}"),
        (Vitals(None, Budget(9, 100)), "9 of 100 left; sync less often, or look for who else uses this account"),
    ],
)
def test_clock_and_limits(vitals: Vitals, text: str) -> None:
    """Clocks that differ by over a minute, and a budget below a tenth, are worth a note."""
    script = Script([ISSUES], {}, counts={"issues": 1}, vitals=vitals)
    assert said(patient(script))[-1][1:] == (Health.NOTE, text)
