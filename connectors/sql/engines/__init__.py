"""The kinds of databases, by the first word of an address."""

from __future__ import annotations

from connectors.sql.engines.duck import DUCKDB
from connectors.sql.engines.engine import Engine, Reason, Told, Wall
from connectors.sql.engines.mysql import MARIADB, MYSQL
from connectors.sql.engines.others import BIGQUERY, SNOWFLAKE
from connectors.sql.engines.postgresql import POSTGRESQL
from connectors.sql.engines.sqlite import SQLITE

ENGINES = {
    "postgresql": POSTGRESQL,
    "postgres": POSTGRESQL,  # as hosting services write it
    "mysql": MYSQL,
    "mariadb": MARIADB,
    "sqlite": SQLITE,
    "duckdb": DUCKDB,
    "snowflake": SNOWFLAKE,
    "bigquery": BIGQUERY,
}

__all__ = ["ENGINES", "POSTGRESQL", "Engine", "Reason", "Told", "Wall", "engine_named"]


def engine_named(scheme: str) -> Engine | None:
    """The engine behind `postgresql` or `postgresql+psycopg`."""
    return ENGINES.get(scheme.partition("+")[0].lower())
