"""The tables of the store. What they mean is said by the dataclasses of `okr_sync.store.model`, field by field.

A change here needs a new revision in `migrations/versions`; a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from pydantic import JsonValue
from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    MetaData,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlmodel import Field, SQLModel


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC. SQLite knows no zones, so what it gives back is marked as UTC here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(SQLModel):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        }
    )


class RunTable(Table, table=True):
    __tablename__ = "run"

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    version: str
    as_of: date
    started_at: datetime = Field(sa_type=UtcTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcTime)
    outcome: str | None = None


class SyncTable(Table, table=True):
    __tablename__ = "sync_run"
    __table_args__ = (Index(None, "source", "stream", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id")
    source: str
    stream: str
    started_at: datetime = Field(sa_type=UtcTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcTime)
    is_complete: bool = False
    read_count: int = 0
    new_count: int = 0
    deleted_count: int = 0
    request_count: int = 0
    rejected_count: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    waited_seconds: float = Field(default=0.0, sa_column_kwargs={"server_default": text("0")})
    checkpoint: dict[str, JsonValue] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    error: str | None = None


class CycleTable(Table, table=True):
    __tablename__ = "cycle"

    name: str = Field(primary_key=True)
    starts_on: date
    ends_on: date


class ObjectiveTable(Table, table=True):
    __tablename__ = "objective"

    cycle: str = Field(primary_key=True, foreign_key="cycle.name")
    id: str = Field(primary_key=True)
    position: int
    name: str
    owner: str | None = None
    parent: str | None = None
    weight: float = Field(default=1.0, sa_column_kwargs={"server_default": text("1")})


class DefinitionTable(Table, table=True):
    __tablename__ = "definition"

    key_result: str = Field(primary_key=True)
    hash: str = Field(primary_key=True)
    text: str
    first_seen_at: datetime = Field(sa_type=UtcTime)


class KeyResultTable(Table, table=True):
    __tablename__ = "key_result"
    __table_args__ = (
        ForeignKeyConstraint(["cycle", "objective"], ["objective.cycle", "objective.id"]),
        ForeignKeyConstraint(["id", "definition"], ["definition.key_result", "definition.hash"]),
    )

    cycle: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    objective: str
    position: int
    name: str
    owner: str | None = None
    ambition: str
    weight: float
    kind: str
    goal: str
    baseline: float | None = None
    target: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    definition: str
    member_of: str | None = None
    roll_up: str | None = None
    removed_at: datetime | None = Field(default=None, sa_type=UtcTime)


class ObservationTable(Table, table=True):
    __tablename__ = "observation"
    __table_args__ = (
        UniqueConstraint("cycle", "key_result", "as_of", "revision"),
        ForeignKeyConstraint(["cycle", "key_result"], ["key_result.cycle", "key_result.id"]),
        ForeignKeyConstraint(["key_result", "definition"], ["definition.key_result", "definition.hash"]),
    )

    id: int | None = Field(default=None, primary_key=True)
    cycle: str
    key_result: str
    as_of: date
    revision: int
    value: float | None = None
    computed_value: float | None = None
    unit: str | None = None
    baseline: float | None = None
    target: float | None = None
    low: float | None = None
    high: float | None = None
    weight: float
    progress: float | None = None
    expected_progress: float
    status: str
    reason: str
    record_count: int
    definition: str
    evidence: dict[str, JsonValue] = Field(sa_type=JSON)
    forecast_value: float | None = None
    forecast_low: float | None = None
    forecast_high: float | None = None
    forecast_basis: dict[str, JsonValue] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    is_provisional: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    run_id: int = Field(foreign_key="run.id")
    recorded_at: datetime = Field(sa_type=UtcTime)


class KpiTable(Table, table=True):
    __tablename__ = "kpi"

    id: str = Field(primary_key=True)
    position: int
    name: str
    owner: str | None = None
    range: str
    removed_at: datetime | None = Field(default=None, sa_type=UtcTime)


class KpiDefinitionTable(Table, table=True):
    __tablename__ = "kpi_definition"

    kpi: str = Field(primary_key=True)
    hash: str = Field(primary_key=True)
    text: str
    first_seen_at: datetime = Field(sa_type=UtcTime)


class KpiObservationTable(Table, table=True):
    __tablename__ = "kpi_observation"
    __table_args__ = (
        UniqueConstraint("kpi", "as_of", "revision"),
        ForeignKeyConstraint(["kpi", "definition"], ["kpi_definition.kpi", "kpi_definition.hash"]),
    )

    id: int | None = Field(default=None, primary_key=True)
    kpi: str = Field(foreign_key="kpi.id")
    as_of: date
    revision: int
    value: float | None = None
    computed_value: float | None = None
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    status: str
    reason: str
    record_count: int
    definition: str
    evidence: dict[str, JsonValue] = Field(sa_type=JSON)
    run_id: int = Field(foreign_key="run.id")
    recorded_at: datetime = Field(sa_type=UtcTime)


class InitiativeTable(Table, table=True):
    __tablename__ = "initiative"
    __table_args__ = (ForeignKeyConstraint(["cycle", "objective"], ["objective.cycle", "objective.id"]),)

    cycle: str = Field(primary_key=True)
    objective: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    position: int
    removed_at: datetime | None = Field(default=None, sa_type=UtcTime)


class CompletionTable(Table, table=True):
    __tablename__ = "completion"
    __table_args__ = (
        UniqueConstraint("cycle", "objective", "initiative", "as_of", "revision"),
        ForeignKeyConstraint(
            ["cycle", "objective", "initiative"], ["initiative.cycle", "initiative.objective", "initiative.name"]
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    cycle: str
    objective: str
    initiative: str
    as_of: date
    revision: int
    done_count: int | None = None
    record_count: int | None = None
    status: str
    reason: str
    definition: str
    run_id: int = Field(foreign_key="run.id")
    recorded_at: datetime = Field(sa_type=UtcTime)


class ClosedCycleTable(Table, table=True):
    __tablename__ = "closed_cycle"

    cycle: str = Field(primary_key=True, foreign_key="cycle.name")
    closed_at: datetime = Field(sa_type=UtcTime)
    closed_by: str
    snapshot: str
    digest: str
    signature: str | None = None


class AcceptanceTable(Table, table=True):
    __tablename__ = "acceptance"

    id: int | None = Field(default=None, primary_key=True)
    cycle: str = Field(index=True)
    key_result: str
    as_of: date
    value: float | None = None
    gates: dict[str, JsonValue] = Field(sa_type=JSON)
    reason: str
    accepted_by: str
    accepted_at: datetime = Field(sa_type=UtcTime)


class CheckInTable(Table, table=True):
    __tablename__ = "check_in"

    id: int | None = Field(default=None, primary_key=True)
    cycle: str = Field(index=True)
    key_result: str
    as_of: date
    confidence: float | None = None
    note: str | None = None
    said_by: str
    said_at: datetime = Field(sa_type=UtcTime)


class OverrideTable(Table, table=True):
    __tablename__ = "override"

    id: int | None = Field(default=None, primary_key=True)
    cycle: str = Field(index=True)
    key_result: str
    starts_on: date
    until: date
    value: float | None = None
    unit: str | None = None
    reason: str
    said_by: str
    said_at: datetime = Field(sa_type=UtcTime)


class PublicationTable(Table, table=True):
    __tablename__ = "publication"
    __table_args__ = (Index(None, "destination", "kind", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    destination: str
    kind: str
    subject: str
    as_of: date
    message: str | None = None
    content: dict[str, JsonValue] = Field(sa_type=JSON)
    sent_at: datetime = Field(sa_type=UtcTime)
    run_id: int | None = Field(default=None, foreign_key="run.id")
