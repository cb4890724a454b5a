"""The sync loop: read from the checkpoint, land, then commit the checkpoint; again until the source has no more.

A crash at any point repeats work and loses none: data and checkpoint commit together. A full read is landed as a
whole, at its end. Whatever stops a stream early is a failure with its reason, never a smaller count. A record that
cannot be read stops nobody else's: the others land, the checkpoint stays before it, and the sync is not complete.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import pyarrow as pa

from okr_sync.connector import (
    USUAL_TIMEOUT,
    Budget,
    Checkpoint,
    Connector,
    DataError,
    IncompleteError,
    Page,
    Record,
    Rejection,
    SettingsError,
    Stream,
)
from okr_sync.deadline import Limits, Permit, work_within
from okr_sync.drift import Drift, drift_of
from okr_sync.errors import OkrSyncError, nearest
from okr_sync.http.retry import waited_seconds
from okr_sync.spans import in_words
from okr_sync.warehouse import End, SourceLog, Staging, Warehouse

log = logging.getLogger(__name__)

BATCH_RECORDS = 5_000
"""Records landed in one transaction: large enough to be cheap, small enough to repeat after a crash."""
SOURCES_SIDE_BY_SIDE = 8
MOST_REJECTIONS = 100
"""More than these, and it is not a few bad records but a stream that is read in the wrong way."""

Watcher = Callable[[str, str, int, int | None], None]
"""Told of progress: source, stream, records read so far, and how many are expected where the source says so."""


def unwatched(source: str, stream: str, read: int, expected: int | None) -> None:
    """A watcher that shows nothing."""


@dataclass(frozen=True, slots=True)
class StreamSync:
    """What syncing one stream did. `error` says why it is not complete."""

    source: str
    stream: str
    started_at: datetime
    finished_at: datetime
    read_count: int = 0
    new_count: int = 0
    deleted_count: int = 0
    request_count: int = 0
    rejected_count: int = 0
    """Records that came and cannot be read as declared."""
    error: str | None = None
    drift: Drift | None = None
    """How the source's description differs from what had landed; `None` where it gave none."""
    budget: Budget | None = None
    """How many requests the system still allows, where it tells."""
    waited_seconds: float = 0.0
    """How long it waited before requests that it had to repeat."""
    checkpoint: Checkpoint | None = None
    """The last one that was committed with what landed; `None` where nothing was."""
    not_visible_count: int = 0
    """Of the deletions, records that were not listed any more: deleted, or not to be seen by this account."""
    out_of_scope_count: int = 0
    """Of the deletions, records that the source's settings do not choose any more."""

    @property
    def is_complete(self) -> bool:
        return self.error is None


@dataclass(frozen=True)
class SourcePlan:
    """One source to sync: which of its streams, and for each the hash of the settings it is read with."""

    source: str
    connector: Connector
    settings_hashes: dict[str, str]
    read_fields: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    """For each stream the fields that formulas read, and who does."""
    timeout: timedelta = USUAL_TIMEOUT
    """How long its sync may take."""


def unnoted(_: SourcePlan | StreamSync) -> None:
    """Writes down nothing."""


@dataclass(frozen=True)
class Syncing:
    """What all sources of one run share."""

    warehouse: Warehouse
    clock: Callable[[], datetime]
    watch: Watcher = unwatched
    begin: Callable[[SourcePlan], None] = unnoted
    """Told when a source is this process's own, before it is asked; never of one that another process is syncing."""
    end: Callable[[StreamSync], None] = unnoted
    """Told when the sync of a stream ended, however it did."""
    accept_deletions: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    patience: timedelta = timedelta()
    """How long to wait for another process that is syncing a source, beyond the time that its sync may take; without
    any, a source that is being synced fails at once."""
    permit: Permit = field(default_factory=Permit)
    """Of one source: whether records may still land."""


