"""Of each observation, whether its day had yet to settle; those of before were final at once."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """A column with a default is added in place, by SQLite too."""
    op.add_column("observation", sa.Column("is_provisional", sa.Boolean, nullable=False, server_default=sa.false()))
