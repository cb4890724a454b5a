"""Objectives below others, members of templates, KPIs, completion of initiatives, and cycles that were closed.

Nothing that was stored changes. Columns are added in place, on SQLite too: none of them needs a copy of its table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TIME = sa.DateTime(timezone=True)

_STATUS_VIEW = """
CREATE VIEW okr_status AS
SELECT o.cycle, k.objective, j.name AS objective_name, j.owner AS objective_owner,
       o.key_result, k.name AS key_result_name, k.owner AS key_result_owner, k.ambition, k.kind, k.goal,
       o.as_of, o.revision, o.value, o.computed_value, o.unit, o.baseline, o.target, o.low, o.high, o.weight,
       o.progress, o.expected_progress, o.status, o.reason, o.record_count, o.definition, o.recorded_at,
       j.parent AS objective_parent, j.weight AS objective_weight, k.member_of, k.roll_up
FROM observation o
JOIN key_result k ON k.cycle = o.cycle AND k.id = o.key_result
JOIN objective j ON j.cycle = k.cycle AND j.id = k.objective
WHERE o.revision = (
    SELECT max(r.revision) FROM observation r
    WHERE r.cycle = o.cycle AND r.key_result = o.key_result AND r.as_of = o.as_of
)
"""
_KPI_VIEW = """
CREATE VIEW kpi_status AS
SELECT o.kpi, k.name AS kpi_name, k.owner AS kpi_owner, o.as_of, o.revision, o.value, o.computed_value, o.unit,
       o.low, o.high, o.status, o.reason, o.record_count, o.definition, o.recorded_at
FROM kpi_observation o
JOIN kpi k ON k.id = o.kpi
WHERE o.revision = (SELECT max(r.revision) FROM kpi_observation r WHERE r.kpi = o.kpi AND r.as_of = o.as_of)
"""
_NEVER_CHANGED = {
    "kpi_observation": "observations are never changed: record a new revision",
    "completion": "observations are never changed: record a new revision",
    "closed_cycle": "a cycle that was closed stays as it was signed",
}
_OF_CYCLES = ("observation", "completion")
"""What is not written any more once its cycle is closed."""
_CLOSED = "the cycle is closed: nothing of it is written any more"


def upgrade() -> None:
    is_sqlite = op.get_context().dialect.name == "sqlite"
    op.execute("DROP VIEW okr_status")
    op.add_column("objective", sa.Column("parent", sa.String))
    op.add_column("objective", sa.Column("weight", sa.Float, nullable=False, server_default=sa.text("1")))
    op.add_column("key_result", sa.Column("member_of", sa.String))
    op.add_column("key_result", sa.Column("roll_up", sa.String))
    _create_kpis()
    _create_initiatives()
    _create_closed_cycles()
    op.execute(_STATUS_VIEW)
    op.execute(_KPI_VIEW)
    for statement in _sqlite_triggers() if is_sqlite else _postgresql_triggers():
        op.execute(statement)


def _create_kpis() -> None:
    op.create_table(
        "kpi",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("owner", sa.String),
        sa.Column("range", sa.String, nullable=False),
        sa.Column("removed_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_kpi"),
    )
    op.create_table(
        "kpi_definition",
        sa.Column("kpi", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("first_seen_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("kpi", "hash", name="pk_kpi_definition"),
    )
    op.create_table(
        "kpi_observation",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kpi", sa.String, sa.ForeignKey("kpi.id", name="fk_kpi_observation_kpi"), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("value", sa.Float),
        sa.Column("computed_value", sa.Float),
        sa.Column("unit", sa.String),
        sa.Column("low", sa.Float),
        sa.Column("high", sa.Float),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("record_count", sa.Integer, nullable=False),
        sa.Column("definition", sa.String, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id", name="fk_kpi_observation_run"), nullable=False),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kpi_observation"),
        sa.UniqueConstraint("kpi", "as_of", "revision", name="uq_kpi_observation_kpi_as_of_revision"),
        sa.ForeignKeyConstraint(
            ["kpi", "definition"],
            ["kpi_definition.kpi", "kpi_definition.hash"],
            name="fk_kpi_observation_kpi_definition",
        ),
    )


def _create_initiatives() -> None:
    op.create_table(
        "initiative",
        sa.Column("cycle", sa.String, nullable=False),
        sa.Column("objective", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("removed_at", _TIME),
        sa.PrimaryKeyConstraint("cycle", "objective", "name", name="pk_initiative"),
        sa.ForeignKeyConstraint(
            ["cycle", "objective"], ["objective.cycle", "objective.id"], name="fk_initiative_objective"
        ),
    )
    op.create_table(
        "completion",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("cycle", sa.String, nullable=False),
        sa.Column("objective", sa.String, nullable=False),
        sa.Column("initiative", sa.String, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("done_count", sa.Integer),
        sa.Column("record_count", sa.Integer),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("definition", sa.String, nullable=False),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id", name="fk_completion_run"), nullable=False),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_completion"),
        sa.UniqueConstraint(
            "cycle",
            "objective",
            "initiative",
            "as_of",
            "revision",
            name="uq_completion_cycle_objective_initiative_as_of_revision",
        ),
        sa.ForeignKeyConstraint(
            ["cycle", "objective", "initiative"],
            ["initiative.cycle", "initiative.objective", "initiative.name"],
            name="fk_completion_initiative",
        ),
    )


def _create_closed_cycles() -> None:
    op.create_table(
        "closed_cycle",
        sa.Column("cycle", sa.String, sa.ForeignKey("cycle.name", name="fk_closed_cycle_cycle"), nullable=False),
        sa.Column("closed_at", _TIME, nullable=False),
        sa.Column("closed_by", sa.String, nullable=False),
        sa.Column("snapshot", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("signature", sa.String),
        sa.PrimaryKeyConstraint("cycle", name="pk_closed_cycle"),
    )


def _sqlite_triggers() -> list[str]:
    kept = [
        f"""
        CREATE TRIGGER {table}_refuses_{change} BEFORE {change} ON {table}
        BEGIN SELECT RAISE(ABORT, '{why}'); END
        """
        for table, why in _NEVER_CHANGED.items()
        for change in ("update", "delete")
    ]
    closed = [
        f"""
        CREATE TRIGGER {table}_refuses_closed BEFORE insert ON {table}
        WHEN EXISTS (SELECT 1 FROM closed_cycle c WHERE c.cycle = NEW.cycle)
        BEGIN SELECT RAISE(ABORT, '{_CLOSED}'); END
        """  # noqa: S608 - our own words
        for table in _OF_CYCLES
    ]
    return kept + closed


def _postgresql_triggers() -> list[str]:
    kept = [
        statement
        for table, why in _NEVER_CHANGED.items()
        for statement in (
            f"""
            CREATE FUNCTION {table}_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{why}'; END $$
            """,
            f"""
            CREATE TRIGGER {table}_refuses BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()
            """,
        )
    ]
    function = f"""
        CREATE FUNCTION closed_cycle_refuses_more() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM closed_cycle c WHERE c.cycle = NEW.cycle) THEN
                RAISE EXCEPTION '{_CLOSED}';
            END IF;
            RETURN NEW;
        END $$
        """  # noqa: S608 - our own words
    closed = [
        f"""
        CREATE TRIGGER {table}_refuses_closed BEFORE INSERT ON {table}
        FOR EACH ROW EXECUTE FUNCTION closed_cycle_refuses_more()
        """
        for table in _OF_CYCLES
    ]
    return [*kept, function, *closed]
