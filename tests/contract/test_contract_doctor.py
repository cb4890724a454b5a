"""What `okr-sync doctor` finds."""

from __future__ import annotations

from okr_sync.connector import Connector
from okr_sync.doctor import Examination, Health, Patient, examine
from okr_sync.sandbox import Sandbox
from okr_sync.sandbox.faults import Fault, refused
from okr_sync.sandbox.server import Options
from tests.contract.meeting import SOURCE, Meeting


def examined(meeting: Meeting, *faults: Fault) -> Examination:
    case = meeting.case
    options = Options(of_systems={case.system: case.options})
    with Sandbox(meeting.agency, faults, options, systems=[case.system]) as sandbox:
        meeting.variables = sandbox.variables()
        connector: Connector = meeting.connector()
        return examine(Patient(SOURCE, case.system, connector, (case.stream,)), meeting.agency.clock.now)


def test_healthy_source(meeting: Meeting) -> None:
    """Nothing is amiss with a stand-in: it is reached, knows us where it knows anybody, and its clock is right."""
    examination = examined(meeting)
    assert [one for one in examination.findings if one.health is Health.BAD] == []
    found = {one.subject: one.text for one in examination.findings}
    assert found["clock"] == "differs by 0 s"
    assert f"{SOURCE}.{meeting.case.stream}" in found


def test_count_is_what_the_account_sees(meeting: Meeting) -> None:
    """Where the source can say how many records there are, it is as many as there are."""
    text = next(one.text for one in examined(meeting).findings if one.subject.endswith(meeting.case.stream))
    expected = len(meeting.case.keys(meeting.agency))
    assert text.startswith((f"{expected:,} records seen", "nothing has landed yet; the source does not say"))


def test_refused_source(meeting: Meeting) -> None:
    """Credentials that are refused are one finding, with what to do."""
    (finding,) = examined(meeting, Fault(refused())).findings
    assert finding.health is Health.BAD
    assert "refused" in finding.text
