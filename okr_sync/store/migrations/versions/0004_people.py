"""What people say of key results: values let through failed gates, check-ins and overrides. Nothing stored changes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_TIME = sa.DateTime(timezone=True)
_TABLES = ("acceptance", "check_in", "override")
_KEPT = "what people said is never changed: say something new"
_CLOSED = "the cycle is closed: nothing of it is written any more"


def upgrade() -> None:
    is_sqlite = op.get_context().dialect.name == "sqlite"
    _create(
        "acceptance",
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("value", sa.Float),
        sa.Column("gates", sa.JSON, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("accepted_by", sa.String, nullable=False),
        sa.Column("accepted_at", _TIME, nullable=False),
    )
    _create(
        "check_in",
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("confidence", sa.Float),
        sa.Column("note", sa.String),
        sa.Column("said_by", sa.String, nullable=False),
        sa.Column("said_at", _TIME, nullable=False),
    )
    _create(
        "override",
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("value", sa.Float),
        sa.Column("unit", sa.String),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("said_by", sa.String, nullable=False),
        sa.Column("said_at", _TIME, nullable=False),
    )
    for table in _TABLES:
        for statement in _sqlite_triggers(table) if is_sqlite else _postgresql_triggers(table):
            op.execute(statement)


def _create(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("cycle", sa.String, nullable=False),
        sa.Column("key_result", sa.String, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_cycle", name, ["cycle"])


def _sqlite_triggers(table: str) -> list[str]:
    kept = [
        f"""
        CREATE TRIGGER {table}_refuses_{change} BEFORE {change} ON {table}
        BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END
        """
        for change in ("update", "delete")
    ]
    closed = f"""
        CREATE TRIGGER {table}_refuses_closed BEFORE insert ON {table}
        WHEN EXISTS (SELECT 1 FROM closed_cycle c WHERE c.cycle = NEW.cycle)
        BEGIN SELECT RAISE(ABORT, '{_CLOSED}'); END
        """  # noqa: S608 - our own words
    return [*kept, closed]


def _postgresql_triggers(table: str) -> list[str]:
    return [
        f"""
        CREATE FUNCTION {table}_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{_KEPT}'; END $$
        """,
        f"""
        CREATE TRIGGER {table}_refuses BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()
        """,
        f"""
        CREATE TRIGGER {table}_refuses_closed BEFORE INSERT ON {table}
        FOR EACH ROW EXECUTE FUNCTION closed_cycle_refuses_more()
        """,
    ]