def sync_side_by_side(plans: Sequence[SourcePlan], syncing: Syncing) -> list[StreamSync]:
    """Sync several sources at a time. A source that fails is reported and does not stop the others."""
    with ThreadPoolExecutor(max_workers=SOURCES_SIDE_BY_SIDE) as pool:
        futures = [pool.submit(sync_source, plan, syncing) for plan in plans]
        try:
            return [result for future in futures for result in future.result()]
        except BaseException:
            syncing.stop.set()  # Ctrl-C: the threads end after the page they are on
            raise


def sync_source(plan: SourcePlan, syncing: Syncing) -> list[StreamSync]:
    """Sync the streams of one source, one after the other. Every stream gets a result, whatever happens.

    When the source's time is over it is left behind, and with it the lock: what had landed stays.
    """
    started_at = syncing.clock()
    syncing = replace(syncing, permit=Permit())
    fared = _Fared()
    reason: str | None = None
    try:
        with syncing.warehouse.lock(plan.source, _patience(plan, syncing)):
            syncing.begin(plan)
            limits = Limits(plan.timeout, syncing.stop)
            work_within(limits, syncing.permit, partial(_sync_streams, plan, syncing, fared), plan.connector.close)
    except Exception as error:  # noqa: BLE001 - one source's failure must not take the others' results with it
        reason = _reason(plan, error, syncing)
    results = dict(fared.results)
    for name in plan.settings_hashes.keys() - results.keys():
        tally = fared.tallies.get(name, _Tally())
        results[name] = replace(tally.result(plan, name, started_at, syncing), error=reason or _too_late(plan, syncing))
        syncing.end(results[name])
    return [results[name] for name in plan.settings_hashes]


def _patience(plan: SourcePlan, syncing: Syncing) -> timedelta:
    return plan.timeout + syncing.patience if syncing.patience else timedelta()


def _sync_streams(plan: SourcePlan, syncing: Syncing, fared: _Fared) -> None:
    with plan.connector as connector:
        offered = {stream.name: stream for stream in connector.connect()}
        for name in plan.settings_hashes:
            fared.tallies[name] = _Tally(requests_before=connector.request_count)
            result = _sync_stream(plan, name, offered, syncing, fared.tallies[name])
            with syncing.permit.changing():  # once it was left behind, its results are told by whoever left it
                fared.results[name] = result
                syncing.end(result)


def _too_late(plan: SourcePlan, syncing: Syncing) -> str:
    if syncing.stop.is_set():
        return "stopped before the end of the read; the next run continues"
    return (
        f"source {plan.source}: did not end within {in_words(plan.timeout)}; what had landed stays, and the next run"
        f" goes on from there. See whether the system answers (okr-sync doctor --source {plan.source}), or allow more"
        " by its timeout: in okr-sync.yaml"
    )


@dataclass
class _Tally:
    read_count: int = 0
    new_count: int = 0
    deleted_count: int = 0
    ended: dict[End, int] = field(default_factory=lambda: {End.NOT_VISIBLE: 0, End.OUT_OF_SCOPE: 0})
    """Of the deletions, those that no source reported."""
    rejected: list[Rejection] = field(default_factory=list)
    requests_before: int = 0
    checkpoint: Checkpoint | None = None

    def result(self, plan: SourcePlan, stream: str, started_at: datetime, syncing: Syncing) -> StreamSync:
        """Of a stream that is complete as far as is known here."""
        return StreamSync(
            plan.source,
            stream,
            started_at,
            syncing.clock(),
            self.read_count,
            self.new_count,
            self.deleted_count,
            plan.connector.request_count - self.requests_before,
            len(self.rejected),
            checkpoint=self.checkpoint,
            not_visible_count=self.ended[End.NOT_VISIBLE],
            out_of_scope_count=self.ended[End.OUT_OF_SCOPE],
        )

    def refuse_rejections(self) -> None:
        """Raises DataError where records could not be read: what landed is not the whole."""
        if self.rejected:
            first = self.rejected[0]
            some = "record" if len(self.rejected) == 1 else "records"
            raise DataError(
                f"{len(self.rejected)} {some} of {self.read_count} cannot be read; the first: {first.record}:"
                f" {first.reason}. Correct them in the source, or the field in the project;"
                " the next sync asks for them again"
            )


