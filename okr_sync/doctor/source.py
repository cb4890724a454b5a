"""What is well and what is not with one source: asked for without landing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from okr_sync.connector import Connector, Stream, Vitals
from okr_sync.doctor.finding import Examination, Finding, Health
from okr_sync.errors import OkrSyncError, nearest
from okr_sync.warehouse import LandedStream, is_large_drop

CLOCKS_AGREE = timedelta(seconds=60)
BUDGET_IS_LOW = 0.1


@dataclass(frozen=True, slots=True)
class Patient:
    """A source to examine: what is known of it, and what the project wants of it."""

    source: str
    connector_name: str
    connector: Connector
    streams: tuple[str, ...]
    """The streams that a sync would read."""
    missing_variables: tuple[str, ...] = ()
    read_fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """For each stream the fields that formulas read, and a metric that does."""
    landed: Mapping[str, LandedStream] = field(default_factory=dict)


def examine(patient: Patient, clock: Callable[[], datetime]) -> Examination:
    """Sign in, look, and say what was seen. A source that fails is a finding, never an exception."""
    return Examination(patient.source, patient.connector_name, tuple(_findings(patient, clock)))


def _findings(patient: Patient, clock: Callable[[], datetime]) -> Iterator[Finding]:
    if patient.missing_variables:
        names = ", ".join(patient.missing_variables)
        yield Finding("environment", Health.BAD, f"{names} not set; set it in the shell that runs okr-sync")
        return
    started_at = clock()
    with patient.connector as connector:
        try:
            offered = {stream.name: stream for stream in connector.connect()}
        except Exception as error:  # noqa: BLE001 - here and below: a failure is a finding, whatever it is
            yield Finding("sign-in", Health.BAD, _reason(connector, error))
            return
        passed, count = (clock() - started_at).total_seconds(), connector.request_count
        requests = f"{count} request{'' if count == 1 else 's'}"
        yield Finding("reached", Health.GOOD, f"in {passed:.1f} s, with {requests}")
        yield from _identity(connector)
        for name in patient.streams:
            yield from _stream(patient, name, offered)
        yield from _vitals(connector.vitals)


def _reason(connector: Connector, error: Exception) -> str:
    if isinstance(error, OkrSyncError):
        return str(error)
    return f"a defect in connector {type(connector).__name__}, please report it: {error!r}"


def _identity(connector: Connector) -> Iterator[Finding]:
    try:
        identity = connector.identity()
    except Exception as error:  # noqa: BLE001
        yield Finding("signed in", Health.BAD, _reason(connector, error))
        return
    if identity is None:
        return
    yield Finding("signed in", Health.GOOD, f"as {identity.name}")
    if identity.missing:
        yield Finding("permissions", Health.BAD, f"missing: {', '.join(identity.missing)}; grant them to this account")
    if identity.unneeded:
        yield Finding(
            "permissions",
            Health.NOTE,
            f"more than reading needs: {', '.join(identity.unneeded)}; take them away if nothing else uses them",
        )


def _stream(patient: Patient, name: str, offered: Mapping[str, Stream]) -> Iterator[Finding]:
    subject = f"{patient.source}.{name}"
    if name not in offered:
        yield Finding(subject, Health.BAD, f"the source has no stream {name!r}{nearest(name, offered)}")
        return
    if not offered[name].is_open:  # one that cannot be described says why when it is counted
        yield from _fields(patient, offered[name], subject)
    landed = patient.landed.get(name)
    before = None if landed is None else landed.record_count
    try:
        now = patient.connector.count(offered[name])
    except Exception as error:  # noqa: BLE001
        yield Finding(subject, Health.BAD, _reason(patient.connector, error))
        return
    yield _records(subject, now, before)


def _fields(patient: Patient, stream: Stream, subject: str) -> Iterator[Finding]:
    names = [one.name for one in stream.fields]
    for wanted, metric in patient.read_fields.get(stream.name, {}).items():
        if wanted not in names:
            text = f"there is no field {wanted!r}, which metric {metric} reads{nearest(wanted, names)}"
            yield Finding(subject, Health.BAD, text)
    landed = patient.landed.get(stream.name)
    gone = [] if landed is None else [one.name for one in landed.stream.fields if one.name not in names]
    if gone:
        yield Finding(
            subject, Health.NOTE, f"no longer there: {', '.join(gone)}; renamed or removed in the source or the project"
        )


def _records(subject: str, now: int | None, before: int | None) -> Finding:
    """What the account sees compared with what has landed."""
    has_landed = "nothing has landed yet" if before is None else f"{before:,} have landed"
    if now is None:
        return Finding(subject, Health.GOOD, f"{has_landed}; the source does not say how many there are")
    text = f"{now:,} records seen, {has_landed}"
    if before is not None and is_large_drop(before, before - now):
        return Finding(
            subject,
            Health.BAD,
            f"{text}: has the account lost a permission? If they were really deleted: okr-sync sync --accept-deletions",
        )
    if now == 0:
        return Finding(subject, Health.NOTE, f"{text}: if there should be some, look at what the account may see")
    return Finding(subject, Health.GOOD, text)


def _vitals(vitals: Vitals) -> Iterator[Finding]:
    if vitals.clock_difference is not None:
        yield _clock(vitals.clock_difference)
    if vitals.budget is not None:
        budget = vitals.budget
        of = "" if budget.limit is None else f" of {budget.limit:,}"
        until = "" if budget.resets_at is None else f" until {budget.resets_at:%H:%M %Z}"
        is_low = budget.limit is not None and budget.left < budget.limit * BUDGET_IS_LOW
        advice = "; sync less often, or look for who else uses this account" if is_low else ""
        yield Finding("requests", Health.NOTE if is_low else Health.GOOD, f"{budget.left:,}{of} left{until}{advice}")


def _clock(difference: timedelta) -> Finding:
    seconds = difference.total_seconds()
    if abs(difference) <= CLOCKS_AGREE:
        return Finding("clock", Health.GOOD, f"differs by {abs(seconds):.0f} s")
    side = "ahead of" if seconds > 0 else "behind"
    return Finding(
        "clock",
        Health.NOTE,
        f"the source's clock is {abs(seconds):,.0f} s {side} this machine's; set this machine's clock by the network",
    )
