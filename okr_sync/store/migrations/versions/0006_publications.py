"""What was published where, so that nothing is sent twice. Nothing stored changes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_KEPT = "what was published is never changed: it was read by somebody"


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("destination", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("message", sa.String),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_publication"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_publication_run"),
    )
    op.create_index("ix_publication_destination_kind_id", "publication", ["destination", "kind", "id"])
    is_sqlite = op.get_context().dialect.name == "sqlite"
    for statement in _SQLITE_TRIGGERS if is_sqlite else _POSTGRESQL_TRIGGERS:
        op.execute(statement)


_SQLITE_TRIGGERS = [
    f"""
    CREATE TRIGGER publication_refuses_{change} BEFORE {change} ON publication
    BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END
    """
    for change in ("update", "delete")
]
_POSTGRESQL_TRIGGERS = [
    f"""
    CREATE FUNCTION publication_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{_KEPT}'; END $$
    """,
    """
    CREATE TRIGGER publication_refuses BEFORE UPDATE OR DELETE OR TRUNCATE ON publication
    FOR EACH STATEMENT EXECUTE FUNCTION publication_refuses()
    """,
]
