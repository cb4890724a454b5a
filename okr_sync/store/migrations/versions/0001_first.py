"""The first schema.

A later revision that changes `observation` or `key_result` on SQLite copies them (Alembic's batch mode): it drops the
view before, and makes the view and the triggers again after.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)

_STATUS_VIEW = """
CREATE VIEW okr_status AS
SELECT o.cycle, k.objective, j.name AS objective_name, j.owner AS objective_owner,
       o.key_result, k.name AS key_result_name, k.owner AS key_result_owner, k.ambition, k.kind, k.goal,
       o.as_of, o.revision, o.value, o.computed_value, o.unit, o.baseline, o.target, o.low, o.high, o.weight,
       o.progress, o.expected_progress, o.status, o.reason, o.record_count, o.definition, o.recorded_at
FROM observation o
JOIN key_result k ON k.cycle = o.cycle AND k.id = o.key_result
JOIN objective j ON j.cycle = k.cycle AND j.id = k.objective
WHERE o.revision = (
    SELECT max(r.revision) FROM observation r
    WHERE r.cycle = o.cycle AND r.key_result = o.key_result AND r.as_of = o.as_of
)
"""
_SQLITE_TRIGGERS = [
    f"""
    CREATE TRIGGER observation_refuses_{change} BEFORE {change} ON observation
    BEGIN SELECT RAISE(ABORT, 'observations are never changed: record a new revision'); END
    """
    for change in ("update", "delete")
]
_POSTGRESQL_TRIGGERS = [
    """
    CREATE FUNCTION observation_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'observations are never changed: record a new revision'; END $$
    """,
    """
    CREATE TRIGGER observation_refuses BEFORE UPDATE OR DELETE OR TRUNCATE ON observation
    FOR EACH STATEMENT EXECUTE FUNCTION observation_refuses()
    """,
]


def upgrade() -> None:
    _create_runs()
    _create_objectives()
    _create_observations()
    op.execute(_STATUS_VIEW)
    for statement in _SQLITE_TRIGGERS if op.get_context().dialect.name == "sqlite" else _POSTGRESQL_TRIGGERS:
        op.execute(statement)


def _create_runs() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME),
        sa.Column("outcome", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_table(
        "sync_run",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id", name="fk_sync_run_run"), nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("stream", sa.String, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME),
        sa.Column("is_complete", sa.Boolean, nullable=False),
        sa.Column("read_count", sa.Integer, nullable=False),
        sa.Column("new_count", sa.Integer, nullable=False),
        sa.Column("deleted_count", sa.Integer, nullable=False),
        sa.Column("request_count", sa.Integer, nullable=False),
        sa.Column("checkpoint", sa.JSON),
        sa.Column("error", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_sync_run"),
    )
    op.create_index("ix_sync_run_source_stream_id", "sync_run", ["source", "stream", "id"])


def _create_objectives() -> None:
    op.create_table(
        "cycle",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_cycle"),
    )
    op.create_table(
        "objective",
        sa.Column("cycle", sa.String, sa.ForeignKey("cycle.name", name="fk_objective_cycle"), nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("owner", sa.String),
        sa.PrimaryKeyConstraint("cycle", "id", name="pk_objective"),
    )
    op.create_table(
        "definition",
        sa.Column("key_result", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("first_seen_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("key_result", "hash", name="pk_definition"),
    )
    op.create_table(
        "key_result",
        sa.Column("cycle", sa.String, nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("objective", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("owner", sa.String),
        sa.Column("ambition", sa.String, nullable=False),
        sa.Column("weight", sa.Float, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("goal", sa.String, nullable=False),
        sa.Column("baseline", sa.Float),
        sa.Column("target", sa.Float),
        sa.Column("low", sa.Float),
        sa.Column("high", sa.Float),
        sa.Column("unit", sa.String),
        sa.Column("definition", sa.String, nullable=False),
        sa.Column("removed_at", _TIME),
        sa.PrimaryKeyConstraint("cycle", "id", name="pk_key_result"),
        sa.ForeignKeyConstraint(
            ["cycle", "objective"], ["objective.cycle", "objective.id"], name="fk_key_result_objective"
        ),
        sa.ForeignKeyConstraint(
            ["id", "definition"], ["definition.key_result", "definition.hash"], name="fk_key_result_definition"
        ),
    )


def _create_observations() -> None:
    op.create_table(
        "observation",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("cycle", sa.String, nullable=False),
        sa.Column("key_result", sa.String, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("value", sa.Float),
        sa.Column("computed_value", sa.Float),
        sa.Column("unit", sa.String),
        sa.Column("baseline", sa.Float),
        sa.Column("target", sa.Float),
        sa.Column("low", sa.Float),
        sa.Column("high", sa.Float),
        sa.Column("weight", sa.Float, nullable=False),
        sa.Column("progress", sa.Float),
        sa.Column("expected_progress", sa.Float, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("record_count", sa.Integer, nullable=False),
        sa.Column("definition", sa.String, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id", name="fk_observation_run"), nullable=False),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_observation"),
        sa.UniqueConstraint(
            "cycle", "key_result", "as_of", "revision", name="uq_observation_cycle_key_result_as_of_revision"
        ),
        sa.ForeignKeyConstraint(
            ["cycle", "key_result"], ["key_result.cycle", "key_result.id"], name="fk_observation_key_result"
        ),
        sa.ForeignKeyConstraint(
            ["key_result", "definition"], ["definition.key_result", "definition.hash"], name="fk_observation_definition"
        ),
    )