@dataclass
class _Fared:
    """How the streams of a source fared so far."""

    tallies: dict[str, _Tally] = field(default_factory=dict)
    results: dict[str, StreamSync] = field(default_factory=dict)


def _sync_stream(
    plan: SourcePlan, name: str, offered: dict[str, Stream], syncing: Syncing, tally: _Tally
) -> StreamSync:
    started_at = syncing.clock()
    waited_before = waited_seconds()
    reason = drift = None
    try:
        _refuse_late(plan, syncing)
        if name not in offered:
            raise SettingsError(f"source {plan.source}: there is no stream {name!r}{nearest(name, offered)}")
        drift = drift_of(offered[name], _landed(plan, name, syncing), plan.read_fields.get(name, {}))
        _refuse_broken(drift)
        _read(plan, offered[name], syncing, tally)
    except Exception as error:  # noqa: BLE001 - one stream's failure must not take the others' results with it
        reason = _reason(plan, error, syncing)
    result = tally.result(plan, name, started_at, syncing)
    waited = waited_seconds() - waited_before
    return replace(result, error=reason, drift=drift, budget=plan.connector.vitals.budget, waited_seconds=waited)


def _landed(plan: SourcePlan, name: str, syncing: Syncing) -> Stream | None:
    streams = SourceLog(syncing.warehouse, plan.source).streams()
    return next((one for one in streams if one.name == name), None)


def _refuse_broken(drift: Drift) -> None:
    """Raises SettingsError where formulas could no longer read what they read before."""
    if drift.broken:
        raise SettingsError(
            f"{'; '.join(drift.broken)}. Nothing was landed. Correct the field in the source, or the formulas and"
            " fields in the project"
        )


def _refuse_late(plan: SourcePlan, syncing: Syncing) -> None:
    """Raises IncompleteError where the source's time is over, or the run is asked to stop."""
    if syncing.permit.late.is_set() or syncing.stop.is_set():
        raise IncompleteError(_too_late(plan, syncing))


def _reason(plan: SourcePlan, error: Exception, syncing: Syncing) -> str:
    if syncing.permit.late.is_set():
        return _too_late(plan, syncing)  # whatever closing its connection made of it
    if isinstance(error, OkrSyncError):
        return str(error)
    log.error("source %s: a defect", plan.source, exc_info=error)
    return f"a defect in connector {type(plan.connector).__name__}, please report it: {error!r}"


def _read(plan: SourcePlan, stream: Stream, syncing: Syncing, tally: _Tally) -> None:
    """A first read by new settings is a full one: what the old ones chose and these do not has ended for us.

    Where there is a census, that finds out.
    """
    if stream.is_full_read or (not stream.has_census and _has_other_settings(plan, stream, syncing)):
        _read_everything(plan, stream, syncing, tally)
    else:
        _read_changes(plan, stream, syncing, tally)


def _has_other_settings(plan: SourcePlan, stream: Stream, syncing: Syncing) -> bool:
    source_log = SourceLog(syncing.warehouse, plan.source)
    return source_log.was_read_otherwise(stream.name, plan.settings_hashes[stream.name])


def _read_everything(plan: SourcePlan, stream: Stream, syncing: Syncing, tally: _Tally) -> None:
    source_log = SourceLog(syncing.warehouse, plan.source)
    landed_at = syncing.clock()
    with Staging(stream, landed_at, syncing.warehouse.zone) as staging:
        checkpoint: Checkpoint = {}
        for page in _watched(plan, stream, plan.connector.read(stream, None), syncing, tally):
            staging.add(page.records)
            checkpoint = page.checkpoint
        tally.refuse_rejections()
        with syncing.permit.changing():
            landing = source_log.land_everything(
                staging,
                checkpoint,
                plan.settings_hashes[stream.name],
                landed_at,
                accept_deletions=syncing.accept_deletions,
            )
    tally.new_count, tally.deleted_count, tally.checkpoint = landing.new_count, landing.deleted_count, checkpoint
    tally.ended = {End.NOT_VISIBLE: landing.not_visible_count, End.OUT_OF_SCOPE: landing.out_of_scope_count}


