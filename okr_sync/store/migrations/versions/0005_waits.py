"""Of each sync, the records that it could not read and how long it waited; older ones were not counted."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Columns with a default are added in place, by SQLite too."""
    op.add_column("sync_run", sa.Column("rejected_count", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.add_column("sync_run", sa.Column("waited_seconds", sa.Float, nullable=False, server_default=sa.text("0")))
