"""Databases that are read through SQLAlchemy alone: without a transaction of their own, guarded by what is sent."""

from __future__ import annotations

from connectors.sql.engines.engine import Engine

SNOWFLAKE = Engine("Snowflake", driver="snowflake", package="snowflake-sqlalchemy", dialect="snowflake")
BIGQUERY = Engine("BigQuery", driver="bigquery", package="sqlalchemy-bigquery", dialect="bigquery")