def _read_changes(plan: SourcePlan, stream: Stream, syncing: Syncing, tally: _Tally) -> None:
    source_log = SourceLog(syncing.warehouse, plan.source)
    settings_hash = plan.settings_hashes[stream.name]
    end = End.OUT_OF_SCOPE if _has_other_settings(plan, stream, syncing) else End.NOT_VISIBLE
    checkpoint = source_log.checkpoint(stream.name, settings_hash)
    for page in _in_batches(_watched(plan, stream, plan.connector.read(stream, checkpoint), syncing, tally)):
        if not page.rejected:
            checkpoint = page.checkpoint
        with syncing.permit.changing():
            landing = source_log.land(stream, page.records, checkpoint, settings_hash, syncing.clock())
        tally.checkpoint = checkpoint
        tally.new_count += landing.new_count
        tally.deleted_count += landing.deleted_count
    tally.refuse_rejections()
    if stream.has_census:
        _take_census(plan, stream, syncing, tally, end)


def _take_census(plan: SourcePlan, stream: Stream, syncing: Syncing, tally: _Tally, end: End) -> None:
    """Find what was deleted, or came back, without any change that a read would have seen; `end` says why it ended."""
    source_log = SourceLog(syncing.warehouse, plan.source)
    keys = pa.chunked_array([pa.array(keys, pa.string()) for keys in plan.connector.census(stream)], pa.string())
    with syncing.permit.changing():
        accepted = syncing.accept_deletions
        census = source_log.take_census(stream, keys, syncing.clock(), accept_deletions=accepted, end=end)
    tally.deleted_count += census.deleted_count
    tally.ended[end] += census.deleted_count
    for records in plan.connector.fetch(stream, census.unknown_keys) if census.unknown_keys else ():
        tally.read_count += len(records)
        with syncing.permit.changing():
            tally.new_count += source_log.land_returned(stream, records, syncing.clock()).new_count


def _watched(
    plan: SourcePlan, stream: Stream, pages: Iterator[Page], syncing: Syncing, tally: _Tally
) -> Iterator[Page]:
    """The pages as they come, counted and shown; ends early when the run is asked to stop."""
    for page in pages:
        syncing.permit.check()
        tally.read_count += len(page.records) + len(page.rejected)
        tally.rejected.extend(page.rejected)
        if len(tally.rejected) > MOST_REJECTIONS:
            tally.refuse_rejections()
        syncing.watch(plan.source, stream.name, tally.read_count, page.expected_count)
        yield page
        _refuse_late(plan, syncing)


def _in_batches(pages: Iterator[Page]) -> Iterator[Page]:
    """Small pages joined, each batch with the checkpoint of its last page.

    A checkpoint that moved without records is a page of its own at the end. Once a record was rejected, no later
    batch may move the checkpoint past it: each says so. What came before a read broke off is a batch, too.
    """
    records: list[Record] = []
    rejected: tuple[Rejection, ...] = ()
    checkpoint: Checkpoint | None = None
    try:
        for page in pages:
            if page.rejected and not rejected:
                if checkpoint is not None:
                    yield Page(records, checkpoint)
                records, rejected = [], tuple(page.rejected)
            records.extend(page.records)
            checkpoint = page.checkpoint
            if len(records) >= BATCH_RECORDS:
                yield Page(records, checkpoint, rejected=rejected)
                records, checkpoint = [], None
    except Exception:
        if checkpoint is not None:
            yield Page(records, checkpoint, rejected=rejected)
        raise
    if checkpoint is not None:
        yield Page(records, checkpoint, rejected=rejected)
