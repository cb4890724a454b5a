"""A forecast beside each observation: columns that older observations leave empty."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_STATUS_VIEW = """
CREATE VIEW okr_status AS
SELECT o.cycle, k.objective, j.name AS objective_name, j.owner AS objective_owner,
       o.key_result, k.name AS key_result_name, k.owner AS key_result_owner, k.ambition, k.kind, k.goal,
       o.as_of, o.revision, o.value, o.computed_value, o.unit, o.baseline, o.target, o.low, o.high, o.weight,
       o.progress, o.expected_progress, o.status, o.reason, o.record_count, o.definition, o.recorded_at,
       j.parent AS objective_parent, j.weight AS objective_weight, k.member_of, k.roll_up,
       o.forecast_value, o.forecast_low, o.forecast_high
FROM observation o
JOIN key_result k ON k.cycle = o.cycle AND k.id = o.key_result
JOIN objective j ON j.cycle = k.cycle AND j.id = k.objective
WHERE o.revision = (
    SELECT max(r.revision) FROM observation r
    WHERE r.cycle = o.cycle AND r.key_result = o.key_result AND r.as_of = o.as_of
)
"""


def upgrade() -> None:
    """Columns that may be empty are added in place, by SQLite too, so the triggers of the table stay."""
    op.execute("DROP VIEW okr_status")
    for name in ("forecast_value", "forecast_low", "forecast_high"):
        op.add_column("observation", sa.Column(name, sa.Float))
    op.add_column("observation", sa.Column("forecast_basis", sa.JSON))
    op.execute(_STATUS_VIEW)
