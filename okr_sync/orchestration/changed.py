"""A sensor that computes anew, for today, what has another definition than the one its last value was computed by."""

# Dagster reads the annotation of `context` as an object: no `from __future__ import annotations` here.
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from okr_sync import pipeline
from okr_sync.errors import OkrSyncError, ProjectError
from okr_sync.orchestration.describe import key_result_key
from okr_sync.orchestration.last_good import Opened, open_project
from okr_sync.orchestration.watched import kpi_key
from okr_sync.project.load import read_files
from okr_sync.store import Definition, RecordedKpiObservation, RecordedObservation

JOB = "recompute"
SENSOR = "definitions_changed"
_SECONDS = 60

Recorded = RecordedObservation | RecordedKpiObservation


def recompute(opened: Opened) -> dg.Definitions:
    """A job over every key result and KPI, which asks no source, and the sensor that runs it; none where none is."""
    folder = opened.workspace.project.folder
    keys = frozenset(_definitions(opened))
    if not keys:
        return dg.Definitions()
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.assets(*sorted(keys)),
        description="Compute key results and KPIs from what has landed. No source is asked.",
    )

    @dg.sensor(
        name=SENSOR,
        job_name=JOB,
        minimum_interval_seconds=_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Looks whether the project's files changed, and computes anew for today what is defined otherwise.",
    )
    def definitions_changed(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        seen = _Cursor.parse(context.cursor)
        content = _content(folder)
        if seen is not None and seen.content == content:
            return dg.SensorResult(skip_reason=seen.says, cursor=context.cursor)
        found = _look(folder, keys)
        for line in found.notes:
            context.log.warning(line)
        says = "\n".join(found.notes) or "The project's files are as they were."
        cursor = _Cursor(content, says).to_json()
        if found.request is None:
            return dg.SensorResult(skip_reason=says, cursor=cursor)
        return dg.SensorResult(run_requests=[found.request], cursor=cursor)

    return dg.Definitions(jobs=[job], sensors=[definitions_changed])


@dataclass(frozen=True, slots=True)
class _Cursor:
    content: str
    """A hash of the files that were looked at."""
    says: str
    """What a tick says as long as they stay so."""

    def to_json(self) -> str:
        return json.dumps([self.content, self.says])

    @classmethod
    def parse(cls, text: str | None) -> "_Cursor | None":
        return None if text is None else cls(*json.loads(text))


@dataclass(frozen=True, slots=True)
class _Found:
    request: dg.RunRequest | None = None
    notes: tuple[str, ...] = ()
    """What a person has to know or to do."""


def _content(folder: Path) -> str:
    """Of the content, not of the times: a checkout of the same files is no change."""
    try:
        files = read_files(folder)
    except ProjectError as error:
        return str(error)
    return hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()


def _look(folder: Path, keys: Collection[dg.AssetKey]) -> _Found:
    try:
        opened = open_project(folder)
    except OkrSyncError as error:
        return _Found(notes=(str(error),))
    if opened.broken is not None:
        return _Found(notes=(opened.broken,))
    defined, stored = _definitions(opened), _stored(opened)
    if not any(stored.values()):
        return _Found(notes=("Nothing was computed yet; the first night does it.",))
    changed = {
        key: (defined[key], last)
        for key, last in stored.items()
        if key in keys and (last is None or last.definition != defined[key].hash)
    }
    notes = _to_reload(keys - defined.keys(), defined.keys() - keys)
    if not changed:
        return _Found(notes=notes)
    day = pipeline.day_of(opened.workspace, None).day.isoformat()
    request = dg.RunRequest(
        run_key=_run_key(day, changed), asset_selection=sorted(changed), partition_key=day, job_name=JOB
    )
    return _Found(request, notes)


def _definitions(opened: Opened) -> dict[dg.AssetKey, Definition]:
    """Of the key results of today's cycles, and of the KPIs."""
    workspace, days = pipeline.in_time(opened.workspace, None)
    found = {kpi_key(name): one for name, one in workspace.kpi_definitions.items()}
    for day in days:
        for objective in workspace.project.objectives_in(day.cycle):
            found |= {key_result_key(objective, one): workspace.definitions[one.id] for one in objective.key_results}
    return found


def _stored(opened: Opened) -> dict[dg.AssetKey, Recorded | None]:
    """The last observation of each; without those of closed cycles, of which nothing is computed."""
    workspace, days = pipeline.in_time(opened.workspace, None)
    with pipeline.open_store(workspace) as store:
        kpis = store.kpis_at(days[0].day)
        found: dict[dg.AssetKey, Recorded | None] = {kpi_key(name): kpis.get(name) for name in workspace.project.kpis}
        for day in days:
            last = store.observations_at(day.cycle.name, day.day)
            if store.closing(day.cycle.name) is None:
                for objective in workspace.project.objectives_in(day.cycle):
                    found |= {key_result_key(objective, one): last.get(one.id) for one in objective.key_results}
    return found


def _to_reload(gone: Collection[dg.AssetKey], new: Collection[dg.AssetKey]) -> tuple[str, ...]:
    """Which assets there are is known anew when the code location loads."""
    parts = [
        f"{', '.join(sorted(key.path[-1] for key in keys))} {verb}"
        for keys, verb in ((new, "came"), (gone, "went"))
        if keys
    ]
    return (f"Reload the code location: {'; '.join(parts)}.",) if parts else ()


def _run_key(day: str, changed: Mapping[dg.AssetKey, tuple[Definition, Recorded | None]]) -> str:
    """The same for two looks at one change; another once a run has stored something, or for other definitions."""
    parts = [
        (key.to_user_string(), one.hash, None if last is None else (str(last.as_of), last.revision))
        for key, (one, last) in sorted(changed.items())
    ]
    return hashlib.sha256(repr((day, parts)).encode()).hexdigest()
