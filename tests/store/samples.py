"""A cycle, key results and observations for the tests of the store."""

from datetime import UTC, date, datetime

from okr_sync.project.cycle import Cycle
from okr_sync.store import Definition, Observation, StoredKeyResult, StoredObjective

URL = "sqlite:///data/store.db"
AT = datetime(2026, 11, 15, 2, 0, tzinfo=UTC)
CYCLE = Cycle("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))
DEFINITION = Definition('{"goal":{}}', "a" * 64)


def key_result(id_: str, name: str = "A key result", definition: Definition = DEFINITION) -> StoredKeyResult:
    return StoredKeyResult(
        id=id_,
        name=name,
        owner=None,
        ambition="committed",
        weight=1.0,
        kind="move",
        goal="from 30 to 45",
        baseline=30.0,
        target=45.0,
        definition=definition,
    )


def objective(id_: str, *key_results: StoredKeyResult) -> StoredObjective:
    return StoredObjective(id=id_, name="An objective", owner="someone", key_results=key_results)


def observation(
    key_result: str, day: int, value: float | None, status: str = "on track", reason: str = "why"
) -> Observation:
    """Of a day in November."""
    return Observation(
        cycle=CYCLE.name,
        key_result=key_result,
        as_of=date(2026, 11, day),
        value=value,
        unit=None,
        baseline=30.0,
        target=45.0,
        weight=1.0,
        progress=value,
        expected_progress=0.5,
        status=status,
        reason=reason,
        record_count=0 if value is None else 7,
        definition=DEFINITION.hash,
        evidence={"sql": "SELECT 1"},
    )
